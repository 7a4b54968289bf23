import type { Somebody } from '../journeys/sentences/support/people.ts';
import {
  idsIn,
  refusal,
  startSentences,
  user,
  users,
  type SentenceWorld,
} from '../journeys/sentences/support/world.ts';
import { consoleHeaders } from '../support/console-session.ts';
import { aVisitor, fromConsole, logIntoConsole, upToReturn } from '../support/visitor.ts';

/**
 * OpenStad's OAuth server gives the code of a client to whatever address that client allows, pages of its site among them, and takes it
 * from whoever comes with it. So whoever runs the pages of one site sends their visitors through a login there, and ends a login at the
 * console that they began themselves with the code that came. Source: docs/adr/0027.
 */
const [hostile, theirs, shared, platform, ended, endedToo, endedLast] = [11, 12, 14, 13, 15, 16, 17] as const;
let s: SentenceWorld;
/** Admin of the platform and of the other sites; a member at the hostile one. */
let victim: Somebody;
/** Member of the other site. */
let citizen: Somebody;
beforeAll(async () => {
  const hasEnded = { config: { project: { projectHasEnded: true } } };
  s = await startSentences(
    {
      ...{ [hostile]: {}, [theirs]: {}, [shared]: { client: hostile }, [platform]: {} },
      ...{ [ended]: hasEnded, [endedToo]: hasEnded, [endedLast]: hasEnded },
    },
    { platformSiteId: platform, outboxSeconds: 3600 },
  );
  victim = await s.person({ at: { [hostile]: 'member', [theirs]: 'admin', [platform]: 'admin' } });
  citizen = await s.person({ at: { [theirs]: 'member' } });
});
afterAll(() => s.close());

/** What somebody's browser sends to the pages of the hostile site, when these send it through a login there. */
const codeOf = async (who: Somebody): Promise<string> => {
  const page = encodeURIComponent('https://evil.example/collect');
  const way = `${s.world.oauth.url}/dialog/authorize?redirect_uri=${page}&response_type=code&client_id=peer-client-${hostile}&scope=offline`;
  const sent = new URL(await upToReturn(aVisitor(), way, s.world.oauth.url, who.externalId));
  expect(sent.origin).toBe('https://evil.example');
  return sent.searchParams.get('code') ?? '';
};

type Ask = (method: string, path: string, body?: unknown) => ReturnType<SentenceWorld['world']['call']>;
const asking =
  (cookie: string): Ask =>
  (method, path, body) =>
    s.world.call(null, method, path, body, { ...fromConsole, Cookie: cookie });
const host = (): string => new URL(s.world.url).host;

/** A login that is begun in the attacker's own browser, and ends with the code of somebody else. */
const withStolenCode = async (who: Somebody, query = `?site=${hostile}`): Promise<Ask> => {
  const attacker = aVisitor();
  const begun = await attacker.open(`${s.world.url}/oauth/console/login${query}`);
  const back = new URL(begun.onward ?? '').searchParams.get('redirect_uri') ?? '';
  const done = await attacker.open(`${back}&code=${await codeOf(who)}`);
  expect(done.status).toBe(query === '' ? 403 : 302);
  return asking(attacker.cookieFor(host()));
};

