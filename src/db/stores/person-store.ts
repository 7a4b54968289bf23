import { defaultIssuerOf } from '../../domain/sites/oauth-client.ts';
import { siteConfigOf } from '../../domain/sites/site.ts';
import { type Person, decimalId } from '../../domain/users/user.ts';
import type { Ports } from '../../ports/index.ts';
import type { PersonStore } from '../../ports/people.ts';
import { RunAgain, type InOneTransaction } from '../../ports/unit-of-work.ts';
import { linkBatch } from '../adoption/link-people.ts';
import type { Database } from '../database.ts';
import { loginSetName, personColumns, personOf } from '../rows/user-row.ts';
import { isLiveRow, numberOf, jsonOf } from '../rows/values.ts';
import { isId, listOf, raw, sql } from '../sql.ts';
import { ambient } from '../unit-of-work.ts';

/**
 * Of people removed at the OAuth server, and of those whom a client anonymized or deleted: how long asking again is answered as
 * done. Whoever changes the number looks for `30 days` in src/, docs/ and test/, too.
 */
const tombstoneDays = 30;
/** Until nobody would think of it: what was set stays at the OAuth server. */
const loginSetDays = 3650;
const dayMs = 86_400_000;

export const personStore = (
  database: Database,
  { clock, secrets }: Pick<Ports, 'clock' | 'secrets'>,
  link: LinkForeignRows,
): PersonStore => {
  const { select, change, dialect } = database;
  const tombstone = (issuer: string, externalId: string): string =>
    secrets.fingerprint('tombstone', JSON.stringify([issuer, externalId]));
  const loginSet = (issuer: string, externalId: string): string => loginSetName(secrets, { issuer, externalId });

  const remember = async (fingerprint: string, days: number): Promise<void> => {
    const until = new Date(clock.now().getTime() + days * dayMs);
    await change(
      sql`INSERT INTO civitas_tombstones (fingerprint, expiresAt) VALUES (${fingerprint}, ${until})
          ${raw(dialect.onConflictUpdate(['fingerprint']))} expiresAt = ${raw(dialect.brought('expiresAt'))}`,
    );
  };
  const isRemembered = async (fingerprint: string): Promise<boolean> => {
    const found = await select(
      sql`SELECT 1 AS found FROM civitas_tombstones WHERE fingerprint = ${fingerprint} AND expiresAt > ${clock.now()}`,
    );
    return found.length > 0;
  };

  const idOf = async (issuer: string, externalId: string): Promise<number | null> => {
    const [row] = await select(
      sql`SELECT id FROM civitas_persons WHERE issuer = ${issuer} AND externalId = ${externalId}`,
    );
    return numberOf(row?.['id']);
  };

  /** Two that make the same person at once meet at the unique key: the second waits for the first and finds its row. */
  const make = async (issuer: string, externalId: string, isOursToRemove: boolean): Promise<number> => {
    const isSet = await isRemembered(loginSet(issuer, externalId));
    await change(
      sql`INSERT INTO civitas_persons (issuer, externalId, state, createdByUs, loginSetAt, createdAt)
          VALUES (${issuer}, ${externalId}, 'active', ${isOursToRemove}, ${isSet ? '' : null}, ${clock.now()})
          ${raw(dialect.onConflictUpdate(['issuer', 'externalId']))} version = civitas_persons.version + 1`,
    );
    const id = await idOf(issuer, externalId);
    if (id === null) throw new RunAgain('a person went while it was made');
    return id;
  };

  return {
    find: async (id) => {
      if (!isId(id)) return null;
      const [row] = await select(sql`SELECT ${personColumns} FROM civitas_persons WHERE id = ${id}`);
      return personOf(row);
    },

    byExternalId: async (issuer, externalId) => {
      const [row] = await select(
        sql`SELECT ${personColumns} FROM civitas_persons WHERE issuer = ${issuer} AND externalId = ${externalId}`,
      );
      return personOf(row);
    },

    idAt: async (siteIds, issuer, externalId) => {
      const known = sql`(SELECT p.id FROM civitas_persons p WHERE p.issuer = ${issuer} AND p.externalId = ${externalId})`;
      const isThere = sql`u.siteId IN ${listOf(siteIds)} AND ${isLiveRow('u')}`;
      // 0 is nobody's id: somebody who is not known takes the same look, and as long.
      const linked = sql`SELECT u.personId AS id FROM users u WHERE u.personId = COALESCE(${known}, 0) AND ${isThere}`;
      const number = decimalId(externalId);
      const waiting = sql`SELECT ${known} AS id FROM users u
                          WHERE u.personId IS NULL AND u.externalUserId = ${number} AND ${isThere}`;
      const [row] = await select(sql`${linked}${number === null ? raw('') : sql` UNION ALL ${waiting}`} LIMIT 1`);
      return numberOf(row?.['id']);
    },

    ensure: async (issuer, externalId, isOursToRemove) => {
      const decimal = decimalId(externalId);
      if (decimal !== null) await link(decimal);
      const id = (await idOf(issuer, externalId)) ?? (await make(issuer, externalId, isOursToRemove));
      const person = await lockPerson(database, id);
      if (person === null) throw new RunAgain('a person went before it was locked');
      if (person.isOursToRemove || !isOursToRemove) return person;
      await change(sql`UPDATE civitas_persons SET createdByUs = ${true} WHERE id = ${id}`);
      return { ...person, isOursToRemove };
    },

    setState: async (id, state) => {
      await change(sql`UPDATE civitas_persons SET state = ${state} WHERE id = ${id}`);
    },

    setUnclaimed: async (id, isUnclaimed) => {
      await change(sql`UPDATE civitas_persons SET isUnclaimed = ${isUnclaimed} WHERE id = ${id}`);
    },

    setLoginSetAt: async (id, siteIds) => {
      await change(sql`UPDATE civitas_persons SET loginSetAt = ${siteIds?.join(' ') ?? null} WHERE id = ${id}`);
    },

    rememberLoginSet: (issuer, externalId) => remember(loginSet(issuer, externalId), loginSetDays),

    loginSetAt: async (issuer, externalId) => {
      const id = await idOf(issuer, externalId);
      const [row] = id === null ? [] : await select(sql`SELECT ${personColumns} FROM civitas_persons WHERE id = ${id}`);
      const person = personOf(row);
      if (person !== null) return person.loginSetAt;
      return (await isRemembered(loginSet(issuer, externalId))) ? [] : null;
    },

    setSaid: async (id) => {
      await change(sql`UPDATE civitas_persons SET hasUnsaidFields = ${false} WHERE id = ${id}`);
    },

    setFetchedAt: async (id, fetchedAt) => {
      await change(sql`UPDATE civitas_persons SET fetchedAt = ${fetchedAt} WHERE id = ${id}`);
    },

    remove: async (id, hasRows = true) => {
      // The external id goes with the link, else the row would be taken for this person's again.
      if (hasRows) await change(sql`UPDATE users SET personId = NULL, externalUserId = NULL WHERE personId = ${id}`);
      await change(sql`DELETE FROM civitas_persons WHERE id = ${id}`);
    },

    addTombstone: (issuer, externalId) => remember(tombstone(issuer, externalId), tombstoneDays),

    hasTombstone: (issuer, externalId) => isRemembered(tombstone(issuer, externalId)),

    forgetExpired: async (now) => {
      await change(sql`DELETE FROM civitas_tombstones WHERE expiresAt < ${now}`);
      await change(sql`DELETE FROM civitas_leases WHERE expiresAt < ${now}`);
    },
  };
};

