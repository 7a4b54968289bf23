import type { Request } from 'express';
import Joi from 'joi';
import { Fault } from '../../domain/fault.ts';
import { consoleSeconds } from '../../domain/session.ts';
import type { Secrets } from '../../ports/platform.ts';
import type { ConsoleClaims } from '../../use-cases/sessions/commands.ts';
import { consoleHeader, cookiesNamed, type Browser, originOf, showsConsole } from '../requests/headers.ts';

/** What it says where a page knows no session yet. */
const anySession = '1';

export interface ConsoleSettings {
  /** As browsers reach us; null: as each request says. */
  readonly publicUrl: string | null;
  readonly secrets: Pick<Secrets, 'seal' | 'open'>;
}
/** What a request from the console shows: whose session, and by which name the page means it. */
export interface ShownSession extends ConsoleClaims {
  /** Whether the session is the one that the page was told of. */
  readonly isMeant: boolean;
}
export type ReadConsole = (request: Request) => ShownSession | null;

/**
 * The session that a request from a page of our own shows by its cookie; null where it is not from the console. Whoever says that they
 * are the console is never taken for a visitor. Fault `unauthenticated`. Source: people.md §6, docs/adr/0027.
 */
export const consoleReader =
  ({ publicUrl, secrets }: ConsoleSettings): ReadConsole =>
  (request) => {
    const said = request.get(consoleHeader);
    if (said === undefined) return null;
    const own = publicUrl ?? originOf(request);
    if (own === null || !isFromOwnPage(request, new URL(own).origin))
      throw notValid('A session at the console counts for its own pages only.');
    const [value, ...more] = cookiesNamed(request.get('cookie') ?? '', nameAt(own));
    // Under another name than there is one here: not counted as nobody's, so as what is wrong.
    if (value === undefined && showsConsole(request)) throw notValid('The session is not valid, or not any more.');
    if (value === undefined)
      throw new Fault('unauthenticated', { reason: 'no-token' }, 'There is no session at the console.');
    // Of two, one was put there by somebody else: nothing says which.
    const claims = more.length > 0 ? null : opened(secrets, value);
    if (claims === null) throw notValid('The session is not valid, or not any more.');
    return { ...claims, isMeant: said === anySession || said === claims.jti };
  };

/** Browsers say `Sec-Fetch-Site` over https and to this machine; where one does not, it has to say an origin. */
const isFromOwnPage = (request: Request, own: string): boolean => {
  const site = request.get('sec-fetch-site');
  return site === undefined ? request.get('origin') === own : site === 'same-origin';
};

const nameAt = (own: string): string => `${own.startsWith('https:') ? '__Host-' : ''}civitas-console`;

/** Leaves the session with the browser, or takes it back (null). Under https no neighbouring host can put one there. */
export const keepConsole = (
  { secrets }: Pick<ConsoleSettings, 'secrets'>,
  { setCookie }: Pick<Browser, 'setCookie'>,
  own: string,
  claims: ConsoleClaims | null,
): void => {
  const attributes = `Path=/; HttpOnly; SameSite=Strict${own.startsWith('https:') ? '; Secure' : ''}`;
  const value = claims === null ? '' : secrets.seal('console session', JSON.stringify(claims));
  setCookie(`${nameAt(own)}=${value}; Max-Age=${claims === null ? 0 : consoleSeconds}; ${attributes}`);
};

const shape = Joi.object<ConsoleClaims, true>({
  jti: Joi.string().required(),
  personId: Joi.number().integer().positive().required(),
}).unknown();

const opened = ({ open }: Pick<Secrets, 'open'>, value: string): ConsoleClaims | null => {
  const text = open('console session', value);
  if (text === null) return null;
  const result: Joi.ValidationResult<ConsoleClaims> = shape.validate(JSON.parse(text), { convert: false });
  return result.error === undefined ? { jti: result.value.jti, personId: result.value.personId } : null;
};

export const notValid = (detail: string): Fault<'unauthenticated'> =>
  new Fault('unauthenticated', { reason: 'invalid-token' }, detail);