describe('a code that the pages of one site got hold of', () => {
  test('makes no platform admin, nor staff of a site that is another client', async () => {
    const ask = await withStolenCode(victim);

    const seen = await ask('GET', '/api/session');

    expect(seen.body).toMatchObject({ platformAdmin: false, moderates: [] });
    expect(seen.body.users).toMatchObject([{ role: 'member' }, { role: 'member' }, { role: 'member' }]);
    expect(refusal(await ask('GET', '/api/site'))).toEqual([403, 'platform-admin-needed']);
    const there = user(theirs, citizen.at[theirs]!);
    expect((await ask('PUT', there, { city: 'Delft' })).status).toBe(403);
    expect((await ask('PUT', `${there}/do-anonymize`, {})).status).toBe(403);
    expect((await ask('DELETE', there)).status).toBe(403);
    expect((await ask('GET', `${there}/person`)).status).toBe(403);
    expect((await ask('GET', `/api/person?email=${encodeURIComponent(citizen.email)}`)).status).toBe(403);
    expect((await ask('GET', '/api/audit')).status).toBe(403);
    expect(await s.row(citizen.at[theirs]!)).toMatchObject({ role: 'member', anonymizedAt: null });
  });

  test('neither takes their rows elsewhere away nor gives them another way to log in', async () => {
    const ask = await withStolenCode(victim);

    const phone = await ask('PUT', user(theirs, victim.at[theirs]!), { phoneNumber: '0611111111' });
    const gone = await ask('PUT', `${user(theirs, victim.at[theirs]!)}/do-anonymizeall`, {});

    expect(refusal(phone)[0]).toBe(403);
    expect(refusal(gone)).toEqual([403, 'staff-by-own-site']);
  });

  test('is told of their rows at its own site what is kept, and of no other', async () => {
    const ask = await withStolenCode(victim);

    const here = await ask('GET', `${user(hostile, victim.at[hostile]!)}/export`);
    const there = await ask('GET', `${user(theirs, victim.at[theirs]!)}/export`);

    expect([here.status, idsIn(here.body.users)]).toEqual([200, [victim.at[hostile]]]);
    expect(refusal(there)).toEqual([403, 'owner-by-site-or-platform-admin']);
  });

  test('starts no run over a list that they planned at more sites', async () => {
    const boss = await s.person({ at: { [hostile]: 'admin', [theirs]: 'admin' } });
    const visitor = aVisitor();
    await logIntoConsole(visitor, { apiUrl: s.world.url, oauthUrl: s.world.oauth.url }, boss.externalId);
    const users = { users: [citizen.at[theirs]] };
    const planned = await asking(visitor.cookieFor(host()))('POST', '/api/anonymization-run', users);
    expect(planned.status).toBe(201);
    const run = `/api/anonymization-run/${planned.body.id}`;

    const ask = await withStolenCode(boss);

    expect((await ask('GET', run)).status).toBe(404);
    expect((await ask('POST', `${run}/start`)).status).toBe(404);
  });

  test('is none of the platform’s own client', async () => {
    const ask = await withStolenCode(victim, '');

    expect((await ask('GET', '/api/session')).status).toBe(401);
  });
});

