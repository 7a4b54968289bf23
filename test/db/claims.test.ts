import type { Database } from '../../src/db/database.ts';
import { claimIn, mustStillHold, takenOrAdded } from '../../src/db/leases.ts';
import { raw, sql, type Sql } from '../../src/db/sql.ts';
import { ClaimLost } from '../../src/ports/outbox.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { fakeClock } from '../support/fakes/clock.ts';

/** Every table with a column for the holder of a row and one for the end, and a row of it. */
const claimed: Readonly<Record<string, { readonly holder: string; readonly until: string; readonly row: string }>> = {
  civitas_leases: {
    holder: '`token`',
    until: '`expiresAt`',
    row: "(`name`, `token`, `expiresAt`) VALUES ('one', '', '1970-01-01')",
  },
  civitas_outbox: {
    holder: 'claim',
    until: 'claimedUntil',
    row: "(topic, `key`, payload, mac, dueAt, createdAt) VALUES ('t', 'k', '{}', '', '1970-01-01', '1970-01-01')",
  },
  civitas_anonymization_runs: {
    holder: 'claim',
    until: 'claimedUntil',
    row: "(siteId, actorId, everywhere, state, plan, planned, lastUserId, startedAt, mac) VALUES (1, 1, 0, 'running', '{}', 0, 0, '1970-01-01', '')",
  },
  civitas_sweeps: {
    holder: 'holder',
    until: 'heldUntil',
    row: "(name, position, checked, beganAt) VALUES ('one', 0, 0, '1970-01-01')",
  },
};
const lifeMs = 1000;

let test: TestDatabase;
beforeAll(async () => {
  test = await openTestDatabase();
});
afterAll(() => test.close());

describe.each(Object.entries(claimed))('a claim on a row of %s', (name, { holder, until, row }) => {
  const clock = fakeClock();
  const table = raw(name);
  const claims = claimIn({ holder, until }, clock);
  const change = (statement: Sql): Promise<number> => test.database.change(statement);
  const take = async (token: string): Promise<boolean> =>
    (await change(sql`UPDATE ${table} SET ${claims.taken(token, lifeMs)} WHERE ${claims.isFree()}`)) === 1;
  const isHeldBy = async (token: string): Promise<boolean> =>
    (await test.database.select(sql`SELECT 1 AS held FROM ${table} WHERE ${claims.isHeldBy(token)}`)).length === 1;
  beforeEach(async () => {
    await change(sql`DELETE FROM ${table}`);
    await change(sql`INSERT INTO ${table} ${raw(row)}`);
  });

  it('is one holder’s, however many take it at once', async () => {
    const tokens = Array.from({ length: 10 }, (_none, at) => `token-${at}`);
    const taken = await Promise.all(tokens.map(take));
    expect(taken.filter(Boolean)).toHaveLength(1);
    expect(await isHeldBy(tokens[taken.indexOf(true)] ?? '')).toBe(true);
  });

  it('ends: then it is whose who takes it next, and its former holder finds that', async () => {
    expect(await take('one')).toBe(true);
    clock.advance(lifeMs - 1);
    expect(await take('two')).toBe(false);
    clock.advance(1);
    expect([await isHeldBy('one'), await take('two')]).toEqual([true, true]);
    const settled = await change(sql`DELETE FROM ${table} WHERE ${claims.isHeldBy('one')}`);
    expect(() => {
      mustStillHold(settled);
    }).toThrow(ClaimLost);
    expect(await isHeldBy('two')).toBe(true);
  });

  it('is held on to for a whole life more', async () => {
    await take('one');
    clock.advance(lifeMs - 1);
    await change(sql`UPDATE ${table} SET ${claims.taken('one', lifeMs)} WHERE ${claims.isHeldBy('one')}`);
    clock.advance(lifeMs - 1);
    expect(await take('two')).toBe(false);
  });

  // A lease that is given back is gone.
  if (name !== 'civitas_leases')
    it('is free at once when it is given back', async () => {
      await take('one');
      await change(sql`UPDATE ${table} SET ${claims.givenBack} WHERE ${claims.isHeldBy('one')}`);
      expect([await isHeldBy('one'), await take('two')]).toEqual([false, true]);
    });
});

describe('a row that is claimed as it is made', () => {
  const takes = raw("UPDATE civitas_leases SET `token` = 'mine' WHERE `name` = 'new' AND `token` = ''");
  const adds = raw("INSERT INTO civitas_leases (`name`, `token`, `expiresAt`) VALUES ('new', 'mine', '1970-01-01')");
  const changed = (answers: readonly (number | null)[]) => {
    const sent: Sql[] = [];
    return { sent, change: async (statement: Sql) => answers[sent.push(statement) - 1] ?? null };
  };

  it('is added where none is there to take, and only there', async () => {
    const { database }: { readonly database: Database } = test;
    expect(await takenOrAdded(database.changeOnce, takes, adds)).toBe(true);
    await database.change(raw("UPDATE civitas_leases SET `token` = '' WHERE `name` = 'new'"));
    expect(await takenOrAdded(database.changeOnce, takes, adds)).toBe(true);
  });

  it('is not taken over a conflict, as others were quicker', async () => {
    for (const answers of [[null], [0, null], [0, 0]]) {
      const { sent, change } = changed(answers);
      expect([await takenOrAdded(change, takes, adds), sent]).toEqual([false, [takes, adds].slice(0, answers.length)]);
    }
  });
});
