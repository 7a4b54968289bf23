import { createStores } from '../../src/db/index.ts';
import { createSecrets } from '../../src/platform/secrets.ts';
import { aNewRow, anId } from '../support/builders.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { fakeClock } from '../support/fakes/clock.ts';
import { fakeLog } from '../support/fakes/log.ts';
import { siteRow } from '../contract/subject.ts';
import { sql } from '../../src/db/sql.ts';

const [older, newer] = [1, 2].map((byte) => Buffer.alloc(32, byte).toString('base64')) as [string, string];
let test: TestDatabase;
beforeAll(async () => {
  test = await openTestDatabase();
});
afterAll(() => test.close());

const clock = fakeClock();
const storesWith = (...keys: readonly string[]) =>
  createStores(test.database, {
    clock,
    secrets: createSecrets(keys),
    log: fakeLog(),
    oauthTimeLimitMs: 3000,
    siteCacheSeconds: 60,
  });

describe('access tokens of sessions', () => {
  it('that an older DATA_KEY sealed are sealed anew, in batches, so that the key can be taken away', async () => {
    const before = storesWith(older);
    const row = siteRow();
    await test.database.rows.sites.create(row);
    const userId = await before.inOneTransaction(() => before.users.insert(aNewRow({ siteId: row.id })));
    const open = (stores: typeof before, jti: string, accessToken: string | null) => {
      const now = clock.now();
      const dates = { checkedAt: now, createdAt: now, expiresAt: new Date(now.getTime() + 3_600_000) };
      return stores.sessions.open({
        jti,
        userId,
        provider: 'default',
        accessToken,
        accessTokenExpiresAt: null,
        sid: null,
        ...dates,
      });
    };
    const names = Array.from({ length: 5 }, () => `old-${anId()}`);
    for (const jti of names) await open(before, jti, `token of ${jti}`);
    await open(before, 'without', null);
    await open(storesWith(Buffer.alloc(32, 9).toString('base64')), 'unopenable', 'token');
    const both = storesWith(newer, older);
    await open(both, 'new', 'token of new');

    expect([await both.sessions.reseal(4), await both.sessions.reseal(4), await both.sessions.reseal(4)]).toEqual([
      4, 2, 0,
    ]);

    const after = storesWith(newer);
    for (const jti of [...names, 'new']) expect((await after.sessions.find(jti))?.accessToken).toBe(`token of ${jti}`);
    for (const jti of ['without', 'unopenable']) expect((await after.sessions.find(jti))?.accessToken).toBeNull();
    const kept = await test.database.select(
      sql`SELECT accessToken FROM civitas_sessions WHERE accessToken LIKE ${'%token of%'}`,
    );
    expect(kept).toEqual([]);
  });
});
