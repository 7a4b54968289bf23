import { mergedConfig } from '../domain/config-merge.ts';
import { Fault, type FieldError } from '../domain/fault.ts';
import { sameJson, type Json, type JsonObject } from '../domain/json.ts';
import { valueAt } from '../domain/json-pointer.ts';
import { oauthSetErrors } from '../domain/oauth-set.ts';
import { siteConfigOf } from '../domain/site-config.ts';
import type { Site, SiteValues } from '../domain/site.ts';
import type { Ports } from '../ports/index.ts';
import type { ConfigErrors, SiteChange } from './commands.ts';

type Before = Pick<Site, 'name' | 'title' | 'domain' | 'areaId' | 'rawConfig'>;

/**
 * What a site holds after a change. Of what was there before only what changes is looked at: a client may send back an old value
 * that nobody would accept today. Fault `invalid-values`, one entry per wrong value.
 */
export const changedSite = (
  { settings }: Pick<Ports, 'settings'>,
  before: Before,
  { config: sent, ...fields }: SiteChange,
  configErrors: ConfigErrors,
): SiteValues => {
  const { name, title, domain, areaId } = { ...before, ...fields };
  if (sent === undefined) return { name, title, domain, areaId, config: before.rawConfig };
  const { config, errors: masks } = mergedConfig(before.rawConfig, sent);
  const wrong = configErrors(config).filter(({ pointer }) => !isAsBefore(before.rawConfig, config, pointer));
  const found = [...masks, ...sizeErrors(before.rawConfig, config), ...wrong];
  // Settings that cannot be read say nothing about the set that they make.
  mustBeRight(found.length > 0 ? found : oauthSetErrors({ before: before.rawConfig, after: config, sent }, settings));
  return { name, title, domain, areaId, config };
};

/** The top-level things that differ; config by its own top-level keys. For rights and for the log. */
export const differences = (before: Before, { config, ...fields }: SiteValues): readonly string[] => [
  ...(['name', 'title', 'domain', 'areaId'] as const).filter((field) => before[field] !== fields[field]),
  ...[...new Set([...Object.keys(before.rawConfig), ...Object.keys(config)])]
    .filter((key) => !sameJson(own(before.rawConfig, key), own(config, key)))
    .map((key) => `config.${key}`),
];

/** The values as a site, for who presents it without reading it again. */
export const asSite = (
  id: number,
  { config, ...fields }: SiteValues,
  dates: Pick<Site, 'createdAt' | 'updatedAt'>,
): Site => ({
  id,
  ...fields,
  ...dates,
  config: siteConfigOf(config),
  rawConfig: config,
});

/** As much as one body may bring: merged in many times, it must not grow for ever, as every request at the site reads it. */
const mostCharacters = 1024 * 1024;

/** One that is larger already may shrink, and stay. */
const sizeErrors = (before: JsonObject, config: JsonObject): readonly FieldError[] => {
  const size = JSON.stringify(config).length;
  return size <= mostCharacters || size <= JSON.stringify(before).length
    ? []
    : [{ pointer: '/config', detail: 'would hold over 1 MB with what is there already' }];
};

/** Who sends a megabyte of mistakes need not read them all. */
const mostErrors = 50;

/** Fault `invalid-values` for these, if any. */
export const mustBeRight = (errors: readonly FieldError[]): void => {
  if (errors.length === 0) return;
  const told = errors.slice(0, mostErrors);
  const detail = told.map((error) => `${error.pointer}: ${error.detail}`).join('; ');
  throw new Fault('invalid-values', { errors: told }, detail);
};

const isAsBefore = (before: JsonObject, after: JsonObject, pointer: string): boolean =>
  sameJson(valueAt({ config: before }, pointer), valueAt({ config: after }, pointer));

const own = (object: JsonObject, key: string): Json | undefined =>
  Object.hasOwn(object, key) ? object[key] : undefined;
