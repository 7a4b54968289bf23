import { blankRow } from '../../src/domain/users/user.ts';
import type { Somebody } from '../journeys/sentences/support/people.ts';
import { startSentences, user, users, type Headers, type SentenceWorld } from '../journeys/sentences/support/world.ts';
import { consoleHeaders } from '../support/console-session.ts';
import { until } from '../support/until.ts';
import { servedDuring } from './support/served-during.ts';

/**
 * Whoever works at the console belongs to the sites of their rows: what they use up there is those sites', as it is of a session that a
 * site was given. Source: docs/reference/neighbours.md.
 */
const [hostile, too, other, crowded, platform] = [11, 12, 13, 14, 15] as const;
let s: SentenceWorld;
beforeAll(async () => {
  s = await startSentences(
    { [hostile]: { client: 11 }, [too]: { client: 11 }, [other]: {}, [crowded]: {}, [platform]: {} },
    { platformSiteId: platform },
  );
});
afterAll(() => s.close());

/** Signed in through the client of one of their sites. */
const signedIn = (somebody: Somebody, siteId: number): Promise<Headers> =>
  consoleHeaders(s.world.container, {
    personId: somebody.id,
    userId: somebody.at[siteId]!,
    said: { console: { personId: somebody.id, siteId } },
  });

describe('who guesses addresses', () => {
  const [most, mostOfSite] = [3, 9] as const;
  let last = 0;
  const anAddress = () => `iemand${(last += 1)}@elders.example`;
  /** Counts are those of a minute of the clock. */
  beforeEach(() => until('enough of a minute is left', () => Date.now() % 60_000 < 45_000));

  test('six editors of one site were told six times as much as one, as each had a session at the console', async () => {
    const taken = await s.person({ at: { [other]: 'member' } });
    const row = user(hostile, (await s.post('admin', users(hostile), { email: anAddress() })).body.id as number);
    const editors = await Promise.all(Array.from({ length: 6 }, () => s.person({ at: { [hostile]: 'editor' } })));
    const sessions = await Promise.all(editors.map((editor) => signedIn(editor, hostile)));
    await s.beside({ LIMIT_FAILURES: String(10 * most) }, async (url) => {
      const call = s.world.at(url);
      const statuses = [];
      for (const session of sessions)
        for (let at = 0; at < most; at += 1)
          statuses.push((await call(null, 'PUT', row, { email: taken.email }, session)).status);
      expect(statuses.sort()).toEqual([
        ...Array<number>(mostOfSite).fill(409),
        ...Array<number>(6 * most - mostOfSite).fill(429),
      ]);
      // As one with a session of the site itself.
      const colleague = await s.person({ at: { [hostile]: 'editor' } });
      expect((await call(colleague.at[hostile]!, 'POST', users(hostile), { email: anAddress() })).status).toBe(429);
    });
  });
});

describe('who plans lists of people', () => {
  const plan = (who: string | null, userId: number, headers: Headers = {}) =>
    s.post(who, '/api/anonymization-run', { users: [userId] }, headers);

  test('an admin of two sites has no more of them than of one, and keeps no platform admin from theirs', async () => {
    const boss = await s.person({ at: { [hostile]: 'admin', [too]: 'admin' } });
    const member = await s.person({ at: { [hostile]: 'member' } });
    const session = await signedIn(boss, hostile);
    const statuses = [];
    for (let at = 0; at < 100; at += 1) statuses.push((await plan(null, member.at[hostile]!, session)).status);

    expect((await plan('admin', (await s.person({ at: { [other]: 'member' } })).at[other]!)).status).toBe(201);
    expect(statuses.filter((status) => status === 201)).toHaveLength(20);
    expect(new Set(statuses)).toEqual(new Set([201, 409]));
  });
});

