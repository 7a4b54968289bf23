import { mergedConfig } from '../../domain/sites/config-merge.ts';
import { type FieldError, invalidValues } from '../../domain/fault.ts';
import { entriesIn, maxEntries, sameJson, type Json, type JsonObject } from '../../domain/json.ts';
import { oauthSetErrors } from '../../domain/people/oauth-set.ts';
import { siteConfigOf, type Site, type SiteValues } from '../../domain/sites/site.ts';
import type { Ports } from '../../ports/index.ts';
import type { ConfigErrors, SiteChange } from './commands.ts';

type Before = Pick<Site, 'name' | 'title' | 'domain' | 'areaId' | 'rawConfig'>;

/** What a site would hold after a change; nobody has looked yet whether that is right. */
export interface MergedSite {
  readonly values: SiteValues;
  /** The top-level things that differ; config by its own top-level keys. For rights and for the log. */
  readonly changed: readonly string[];
  /**
   * Of what was there before only what changes is looked at: a client may send back an old value that nobody would accept today.
   * Fault `invalid-values`, one entry per wrong value.
   */
  readonly mustBeRight: () => void;
}

export const mergedSite = (
  { settings }: Pick<Ports, 'settings'>,
  before: Before,
  { config: sent, ...fields }: SiteChange,
  configErrors: ConfigErrors,
): MergedSite => {
  const { name, title, domain, areaId } = { ...before, ...fields };
  const { config, errors: masks } =
    sent === undefined ? { config: before.rawConfig, errors: [] } : mergedConfig(before.rawConfig, sent);
  const values = { name, title, domain, areaId, config };
  return {
    values,
    changed: differences(before, values),
    mustBeRight: () => {
      if (sent === undefined) return;
      const change = { before: before.rawConfig, after: config };
      const found = [...masks, ...sizeErrors(before.rawConfig, config), ...configErrors(change)];
      // Settings that cannot be read say nothing about the set that they make.
      mustBeRight(found.length > 0 ? found : oauthSetErrors({ ...change, sent }, settings));
    },
  };
};

const differences = (before: Before, { config, ...fields }: SiteValues): readonly string[] => [
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

/**
 * As much as one body may bring: merged in many times, it must not grow for ever, as every request at the site reads it. One that
 * is larger already may shrink, and stay.
 */
const sizeErrors = (before: JsonObject, config: JsonObject): readonly FieldError[] =>
  sizes
    .filter(({ measure, most }) => measure(config) > most && measure(config) > measure(before))
    .map(({ words }) => ({ pointer: '/config', detail: `would hold over ${words} with what is there already` }));
const sizes = [
  { measure: (config: JsonObject) => JSON.stringify(config).length, most: 1024 * 1024, words: '1 MB' },
  { measure: entriesIn, most: maxEntries, words: `${maxEntries} keys and list items` },
] as const;

/** Fault `invalid-values` for these, if any. */
export const mustBeRight = (errors: readonly FieldError[]): void => {
  if (errors.length > 0) throw invalidValues(errors);
};

const own = (object: JsonObject, key: string): Json | undefined =>
  Object.hasOwn(object, key) ? object[key] : undefined;
