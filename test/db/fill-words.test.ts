import { setTimeout as pause } from 'node:timers/promises';
import { searchWords } from '../../src/domain/users/personal-text.ts';
import type { UserRow } from '../../src/domain/users/user.ts';
import { createStores, type Database } from '../../src/db/index.ts';
import { raw } from '../../src/db/sql.ts';
import { fillWords } from '../../src/db/users/words-and-counts.ts';
import { aDay, aNewRow, aSite } from '../support/builders.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { fakeClock } from '../support/fakes/clock.ts';
import { fakeLog } from '../support/fakes/log.ts';
import { fakeSecrets } from '../support/fakes/secrets.ts';

let test: TestDatabase;
beforeEach(async () => {
  test = await openTestDatabase();
});
afterEach(() => test.close());

/** Rows as they were before there were words: written past the store. */
const history = async (rows: readonly (Partial<UserRow> & { readonly id: number })[]): Promise<readonly UserRow[]> => {
  const sites = [...new Set(rows.map(({ siteId }) => siteId ?? 1))];
  await test.database.rows.sites.bulkCreate(
    sites.map((id) => {
      const { rawConfig, ...site } = aSite({ id });
      return { ...site, config: rawConfig, hostStatus: {}, deletedAt: null };
    }),
  );
  const whole = rows.map((said) => ({ ...aNewRow({ siteId: 1, ...said }), id: said.id }));
  await test.database.rows.users.bulkCreate(whole.map((row) => ({ ...row })));
  return whole;
};

const wordsKept = async (): Promise<readonly string[]> =>
  (await test.database.select(raw('SELECT siteId, userId, source, word FROM civitas_user_words')))
    .map(({ siteId, userId, source, word }) => [siteId, userId, source, word].join(' '))
    .sort();
const wordsOfAll = (rows: readonly UserRow[]): readonly string[] =>
  rows
    .flatMap((row) => searchWords(row).map(({ source, word }) => [row.siteId, row.id, source, word].join(' ')))
    .sort();

/** The same database, which breaks before its (n+1)th change. */
const breakingAfter = (changes: number): Database => {
  let done = 0;
  return {
    ...test.database,
    change: (statement) => {
      done += 1;
      return done > changes ? Promise.reject(new Error('broken off')) : test.database.change(statement);
    },
  };
};

const many = (count: number): readonly (Partial<UserRow> & { readonly id: number })[] =>
  Array.from({ length: count }, (_none, at) => ({
    id: at + 1,
    siteId: (at % 3) + 1,
    firstName: `Vóór${at}`,
    lastName: `van der ${at % 7}`,
    email: `p${at}@example.org`,
    nickName: at % 5 === 0 ? `Nick ${at}` : null,
    deletedAt: at % 11 === 0 ? aDay : null,
    anonymizedAt: at % 13 === 0 ? aDay : null,
  }));

describe('the words of those who were there before', () => {
  it('are made of every live row, and once', async () => {
    const rows = await history([...many(40), { id: 90, siteId: null, firstName: 'Nergens' }, { id: 91, siteId: 2 }]);
    await fillWords(test.database);
    expect(await wordsKept()).toEqual(wordsOfAll(rows));
    await fillWords(test.database);
    expect(await wordsKept()).toEqual(wordsOfAll(rows));
  });

  it('are made to the end by the run after one that broke off, wherever it did', async () => {
    const rows = await history(
      Array.from({ length: 3300 }, (_none, at) => ({ id: at + 1, siteId: (at % 3) + 1, lastName: `Naam ${at}` })),
    );
    let runs = 0;
    for (let isDone = false; !isDone && runs < 10; runs += 1) {
      isDone = await fillWords(breakingAfter(50)).then(
        () => true,
        (error: unknown) => {
          expect(String(error)).toContain('broken off');
          return false;
        },
      );
      const owners = new Set((await wordsKept()).map((line) => line.split(' ')[1]));
      // Whoever has words has all of them: a batch is there whole, or not at all.
      const some = rows.filter(({ id }) => owners.has(String(id)));
      expect(await wordsKept()).toEqual(wordsOfAll(some));
    }
    expect(runs).toBeGreaterThan(1);
    expect(await wordsKept()).toEqual(wordsOfAll(rows));
  });

  it.each([
    ['renamed', { firstName: 'Nieuw', email: null }],
    ['anonymized', { firstName: 'Gebruiker', lastName: 'verwijderd', anonymizedAt: aDay }],
  ])('are true of somebody who is %s meanwhile', async (_what, change) => {
    const rows = await history(many(20));
    const around = { clock: fakeClock(), secrets: fakeSecrets(), log: fakeLog() };
    const { users, inOneTransaction } = createStores(test.database, {
      ...around,
      oauthTimeLimitMs: 3000,
      siteCacheSeconds: 60,
    });
    const id = 5;
    let saved = (): void => undefined;
    const hasSaved = new Promise<void>((resolve) => (saved = resolve));
    const writing = inOneTransaction(async () => {
      const held = await users.personOf(2, id, 'locked');
      await users.save((held?.rows ?? []).map((before) => ({ before, after: { ...before, ...change } })));
      saved();
      await pause(150);
    });

    await hasSaved;
    await Promise.all([fillWords(test.database), writing]);

    expect(await wordsKept()).toEqual(wordsOfAll(rows.map((row) => (row.id === id ? { ...row, ...change } : row))));
  });
});
