import { sql } from '../../../src/db/sql.ts';
import { startSentences, user, users, type SentenceWorld } from './support/world.ts';

/** user-api.md §2 "Numbers": nothing becomes another number without a word. */
let s: SentenceWorld;
const site = '/api/site/8';
beforeAll(async () => {
  s = await startSentences({ 8: { config: { users: { canCreateNewUsers: true } } } });
});
afterAll(() => s.close());

const json = { 'content-type': 'application/json' };
const raw = async (method: string, path: string, body: string, headers: Record<string, string> = json) =>
  s.world.call('admin', method, path, body, headers);
const stored = async (table: 'sites' | 'users', id: number): Promise<string> => {
  const column = table === 'sites' ? sql`SELECT config AS kept FROM sites` : sql`SELECT extraData AS kept FROM users`;
  const [row] = await s.world.container.database.select(sql`${column} WHERE id = ${id}`);
  return typeof row?.['kept'] === 'string' ? row['kept'] : JSON.stringify(row?.['kept']);
};
const keep = async (table: 'sites' | 'users', id: number, text: string): Promise<void> => {
  const { database } = s.world.container;
  await database.change(
    table === 'sites'
      ? sql`UPDATE sites SET config = ${text} WHERE id = ${id}`
      : sql`UPDATE users SET extraData = ${text} WHERE id = ${id}`,
  );
  s.world.container.ports.sites.forget();
};

const large = '1234567890123456789';
describe('an integer that a double cannot hold', () => {
  test.each([large, `-${large}`, '9007199254740993', '9007199254740992', '1e300'])(
    '%s is 422 at its pointer',
    async (number) => {
      const target = await s.extraRow({ siteId: 1 });
      const bodies = [
        await raw('PUT', user(1, target), `{"extraData":{"a/b":[0,{"deep":${number}}]}}`),
        await raw('POST', users(1), `{"email":"large@example.org","extraData":{"a/b":[0,{"deep":${number}}]}}`),
        await raw('PUT', site, `{"config":{"own":{"list":[${number}]}}}`),
        await raw('POST', '/api/site', `{"domain":"large.localhost","config":{"own":{"list":[${number}]}}}`),
        await raw('POST', '/api/client', `{"name":"x","scopes":["public"],"siteIds":[${number}]}`),
        await raw('PUT', user(1, target), `{"city":"Utrecht","nobodyKnows":${number}}`),
        await raw('PUT', `${user(1, target)}/will-anonymizeall`, `{"onlySiteIds":[${number}]}`),
      ];

      expect(bodies.map(({ status, body }) => [status, body.errors?.[0].pointer as unknown])).toEqual([
        [422, '/extraData/a~1b/1/deep'],
        [422, '/extraData/a~1b/1/deep'],
        [422, '/config/own/list/0'],
        [422, '/config/own/list/0'],
        [422, '/siteIds/0'],
        [422, '/nobodyKnows'],
        [422, '/onlySiteIds/0'],
      ]);
    },
  );

  test('is refused where clients ask for a token, too', async () => {
    const answer = await raw('POST', '/oauth/token', `{"grant_type":"client_credentials","client_id":${large}}`);

    expect(answer.status).toBe(422);
  });

  test.each(['9007199254740991', '-9007199254740991', '0.1', '1e5'])('%s is taken', async (number) => {
    const target = await s.extraRow({ siteId: 1 });
    const { status, body } = await raw('PUT', user(1, target), `{"extraData":{"n":${number}}}`);

    expect([status, body.extraData.n]).toEqual([200, Number(number)]);
  });
});

const odd = `"big":${large},"list":[{"id":${large}},"a",{"id":-98765432109876543210}],"part":0.12345678901234567890,"text":"${large} 1e5"`;

describe("a site's config that holds such numbers", () => {
  beforeEach(() => keep('sites', 8, `{${odd},"users":{"canCreateNewUsers":true}}`));

  test('is shown digit by digit', async () => {
    const one = await s.get('admin', site);
    const all = await s.get('admin', '/api/site');

    expect(one.text).toContain(`{${odd},`);
    expect(all.text).toContain(`{${odd},`);
  });

  test('keeps them digit by digit when something else changes', async () => {
    const { status, text } = await s.put('admin', site, { config: { users: { canCreateNewUsers: false } } });

    expect([status, text.includes(odd)]).toEqual([200, true]);
    expect(await stored('sites', 8)).toBe(`{${odd},"users":{"canCreateNewUsers":false}}`);
  });

  test('may be sent back whole, as a client in JavaScript reads it, and keeps them', async () => {
    const read = await s.get('admin', site);
    const { status } = await s.put('admin', site, { ...(read.body as object), title: 'Anders' });

    expect([status, await stored('sites', 8)]).toEqual([200, `{${odd},"users":{"canCreateNewUsers":true}}`]);
  });

  test('keeps them where items of a list are moved', async () => {
    const { list } = (await s.get('admin', site)).body.config;
    await s.put('admin', site, { config: { list: ['new', ...(list as unknown[])] } });

    expect(await stored('sites', 8)).toContain(`"list":["new",{"id":${large}},"a",{"id":-98765432109876543210}]`);
  });

  test('refuses another one in their place', async () => {
    const { status, body } = await raw('PUT', site, '{"config":{"big":9223372036854775807}}');

    expect([status, body.errors[0].pointer]).toEqual([422, '/config/big']);
  });
});

describe('extraData of a row without a person that holds such numbers', () => {
  test('is shown, and kept when another key changes or the whole record comes back, digit by digit', async () => {
    const target = await s.extraRow({ siteId: 1 });
    await keep('users', target, `{${odd}}`);

    const read = await s.get('admin', user(1, target));
    expect(read.text).toContain(`"extraData":{${odd}}`);
    expect((await s.get('admin', `${user(1, target)}/export`)).text).toContain(`"extraData":{${odd}}`);
    const changed = await s.put('admin', user(1, target), {
      ...(read.body as object),
      city: 'Breda',
      extraData: { ...(read.body.extraData as object), bio: 'Nieuw' },
    });
    expect([changed.status, changed.text.includes(`"extraData":{${odd},"bio":"Nieuw"}`)]).toEqual([200, true]);
    expect(await stored('users', target)).toBe(`{${odd},"bio":"Nieuw"}`);
  });
});