/**
 * Locks a person by writing its `version`: on a cluster FOR UPDATE is local to a node, and only a write makes two units of one
 * person collide. False when there is no such person. Source: docs/adr/0002.
 */
export const wroteVersion = async ({ change }: Database, id: number): Promise<boolean> =>
  (await change(sql`UPDATE civitas_persons SET version = version + 1 WHERE id = ${id}`)) > 0;

/** Locks a person and reads it. Null when there is no such person. */
const lockPerson = async (database: Database, id: number): Promise<Person | null> => {
  if (!(await wroteVersion(database, id))) return null;
  const [row] = await database.select(sql`SELECT ${personColumns} FROM civitas_persons WHERE id = ${id}`);
  return personOf(row);
};

/** Gives all rows with this external id their person, if any waits for one, and answers whether one was linked. */
export type LinkForeignRows = (externalUserId: number) => Promise<boolean>;
export interface LinkOptions extends Pick<Ports, 'clock' | 'secrets'> {
  /** Whose people the sites without an OAuth server of their own have. */
  readonly globalIssuer?: string | null;
}

/**
 * What adoption does for a whole database, for one external id, whenever such a row is met: until then its person would get a second
 * row by logging in with us, and would stay at the OAuth server when it goes. One statement where nothing waits. Source: running.md,
 * "Adopting"; docs/adr/0019.
 */
export const linkForeignRows =
  (
    database: Database,
    inOneTransaction: InOneTransaction,
    { clock, secrets, globalIssuer = null }: LinkOptions,
  ): LinkForeignRows =>
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
