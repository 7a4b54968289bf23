import { defaultIssuerOf } from '../../domain/sites/oauth-client.ts';
import { siteConfigOf } from '../../domain/sites/site.ts';
import { type Person, decimalId } from '../../domain/users/user.ts';
import type { Ports } from '../../ports/index.ts';
import type { PersonStore } from '../../ports/people.ts';
import { RunAgain, type InOneTransaction } from '../../ports/unit-of-work.ts';
import { linkBatch } from '../adoption/link-people.ts';
import type { Database } from '../database.ts';
import { loginSetName, personColumns, personOf } from '../rows/user-row.ts';
import { flagOf, isLiveRow, numberOf, jsonOf } from '../rows/values.ts';
import { isId, listOf, raw, sql } from '../sql.ts';
import { ambient } from '../unit-of-work.ts';
import { lockedByWriting, personRowsOf, readPerson, type LinkForeignRows } from '../users/read-users.ts';

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
  const { select, change, insert, dialect } = database;
  const forUpdate = raw(dialect.forUpdate);
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

  const made = raw('issuer, externalId, state, createdByUs, isUnclaimed, fetchedAt, loginSetAt, createdAt');

  /** Two that make the same person at once meet at the unique key: the second waits for the first and finds its row. */
  const make = (issuer: string, externalId: string, isOursToRemove: boolean): Promise<number> => {
    const now = clock.now();
    const isSet = sql`SELECT '' FROM civitas_tombstones t WHERE t.fingerprint = ${loginSet(issuer, externalId)} AND t.expiresAt > ${now}`;
    return change(
      sql`INSERT INTO civitas_persons (${made})
          VALUES (${issuer}, ${externalId}, 'active', ${isOursToRemove}, ${false}, NULL, (${isSet}), ${now})
          ${raw(dialect.onConflictUpdate(['issuer', 'externalId']))} version = civitas_persons.version + 1`,
    );
  };

  /** Null where somebody knows them already, or another program has given them a row. Two statements. */
  const makeUnclaimed = async (issuer: string, externalId: string, isOursToRemove: boolean): Promise<Person | null> => {
    const now = clock.now();
    const [seen] = await select(
      sql`SELECT EXISTS (SELECT 1 FROM civitas_persons p WHERE p.issuer = ${issuer} AND p.externalId = ${externalId}) AS isKnown,
          EXISTS (SELECT 1 FROM users w WHERE w.personId IS NULL AND w.externalUserId = ${decimalId(externalId)}) AS isAwaited,
          EXISTS (SELECT 1 FROM civitas_tombstones t WHERE t.fingerprint = ${loginSet(issuer, externalId)} AND t.expiresAt > ${now}) AS isSet`,
    );
    if (flagOf(seen?.['isKnown']) !== false || flagOf(seen?.['isAwaited']) !== false) return null;
    const isSet = flagOf(seen?.['isSet']) === true;
    const id = await insert(
      sql`INSERT INTO civitas_persons (${made})
          VALUES (${issuer}, ${externalId}, 'active', ${isOursToRemove}, ${true}, ${now}, ${isSet ? '' : null}, ${now})`,
    ).catch((error: unknown) => {
      if (dialect.errorKind(error) === 'duplicate') return null;
      throw error;
    });
    const known = { issuer, externalId, state: 'active', fetchedAt: now, isOursToRemove, isUnclaimed: true } as const;
    return id === null ? null : { ...known, id, loginSetAt: isSet ? [] : null, hasUnsaidFields: false };
  };

  const ensureWithRows: PersonStore['ensureWithRows'] = async (issuer, externalId, isOursToRemove, how = {}) => {
    const { lease, isNewByPost = false } = how;
    if (isNewByPost) {
      await lease?.assertHeld();
      const person = await makeUnclaimed(issuer, externalId, isOursToRemove);
      if (person !== null) return { person, rows: [], wasRemoved: false };
    }
    const which = sql`issuer = ${issuer} AND externalId = ${externalId}`;
    const ours = raw(isOursToRemove ? ', createdByUs = 1' : '');
    const lock = (): Promise<boolean> => lockedByWriting(database, which, lease === undefined ? {} : { lease }, ours);
    const decimal = decimalId(externalId);
    // Whoever has rows that wait to be linked is made with these, and not all that they hold is said.
    const isThere = (await lock()) || (decimal !== null && (await link(decimal)) && (await lock()));
    if (!isThere) await make(issuer, externalId, isOursToRemove);
    // Behind the lock: a removal may have been settled while that was waited for.
    const isTold = sql`t.fingerprint = ${tombstone(issuer, externalId)} AND t.expiresAt > ${clock.now()}`;
    const wasRemoved = sql`, EXISTS (SELECT 1 FROM civitas_tombstones t WHERE ${isTold}) AS wasRemoved`;
    const whom = sql`p.issuer = ${issuer} AND p.externalId = ${externalId}`;
    const read = () => readPerson(database, whom, forUpdate, wasRemoved);
    const found = await read();
    const isLinkedNow = found?.isAwaited === true && decimal !== null && (await link(decimal));
    const whole = isLinkedNow ? await read() : found;
    if (whole?.person == null) throw new RunAgain('a person went before it was locked');
    if (isOursToRemove && !whole.person.isOursToRemove)
      await change(sql`UPDATE civitas_persons SET createdByUs = ${true} WHERE id = ${whole.person.id}`);
    const isOurs = whole.person.isOursToRemove || isOursToRemove;
    const person = { ...whole.person, isOursToRemove: isOurs };
    return { ...personRowsOf(whole), person, wasRemoved: flagOf(whole.asked['wasRemoved']) === true };
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

    ensureWithRows,
    ensure: async (issuer, externalId, isOursToRemove) =>
      (await ensureWithRows(issuer, externalId, isOursToRemove)).person,

    withRows: async (issuer, externalId) => {
      const read = () => readPerson(database, sql`p.issuer = ${issuer} AND p.externalId = ${externalId}`, raw(''));
      const found = await read();
      const decimal = found?.isAwaited === true ? decimalId(externalId) : null;
      const whole = decimal !== null && (await link(decimal)) ? await read() : found;
      return whole === null ? null : personRowsOf(whole);
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
      const [row] = await select(
        sql`SELECT ${personColumns} FROM civitas_persons WHERE issuer = ${issuer} AND externalId = ${externalId}`,
      );
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
