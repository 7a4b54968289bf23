import { RunAgain } from '../ports/unit-of-work.ts';
import type { PersonStore } from '../ports/person-store.ts';
import type { Ports } from '../ports/index.ts';
import type { Database } from './database.ts';
import { isId } from './ids.ts';
import { lockPerson } from './person-lock.ts';
import { personColumns, personOf } from './rows/person-row.ts';
import { numberOf } from './rows/values.ts';
import { raw, sql } from './sql.ts';

const tombstoneDays = 30;
const dayMs = 86_400_000;

export const personStore = (database: Database, { clock, secrets }: Pick<Ports, 'clock' | 'secrets'>): PersonStore => {
  const { select, change, dialect } = database;
  const fingerprint = (issuer: string, externalId: string): string =>
    secrets.fingerprint(JSON.stringify(['tombstone', issuer, externalId]));

  const idOf = async (issuer: string, externalId: string): Promise<number | null> => {
    const [row] = await select(sql`SELECT id FROM persons WHERE issuer = ${issuer} AND externalId = ${externalId}`);
    return numberOf(row?.['id']);
  };

  /** Two that make the same person at once meet at the unique key: the second waits for the first and finds its row. */
  const make = async (issuer: string, externalId: string, ours: boolean): Promise<number> => {
    await change(
      sql`INSERT INTO persons (issuer, externalId, state, ours, createdAt)
          VALUES (${issuer}, ${externalId}, 'active', ${ours}, ${clock.now()})
          ${raw(dialect.whenThere(['issuer', 'externalId']))} version = persons.version + 1`,
    );
    const id = await idOf(issuer, externalId);
    if (id === null) throw new RunAgain('a person went while it was made');
    return id;
  };

  return {
    find: async (id) => {
      if (!isId(id)) return null;
      const [row] = await select(sql`SELECT ${personColumns} FROM persons WHERE id = ${id}`);
      return personOf(row);
    },

    byExternalId: async (issuer, externalId) => {
      const [row] = await select(
        sql`SELECT ${personColumns} FROM persons WHERE issuer = ${issuer} AND externalId = ${externalId}`,
      );
      return personOf(row);
    },

    ensure: async (issuer, externalId, ours) => {
      const id = (await idOf(issuer, externalId)) ?? (await make(issuer, externalId, ours));
      const person = await lockPerson(database, id);
      if (person === null) throw new RunAgain('a person went before it was locked');
      if (person.ours || !ours) return person;
      await change(sql`UPDATE persons SET ours = ${true} WHERE id = ${id}`);
      return { ...person, ours };
    },

    setState: async (id, state) => {
      await change(sql`UPDATE persons SET state = ${state} WHERE id = ${id}`);
    },

    setFetchedAt: async (id, fetchedAt) => {
      await change(sql`UPDATE persons SET fetchedAt = ${fetchedAt} WHERE id = ${id}`);
    },

    remove: async (id, hasRows = true) => {
      // The external id goes with the link, else the row would be taken for this person's again.
      if (hasRows) await change(sql`UPDATE users SET personId = NULL, externalUserId = NULL WHERE personId = ${id}`);
      await change(sql`DELETE FROM persons WHERE id = ${id}`);
    },

    entomb: async (issuer, externalId) => {
      const until = new Date(clock.now().getTime() + tombstoneDays * dayMs);
      await change(
        sql`INSERT INTO tombstones (fingerprint, until) VALUES (${fingerprint(issuer, externalId)}, ${until})
            ${raw(dialect.whenThere(['fingerprint']))} until = ${raw(dialect.brought('until'))}`,
      );
    },

    isEntombed: async (issuer, externalId) => {
      const found = await select(
        sql`SELECT 1 AS found FROM tombstones WHERE fingerprint = ${fingerprint(issuer, externalId)} AND until > ${clock.now()}`,
      );
      return found.length > 0;
    },

    forgetExpired: async (now) => {
      await change(sql`DELETE FROM tombstones WHERE until < ${now}`);
      await change(sql`DELETE FROM leases WHERE until < ${now}`);
    },
  };
};