describe('who waits for a turn', () => {
  const accounts = 30;
  let sessions: readonly Headers[];
  beforeAll(async () => {
    const now = Date.now();
    const rows = (from: number) =>
      Array.from({ length: 500 }, (_none, index) => ({
        ...{ id: from + index, siteId: crowded, role: 'member', complete: true, slot: 0, profileWithheld: false },
        ...{ extraData: {}, listableByRole: 'all', lastLogin: new Date(now), createdAt: new Date(now) },
        ...{ updatedAt: new Date(now - (((from + index) * 7919) % 1e9)), firstName: 'A', lastName: `B${index % 97}` },
      }));
    for (let at = 0; at < 2000; at += 500) await s.world.container.database.rows.users.bulkCreate(rows(1_000_000 + at));
    const staff = await Promise.all(
      Array.from({ length: accounts }, () => s.person({ at: { [hostile]: 'moderator' } })),
    );
    sessions = await Promise.all(staff.map((one) => signedIn(one, hostile)));
  });

  /** While the accounts ask for this. */
  const during = (path: string, ask: () => Promise<{ readonly status: number }>) =>
    servedDuring(
      sessions.map((session) => () => s.get(null, path, session)),
      accounts,
      ask,
    );
  const all = Array<number>(5).fill(200);

  test('thirty moderators of one site do not stand before one of another who looks for somebody', async () => {
    const moderator = await signedIn(await s.person({ at: { [other]: 'moderator' } }), other);
    const { statuses, fewest } = await during('/api/person?q=a', () => s.get(null, '/api/person?q=b', moderator));
    expect(statuses).toEqual(all);
    expect(fewest).toBeLessThan(accounts / 2);
  });

  test('nor before a platform admin who looks at their site', async () => {
    const admin = await signedIn(await s.person({ at: { [platform]: 'admin' } }), platform);
    const list = `${users(hostile)}?page=0&sort=updatedAt_desc`;
    const { statuses, fewest } = await during(list, () => s.get(null, list, admin));
    expect(statuses).toEqual(all);
    expect(fewest).toBeLessThan(accounts / 2);
  });

  test('nor before a member of the site whose lists they ask for', async () => {
    const member = (await s.person({ at: { [crowded]: 'member' } })).at[crowded]!;
    await s.world.token(member);
    const { statuses, fewest } = await during(`${users(crowded)}?page=10&sort=updatedAt_desc`, () =>
      s.get(member, `${users(crowded)}?page=0&sort=updatedAt_desc`),
    );
    expect(statuses).toEqual(all);
    expect(fewest).toBeLessThan(accounts / 2);
  });
});

test('an admin of hundreds of sites reads the audit of all of them, page by page', async () => {
  const boss = await s.person({ at: { [hostile]: 'admin' } });
  const { ports, database } = s.world.container;
  const config = (await ports.sites.byId(hostile))?.rawConfig ?? {};
  const at = new Date('2024-01-01T00:00:00Z');
  const ids = Array.from({ length: 260 }, (_none, index) => 3000 + index);
  const fixed = { config, hostStatus: {}, areaId: null, createdAt: at, updatedAt: at, deletedAt: null };
  await database.rows.sites.bulkCreate(
    ids.map((id) => ({ id, name: `s${id}`, title: `S${id}`, domain: `s${id}.localhost`, ...fixed })),
  );
  const inAll = { ...blankRow(0, boss.id, String(boss.externalId), at), role: 'admin', complete: true };
  await database.rows.users.bulkCreate(ids.map((siteId, index) => ({ ...inAll, id: 3_000_000 + index, siteId })));
  ports.sites.forget();
  const session = await signedIn(boss, hostile);
  const rows = await Promise.all([ids[3], ids[255]].map((siteId) => s.extraRow({ siteId: siteId!, firstName: 'A' })));
  for (const [index, id] of rows.entries())
    expect((await s.put(null, `${user([ids[3]!, ids[255]!][index]!, id)}/do-anonymize`, {}, session)).status).toBe(200);

  const walked: number[] = [];
  for (let path = '/api/audit?pageSize=1&call=do-anonymize', pages = 0; path !== '' && pages < 5; pages += 1) {
    const { status, body, headers } = await s.get(null, path, session);
    expect(status).toBe(200);
    walked.push(...(body.records as { readonly userId: number }[]).map(({ userId }) => userId));
    path = /<([^>]+)>/.exec(headers.get('link') ?? '')?.[1] ?? '';
  }
  expect(walked).toEqual([...rows].reverse());
  expect((await s.get(null, '/api/audit?outcome=none', session)).status).toBe(200);
});