describe('what goes on when the login is long over', () => {
  const work = () => s.world.container.jobs.find(({ name }) => name === 'work-on-runs')!.run(() => false);
  /** Somebody who has left another site, and whom this one adds by their address: what is left of them there is not this site's to take. */
  const added = async (siteId: number, chief: number) => {
    const before = await s.person({ at: { [theirs]: 'member' } });
    await s.touch('users', before.at[theirs]!, { deletedAt: new Date('2024-05-06T07:08:09Z') });
    expect((await s.post(chief, users(siteId), { email: before.email })).status).toBe(201);
    return before;
  };
  const left = async ({ at, externalId }: Somebody) => ({
    row: (await s.row(at[theirs]!))?.anonymizedAt ?? null,
    there: s.there(externalId) !== undefined,
  });
  /** Admin of the site whose pages got the code, and of the platform. */
  const chiefOf = async (siteId: number) => {
    const chief = await s.person({ at: { [siteId]: 'admin', [platform]: 'admin' } });
    const loginBy = (by: number) =>
      consoleHeaders(s.world.container, {
        ...{ personId: chief.id, userId: chief.at[siteId]! },
        said: { console: { personId: chief.id, siteId: by } },
      });
    return { userId: chief.at[siteId]!, loginBy };
  };
  const all = (siteId: number) => `/api/site/${siteId}/do-anonymize-all-users`;

  test('a run that a login through one site began takes along nothing that only the platform may', async () => {
    const { userId, loginBy } = await chiefOf(ended);
    const who = await added(ended, userId);
    const session = await loginBy(ended);
    const begun = await s.put(null, all(ended), undefined, session);
    expect(begun.status).toBe(202);

    await work();
    await s.emptyOutbox();

    expect((await s.get(null, begun.headers.get('location')!, session)).body.state).toBe('done');
    expect(await left(who)).toEqual({ row: null, there: true });
  });

  test('nor does one that it resumed', async () => {
    const { userId, loginBy } = await chiefOf(endedToo);
    const who = await added(endedToo, userId);
    const session = await loginBy(endedToo);
    const run = (await s.put(userId, all(endedToo))).headers.get('location')!;
    for (const step of ['pause', 'resume'])
      expect((await s.put(null, `${run}/${step}`, undefined, session)).status).toBe(200);

    await work();
    await s.emptyOutbox();

    expect((await s.get(null, run, session)).body.state).toBe('done');
    expect(await left(who)).toEqual({ row: null, there: true });
  });

  test('one that was begun through the platform’s client does', async () => {
    const { userId, loginBy } = await chiefOf(endedLast);
    const who = await added(endedLast, userId);
    expect((await s.put(null, all(endedLast), undefined, await loginBy(platform))).status).toBe(202);

    await work();
    await s.emptyOutbox();

    expect(await left(who)).toEqual({ row: expect.any(Date), there: false });
  });

  test('a list that it planned goes on at its own site, as far as it reached', async () => {
    const { loginBy } = await chiefOf(hostile);
    const session = await loginBy(hostile);
    const both = await s.person({ at: { [hostile]: 'member', [theirs]: 'member' } });
    const planned = await s.post(null, '/api/anonymization-run', { users: [both.at[hostile]!] }, session);
    const run = `/api/anonymization-run/${planned.body.id}`;
    const seen = { ...session, 'if-match': planned.headers.get('etag') ?? '' };
    expect((await s.post(null, `${run}/start`, undefined, seen)).status).toBe(202);

    await work();

    expect((await s.get(null, run, session)).body.outcomes).toEqual({ anonymized: 1 });
    const told = (await s.get(null, run, await loginBy(platform))).body.plan.digest as string;
    expect(told).toMatch(/\S/);
    expect(told).toBe(planned.body.plan.digest);
    expect(await left(both)).toEqual({ row: null, there: true });
  });

  test('is told to no login through one site of what was done through the platform’s at others', async () => {
    const { loginBy } = await chiefOf(hostile);
    const [whole, through] = [await loginBy(platform), await loginBy(hostile)];
    const both = await s.person({ at: { [hostile]: 'member', [theirs]: 'member' } });
    const path = `${user(hostile, both.at[hostile]!)}/do-anonymizeall`;
    const done = await s.put(null, path, {}, whole);
    expect(done.status).toBe(200);
    const status = `${user(hostile, both.at[hostile]!)}/anonymization`;

    const [known, told] = [await s.get(null, status, whole), await s.get(null, status, through)];

    expect([known.status, told.status]).toEqual([200, 200]);
    expect(known.text).toContain(String(both.at[theirs]));
    expect(told.text).not.toContain(String(both.at[theirs]));
  });
});

test('a login through a site counts at the sites that are the same client, as one at each of them would', async () => {
  const boss = await s.person({ at: { [hostile]: 'moderator', [shared]: 'moderator', [theirs]: 'admin' } });
  const visitor = aVisitor();
  const flow = { apiUrl: s.world.url, oauthUrl: s.world.oauth.url };

  await logIntoConsole(visitor, { ...flow, query: `?site=${hostile}` }, boss.externalId);
  const through = await asking(visitor.cookieFor(host()))('GET', '/api/session');
  await logIntoConsole(visitor, flow, boss.externalId);
  const throughPlatform = await asking(visitor.cookieFor(host()))('GET', '/api/session');

  expect(idsIn(through.body.moderates)).toEqual([hostile, shared]);
  expect(idsIn(throughPlatform.body.moderates)).toEqual([hostile, theirs, shared]);
});
