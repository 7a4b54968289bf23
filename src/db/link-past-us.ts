import { defaultIssuerOf } from '../domain/sites/oauth-client.ts';
import { siteConfigOf } from '../domain/sites/site-config.ts';
import type { UserRow } from '../domain/users/user.ts';
import type { Ports } from '../ports/index.ts';
import type { InOneTransaction } from '../ports/unit-of-work.ts';
import { ambient } from './ambient.ts';
import { linkBatch } from './adoption/link-batch.ts';
import type { Database } from './database.ts';
import { jsonOf, numberOf } from './rows/values.ts';
import { sql } from './sql.ts';

/** Gives all rows with this external id their person, if any waits for one, and answers whether one was linked. */
export type LinkPastUs = (externalUserId: number) => Promise<boolean>;
export interface LinkOptions extends Pick<Ports, 'clock' | 'secrets'> {
  /** Whose people the sites without an OAuth server of their own have. */
  readonly globalIssuer?: string | null;
}

/** An OpenStad API beside us made the row, or gave it to somebody else: it names its person by the external id alone. */
export const isUnlinked = <T extends Pick<UserRow, 'personId' | 'externalUserId'>>(
  row: T | undefined,
): row is T & { readonly externalUserId: number } => row?.personId === null && row.externalUserId !== null;

/**
 * What adoption does for a whole database, for one external id, whenever such a row is met: until then its person would get a second
 * row by logging in with us, and would stay at the OAuth server when it goes. One statement where nothing waits. Source: running.md,
 * "Adopting"; docs/adr/0019.
 */
export const linkPastUs =
  (
    database: Database,
    inOneTransaction: InOneTransaction,
    { clock, secrets, globalIssuer = null }: LinkOptions,
  ): LinkPastUs =>
  async (externalUserId) => {
    // A snapshot only reads.
    if (ambient()?.kind === 'snapshot') return false;
    const sites = await database.select(
      sql`SELECT DISTINCT s.id, s.config FROM users u JOIN sites s ON s.id = u.siteId
          WHERE u.personId IS NULL AND u.externalUserId = ${externalUserId}`,
    );
    const issuers = new Map(
      sites.map((site) => [
        numberOf(site['id']) ?? 0,
        defaultIssuerOf(siteConfigOf(jsonOf(site['config'])), globalIssuer),
      ]),
    );
    if ([...issuers.values()].every((issuer) => issuer === null)) return false;
    const linking = { issuers, secrets, now: clock.now() };
    return (await inOneTransaction(() => linkBatch(database, linking, [externalUserId]))) > 0;
  };
