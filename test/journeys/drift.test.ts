import { until } from '../support/until.ts';
import { sweepPeople } from '../../src/use-cases/person-sync/sweep-people.ts';
import { removeThere, writeThere, type Somebody } from './sentences/support/people.ts';
import { refusal, startSentences, user, type SentenceWorld } from './sentences/support/world.ts';

/** oauth-server.md §3: what checks find, and the walk over all people that finds it where nobody looks. */
let s: SentenceWorld;
let unknown: Somebody;
let differs: Somebody;
let tooLong: Somebody;
beforeAll(async () => {
  s = await startSentences();
  [unknown, differs, tooLong] = [
    await s.person({ at: { 1: 'member', 2: 'member' } }),
    await s.person({ at: { 1: 'member' } }),
    await s.person({ at: { 1: 'member' } }),
  ];
  await removeThere(s.world, unknown.externalId);
  await writeThere(s.world, differs.externalId, { city: 'Schiermonnikoog', lastName: 'Jansen' });
  await writeThere(s.world, tooLong.externalId, { postcode: '1234 AB, derde deur links' });
});
afterAll(() => s.close());

const drift = '/api/user/drift';
interface Found {
  readonly personId: number;
  readonly kind: string;
  readonly fields: readonly string[];
  readonly at: string | null;
  readonly users: readonly { readonly id: number; readonly siteId: number }[];
}
const found = async (kind: string): Promise<readonly Found[]> =>
  (await s.get('admin', `${drift}?kind=${kind}&pageSize=1000`)).body.records as readonly Found[];
const of = async ({ id }: Somebody, kind: string) => (await found(kind)).find(({ personId }) => personId === id);

describe('GET /api/user/drift', () => {
  test('is for platform admins only', async () => {
    const admin = await s.person({ at: { 1: 'admin' } });
    expect((await s.get(null, drift)).status).toBe(401);
    for (const who of ['moderator', 'editor', 'member', admin.at[1] ?? 0] as const)
      expect(refusal(await s.get(who, drift))).toEqual([403, 'platform-admin-needed']);
    expect((await s.get('admin', drift)).status).toBe(200);
  });

  test('refuses kinds and pages that there are not', async () => {
    for (const query of ['kind=nothing', 'page=-1', 'pageSize=0', 'pageSize=1001', 'page=abc', 'kind=differed&kind=x'])
      expect((await s.get('admin', `${drift}?${query}`)).status).toBe(400);
  });

  test('lists whom nobody has read yet', async () => {
    expect(await of(differs, 'never-fetched')).toEqual({
      personId: differs.id,
      kind: 'never-fetched',
      fields: [],
      at: null,
      users: [{ id: differs.at[1], siteId: 1 }],
    });
  });

  test('asks nobody during the request', async () => {
    s.world.oauth.proxy.forgetCalls();
    await s.get('admin', drift);
    expect(s.world.oauth.proxy.calls()).toBe(0);
  });
});

describe('the walk over all people', () => {
  test('reads each once a round, in two instances together, and the findings are listed without a value', async () => {
    const { sweeps } = s.world.container.ports;
    s.world.oauth.proxy.forgetCalls();
    const busy = { USERS_SWEEP_PER_MINUTE: '6000' };
    await s.beside(busy, () =>
      s.beside(busy, () => until('a whole round', async () => (await sweeps.progress())?.endedAt != null, 60_000)),
    );
    for (const person of [unknown, differs, tooLong])
      expect(s.world.oauth.proxy.calls(new RegExp(`^GET /api/admin/user/${person.externalId}$`))).toBe(1);

    expect(await of(unknown, 'unknown-there')).toMatchObject({
      fields: [],
      at: expect.any(String),
      users: [{ siteId: 1 }, { siteId: 2 }],
    });
    expect((await of(differs, 'differed'))?.fields).toEqual(['lastName', 'city']);
    expect((await of(tooLong, 'does-not-fit'))?.fields).toEqual(['postcode']);
    expect((await s.row(differs.at[1] ?? 0))?.city).toBe('Schiermonnikoog');
    const { text, body } = await s.get('admin', `${drift}?pageSize=1000`);
    for (const value of ['Schiermonnikoog', 'Jansen', 'derde deur', differs.email, unknown.email])
      expect(text).not.toContain(value);
    expect(body.summary).toMatchObject({ 'unknown-there': 1, 'does-not-fit': 1, oldestFetchedAt: expect.any(String) });
    expect(body.sweep).toMatchObject({ position: 0, checked: 0, endedAt: expect.any(String) });
  });

  test('ends the sessions of somebody who is unknown there, and anonymizes nobody', async () => {
    expect((await s.row(unknown.at[1] ?? 0))?.email).toBe(unknown.email);
    expect((await s.get('admin', user(1, unknown.at[1] ?? 0))).status).toBe(200);
  });

  test('pages its findings', async () => {
    const all = (await s.get('admin', `${drift}?kind=differed&pageSize=1000`)).body;
    const second = (await s.get('admin', `${drift}?kind=differed&page=1&pageSize=1`)).body;
    expect(all.metadata.totalCount).toBe(all.records.length);
    expect(second.records).toEqual([all.records[1]]);
    expect(second.metadata).toMatchObject({ page: 1, pageSize: 1, totalCount: all.metadata.totalCount });
    expect(second.metadata.links.previous).toContain('page=0');
  });

  test('is seen in the metrics', async () => {
    const { text } = await s.get(null, '/metrics');
    expect(text).toMatch(/^people_sweep_last_round_timestamp_seconds [1-9]/m);
    expect(text).toMatch(/^people_sweep_position \d/m);
  });

  test('leaves an OAuth server that is away alone for a while, and changes nothing', async () => {
    const { ports, database } = s.world.container;
    await database.rows.persons.update({ fetchedAt: new Date(0) }, { where: {} });
    await s.world.oauth.proxy.behave('refuse');
    s.world.oauth.proxy.forgetCalls();
    const before = await ports.sweeps.progress();
    const walk = sweepPeople(ports);
    await database.change({ texts: ['UPDATE civitas_sweeps SET heldUntil = NULL, holder = NULL'], values: [] });
    for (let turn = 0; turn < 10; turn += 1) await walk(5, () => false);
    expect((await ports.sweeps.progress())?.position).toBe(before?.position);
    await s.world.oauth.proxy.behave('pass');
    expect((await of(differs, 'differed'))?.fields).toEqual(['lastName', 'city']);
  });
});
