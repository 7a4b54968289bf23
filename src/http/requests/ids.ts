import Joi from 'joi';
import { Fault } from '../../domain/fault.ts';

/** A positive safe integer in plain decimal (`007`, `1e3`, `+1` are none), or null. */
export const idOf = (text: string): number | null => {
  if (!/^[1-9]\d{0,15}$/.test(text)) return null;
  const id = Number(text);
  return Number.isSafeInteger(id) ? id : null;
};

/** The site's id in an address. Fault `site-not-found` for what can be none. Source: user-api.md §3. */
export const siteIdOf = (text: string): number => {
  const id = idOf(text);
  if (id === null) throw new Fault('site-not-found', {});
  return id;
};

/** The user's id in an address. Fault `user-not-found` for what can be none. */
export const userIdOf = (text: string): number => {
  const id = idOf(text);
  if (id === null) throw new Fault('user-not-found', {});
  return id;
};

/** A host, with or without port. */
export const isDomain = (text: string): boolean =>
  text.length <= 255 && /^[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?::\d{1,5})?$/i.test(text);

/** A boolean in a query. Source: user-api.md §3 "Activity". */
export type Flag = '1' | '0' | 'true' | 'false';
export const flag = Joi.string().valid('1', '0', 'true', 'false');
export const isTrue = (value: Flag | undefined): boolean => value === '1' || value === 'true';

/** For calls that heed no query parameter; unknown ones are ignored everywhere. */
export const nothing = Joi.object<Readonly<Record<string, never>>>({});
