import type { UserRow } from '../../src/domain/users/user.ts';
import { createStores } from '../../src/db/index.ts';
import { raw } from '../../src/db/sql.ts';
import { foreignWritesStore } from '../../src/db/stores/foreign-writes-store.ts';
import { aDay, anActor, aNewRow, aSite } from '../support/builders.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { fakeClock } from '../support/fakes/clock.ts';
import { fakeLog } from '../support/fakes/log.ts';
import { fakeSecrets } from '../support/fakes/secrets.ts';

let test: TestDatabase;
beforeAll(async () => {
  test = await openTestDatabase();
  const { rawConfig, ...site } = aSite({ id: 1 });
  await test.database.rows.sites.create({ ...site, config: rawConfig, hostStatus: {}, deletedAt: null });
});
afterAll(() => test.close());

const words = async (): Promise<readonly unknown[]> =>
  (await test.database.select(raw('SELECT word FROM civitas_user_words ORDER BY word'))).map(({ word }) => word);

describe('a row that was changed past this API', () => {
  it.each<[string, Partial<UserRow>]>([
    ['soft-deleted', { deletedAt: aDay }],
    ['emptied', { firstName: null, lastName: null }],
    ['renamed', { firstName: 'Elders' }],
  ])('(%s) has no words left once it is anonymized here', async (_what, past) => {
    const settings = { oauthTimeLimitMs: 3000, siteCacheSeconds: 60 };
    const around = { clock: fakeClock(), secrets: fakeSecrets(), log: fakeLog() };
    const { users, inOneTransaction } = createStores(test.database, { ...around, ...settings });
    const id = await inOneTransaction(() => users.insert(aNewRow({ siteId: 1, firstName: 'Hier', lastName: 'Zo' })));
    expect(await words()).toEqual(['hier', 'zo']);
    await test.database.rows.users.update({ ...past }, { where: { id } });

    await inOneTransaction(async () => {
      const held = await users.personOf(1, id, 'locked', 'hidden');
      const gone = { firstName: 'Gebruiker', lastName: 'verwijderd', anonymizedAt: aDay };
      await users.save((held?.rows ?? []).map((before) => ({ before, after: { ...before, ...gone } })));
    });

    expect(await words()).toEqual([]);
  });
});

describe('a nick name that was written past this API', () => {
  const settings = { oauthTimeLimitMs: 3000, siteCacheSeconds: 60 };
  const around = { clock: fakeClock(), secrets: fakeSecrets(), log: fakeLog() };
  const shownAs = { 'nick-name-or-full-name': 'echt', 'nick-name': 'deelnemer' } as const;

  it('hides the real name from the next search on; of blanks, it is none once words are put right', async () => {
    const { users, inOneTransaction } = createStores(test.database, { ...around, ...settings });
    const foreignWrites = foreignWritesStore(test.database, { ...around, inOneTransaction });
    const said = { siteId: 1, listableByRole: 'all', firstName: 'Echt' } as const;
    const id = await inOneTransaction(() => users.insert(aNewRow(said)));
    const found = (naming: keyof typeof shownAs): Promise<number> =>
      users.count({
        ...{ siteId: 1, actor: anActor(), role: 'all', conditions: [], limit: 10 },
        ...{ sort: { field: 'id', direction: 'ASC' }, search: { words: [shownAs[naming]], naming } },
      });
    const foundAsNobody = async () => [await found('nick-name-or-full-name'), await found('nick-name')];
    const write = (nickName: string | null) => test.database.rows.users.update({ nickName }, { where: { id } });

    expect(await foundAsNobody()).toEqual([1, 1]);
    for (const nickName of ['🙂', 'Zorro', ' \u200B ', '\u2800']) {
      await write(nickName);
      expect([nickName, await foundAsNobody()]).toEqual([nickName, [0, 0]]);
      await foreignWrites.putWordsRight(0, 100);
      const isSeen = nickName === '🙂' || nickName === 'Zorro';
      expect([nickName, await foundAsNobody()]).toEqual([nickName, isSeen ? [0, 0] : [1, 1]]);
      await write(null);
      await foreignWrites.putWordsRight(0, 100);
      expect(await foundAsNobody()).toEqual([1, 1]);
    }
  });
});
