import { defaultIssuerOf } from '../../domain/sites/oauth-client.ts';
import { siteConfigOf } from '../../domain/sites/site.ts';
import type { Database } from '../database.ts';
import { jsonOf, numberOf } from '../rows/values.ts';
import { raw } from '../sql.ts';

/** Each site's issuer, deleted sites too: their people are the same humans. null: the site names none and there is no global one. */
export type Issuers = ReadonlyMap<number, string | null>;

export const readIssuers = async ({ select }: Database, globalIssuer: string | null): Promise<Issuers> => {
  const rows = await select(raw('SELECT id, config FROM sites ORDER BY id LIMIT 100000'));
  return new Map(
    rows.map((row) => [numberOf(row['id']) ?? 0, defaultIssuerOf(siteConfigOf(jsonOf(row['config'])), globalIssuer)]),
  );
};
