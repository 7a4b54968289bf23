import type { Route } from '../../src/http/route.ts';
import { routes } from '../../src/http/routes.ts';
import { backOfficeOf, type BackOffice } from '../journeys/sentences/support/back-office.ts';
import type { Somebody } from '../journeys/sentences/support/people.ts';
import { refusal, startSentences, user, users, type SentenceWorld } from '../journeys/sentences/support/world.ts';
import { otherParameters, waysOf } from './support/asking.ts';

/**
 * What is wrong with a request is told in one order, whatever else is wrong with it: 401, then what can be said without the body
 * (404 of the site, 403 by role), then the body (415, 413, 400, 422), then what depends on its values (403), then 404, 409, 412.
 * Every route is asked with everything wrong that comes after. Source: user-api.md §1.
 */
const [here, ended] = [11, 12] as const;
const nobody = 99_999_999;
let s: SentenceWorld;
let office: BackOffice;
let member: Somebody;
let chief: Somebody;
let editor: Somebody;
let moderator: Somebody;
beforeAll(async () => {
  s = await startSentences({ [here]: {}, [ended]: { config: { project: { projectHasEnded: true } } } });
  office = await backOfficeOf(s, [here]);
  member = await s.person({ at: { [here]: 'member' } });
  moderator = await s.person({ at: { [here]: 'moderator' } });
  editor = await s.person({ at: { [here]: 'editor' } });
  chief = await s.person({ at: { [here]: 'admin' } });
});
afterAll(() => s.close());

type Wrong = 'type' | 'size' | 'json' | 'values';
const bodies: Readonly<Record<Wrong, readonly [string, string]>> = {
  type: ['text/xml', '<no/>'],
  // Not JSON either.
  size: ['application/json', `{${'x'.repeat(1_100_000)}`],
  json: ['application/json', '{"email": '],
  values: [
    'application/json',
    '{"email": 7, "role": 8, "domain": 9, "name": [], "config": 1, "onlySiteIds": {}, "points": "x"}',
  ],
};
const wrongStatus: Readonly<Record<Wrong, readonly number[]>> = {
  type: [415],
  size: [413],
  json: [400],
  // What is no id is 400, and so is a key that an operation does not know.
  values: [400, 422],
};

interface Asking {
  readonly siteId?: number;
  readonly wrong?: Wrong;
  readonly headers: Record<string, string>;
  readonly query?: string;
}
const ask = (route: Route, { siteId = here, wrong = 'type', headers, query = '?nonsense=1&page=-1' }: Asking) => {
  const values: Readonly<Record<string, string>> = { siteId: String(siteId), userId: String(nobody) };
  const path = route.path.replace(
    /\{(\w+)\}/g,
    (_all, name: string) => values[name] ?? otherParameters[name]?.[0]?.[1] ?? '',
  );
  const [type, body] = bodies[wrong];
  const hasBody = route.method !== 'get';
  return s.world.call(null, route.method.toUpperCase(), path + query, hasBody ? body : undefined, {
    ...(hasBody ? { 'content-type': type } : {}),
    'if-match': '"long-ago"',
    ...headers,
  });
};
const as = async (who: Somebody): Promise<Record<string, string>> => ({
  authorization: `Bearer ${await s.world.token(who.at[here]!)}`,
});
const admin = { 'x-authorization': 'fixed-admin' };
const named = (some: readonly Route[]) => some.map((route) => [route.operationId, route] as const);
const forPeople = routes.filter(({ scope }) => scope === undefined);
const forClients = routes.filter(({ scope }) => scope !== undefined && scope !== 'none');
/** Whom nobody sends a credential of ours: who they are stands in the body. */
const asksNobody = new Set(['backchannelLogout', 'readReceipt', 'receiptKeys']);

describe('before anything else', () => {
  test.each(named([...forPeople, ...forClients].filter(({ operationId }) => !asksNobody.has(operationId))))(
    'a credential that counts for nothing is 401: %s',
    async (_name, route) => {
      const answer = await ask(route, { siteId: 99, headers: { authorization: 'Bearer nonsense' } });
      expect(answer.status).toBe(401);
    },
  );

  test.each(named(routes.filter(({ needsToken, scope }) => needsToken && scope !== 'none')))(
    'a missing one is 401 where one is needed: %s',
    async (_name, route) => {
      expect((await ask(route, { siteId: 99, headers: {} })).status).toBe(401);
    },
  );
});

describe('before the body and the query', () => {
  test.each(
    named(forPeople.filter(({ path, operationId }) => path.includes('{siteId}') && !asksNobody.has(operationId))),
  )('an unknown site is 404: %s', async (_name, route) => {
    const answer = await ask(route, { siteId: 99, headers: await as(member) });
    expect([answer.status, answer.body?.type ?? '/problems/site-not-found']).toEqual([404, '/problems/site-not-found']);
  });

  /** What they may hangs on more than their role. */
  const byMore = new Set(['readOperation', 'logOut']);
  test.each(named(forPeople.filter(({ needsToken, operationId }) => needsToken && !byMore.has(operationId))))(
    'a role that is too low is 403: %s',
    async (_name, route) => {
      const leaver = await s.person({ at: { [here]: 'member' } });
      for (const wrong of ['type', 'size', 'json', 'values'] as const)
        expect((await ask(route, { wrong, headers: await as(leaver) })).status).toBe(403);
    },
  );

  test.each(named(forClients.filter(({ scope }) => scope !== 'public')))(
    'a scope that is too low is 403: %s',
    async (_name, route) => {
      const headers = { authorization: `Bearer ${await office.token('public')}` };
      expect((await ask(route, { headers })).status).toBe(403);
    },
  );
});

describe('before what its values mean, and before whoever it is about', () => {
  const withBody = routes.filter(
    ({ requestBody, bodyIs, scope }) => requestBody !== undefined && bodyIs === undefined && scope !== 'none',
  );
  describe.each(['type', 'size', 'json', 'values'] as const)('a wrong body, by %s,', (wrong) => {
    test.each(named(withBody))(`is told: %s`, async (_name, route) => {
      const isClients = route.scope !== undefined;
      const headers = isClients ? { authorization: `Bearer ${await office.token('admin')}` } : admin;
      // Its own `If-Match` is looked at with the body, and none of an operation's parameters is wrong here.
      const answer = await ask(route, { wrong, headers, query: '' });
      expect(wrongStatus[wrong]).toContain(answer.status);
    });
  });

  test('values that are wrong are told before those that are not theirs to give', async () => {
    const path = user(here, member.at[here]!);
    expect((await s.put(moderator.at[here]!, path, { email: 'no address', role: 'admin' })).status).toBe(422);
    expect((await s.post(moderator.at[here]!, users(here), { email: 'no address', role: 'admin' })).status).toBe(422);
    const site = await s.put(editor.at[here]!, `/api/site/${here}`, { title: 7, config: { allowedDomains: ['x.nl'] } });
    expect(site.status).toBe(422);
  });
});

describe('what is not theirs to give is 403, naming it, before', () => {
  const stale = { 'if-match': '"long-ago"' };
  test('that the user is there already (409)', async () => {
    const answer = await s.post(moderator.at[here]!, users(here), { email: member.email, role: 'admin' });
    expect(refusal(answer)).toEqual([403, 'role-not-grantable', 'role']);
  });

  test('that another site has the domain (409)', async () => {
    const answer = await s.put(editor.at[here]!, `/api/site/${here}`, { domain: `site${ended}.localhost` });
    expect(refusal(answer)).toEqual([403, 'admin-needed', 'domain']);
  });

  test('that the user is anonymized (409)', async () => {
    const gone = await s.person({ at: { [here]: 'member' } });
    await s.put(gone.at[here]!, `${user(here, gone.at[here]!)}/do-anonymize`);
    const answer = await s.put(moderator.at[here]!, user(here, gone.at[here]!), { role: 'editor' });
    expect(refusal(answer)).toEqual([403, 'role-not-grantable', 'role']);
  });

  test('that it changed meanwhile (412)', async () => {
    const one = await s.put(moderator.at[here]!, user(here, member.at[here]!), { role: 'admin' }, stale);
    expect(refusal(one)).toEqual([403, 'role-not-grantable', 'role']);
    const config = { allowedDomains: ['x.example'] };
    const two = await s.put(editor.at[here]!, `/api/site/${here}`, { config }, stale);
    expect(refusal(two)).toEqual([403, 'admin-needed', 'config.allowedDomains']);
  });
});

describe('and at the end', () => {
  const stale = { 'if-match': '"long-ago"' };
  test.each([
    ['PUT', '', { city: 'Ede' }],
    ['PUT', '/do-anonymize', {}],
    ['PUT', '/do-anonymizeall', {}],
  ])('404 of the user comes before 412: %s %s', async (method, call, body) => {
    expect((await s.world.call('admin', method, user(here, nobody) + call, body, stale)).status).toBe(404);
  });

  test.each([
    ['a user who is anonymized', () => user(here, anonymized), { city: 'Ede' }],
    ['a user of a fixed token', () => `${user(1, 4)}/do-anonymize`, {}],
    ['a domain that another site has', () => `/api/site/${here}`, { domain: `site${ended}.localhost` }],
    ['a site that has not ended', () => `/api/site/${here}/do-anonymize-all-users`, {}],
  ])('409 comes before 412: %s', async (_what, path, body) => {
    expect((await s.put('admin', path(), body, stale)).status).toBe(409);
  });
  let anonymized: number;
  beforeAll(async () => {
    const gone = await s.person({ at: { [here]: 'member' } });
    await s.put(gone.at[here]!, `${user(here, gone.at[here]!)}/do-anonymize`);
    anonymized = gone.at[here]!;
  });

  test('and 412 where nothing else is wrong', async () => {
    expect((await s.put(chief.at[here]!, user(here, member.at[here]!), { city: 'Ede' }, stale)).status).toBe(412);
    expect((await s.put(chief.at[here]!, `/api/site/${here}`, { title: 'Titel' }, stale)).status).toBe(412);
  });
});

test('every way to ask that the matrix knows is a route that this looks at', () => {
  for (const route of routes) expect(waysOf(route).length).toBeGreaterThan(0);
});
