import { sql } from '../../src/db/sql.ts';
import { removeThere, writeThere } from '../journeys/sentences/support/people.ts';
import { idsIn, refusal, startSentences, user, type SentenceWorld } from '../journeys/sentences/support/world.ts';
import type { Somebody } from '../journeys/sentences/support/people.ts';
import { consoleHeaders } from '../support/console-session.ts';
import { until } from '../support/until.ts';
import { aVisitor, fromConsole, logIntoConsole, upToReturn, type Visitor } from '../support/visitor.ts';

/**
 * A session at the console carries each role of a person. It is theirs alone, of this browser, and no longer than they have the role;
 * what it did is not told to the pages of a site that have a session of the same person. Source: docs/adr/0027.
 */
const [one, two, platform] = [11, 12, 13];
let s: SentenceWorld;
beforeAll(async () => {
  s = await startSentences({ [one]: {}, [two]: {}, [platform]: {} }, { platformSiteId: platform, outboxSeconds: 1 });
});
afterAll(() => s.close());

const database = () => s.world.container.database;
const host = () => new URL(s.world.url).host;
/** Through the platform’s own client, which reaches every site. */
const flow = () => ({ apiUrl: s.world.url, oauthUrl: s.world.oauth.url, query: '' });
const signedIn = async ({ externalId }: Somebody, visitor = aVisitor()): Promise<Visitor> => {
  expect((await logIntoConsole(visitor, flow(), externalId)).status).toBe(302);
  return visitor;
};
const ask = (visitor: Visitor, method: string, path: string, body?: unknown, headers: Record<string, string> = {}) =>
  s.world.call(null, method, path, body, { ...fromConsole, Cookie: visitor.cookieFor(host()), ...headers });
const stale = () =>
  database().change(
    sql`UPDATE civitas_sessions SET checkedAt = ${new Date(Date.now() - 120_000)} WHERE personId IS NOT NULL`,
  );

describe('in one browser', () => {
  test('a tab that shows one person’s work does nothing as the next who logs in beside it', async () => {
    const [first, second] = [await s.person({ at: { [one]: 'admin' } }), await s.person({ at: { [one]: 'admin' } })];
    const them = await s.person({ at: { [one]: 'member' } });
    const visitor = await signedIn(first);
    const { id } = (await ask(visitor, 'GET', '/api/session')).body;
    const asFirst = { 'X-Civitas-Console': id };
    expect((await ask(visitor, 'GET', '/api/session', undefined, asFirst)).status).toBe(200);

    // The browser was not logged out at the OAuth server: the second logs in from a window that does not know it.
    const elsewhere = await signedIn(second);
    const cookie = elsewhere.cookieFor(host());

    const done = await s.put(
      null,
      `${user(one, them.at[one]!)}/do-anonymize`,
      {},
      { ...fromConsole, ...asFirst, Cookie: cookie },
    );
    expect(done.status).toBe(401);
    expect((await s.row(them.at[one]!))?.anonymizedAt).toBeNull();
    expect((await ask(elsewhere, 'GET', '/api/session')).status).toBe(200);
  });

  test('every login makes a session anew, whatever the browser brought', async () => {
    const [boss, thief] = [await s.person({ at: { [one]: 'admin' } }), await s.person({ at: { [one]: 'member' } })];
    const planted = (await signedIn(thief)).cookieFor(host());
    const visitor = aVisitor(new Map([[host(), new Map([planted.split('=') as [string, string]])]]));
    const before = visitor.cookieFor(host());

    await signedIn(boss, visitor);

    const after = visitor.cookieFor(host());
    expect(after).not.toContain(before);
    expect((await s.get(null, '/api/session', { ...fromConsole, Cookie: before })).body.email).toBe(thief.email);
    expect((await ask(visitor, 'GET', '/api/session')).body.email).toBe(boss.email);
  });

  test('a login that somebody else began is none', async () => {
    const [boss, thief] = [await s.person({ at: { [one]: 'admin' } }), await s.person({ at: { [one]: 'member' } })];
    const theirs = await upToReturn(
      aVisitor(),
      `${s.world.url}/oauth/console/login${flow().query}`,
      s.world.oauth.url,
      thief.externalId,
    );
    const visitor = await signedIn(boss);

    const led = await visitor.open(theirs);

    expect(led.status).toBe(403);
    expect((await ask(visitor, 'GET', '/api/session')).body.email).toBe(boss.email);
  });
});

describe('whose role or account is taken away', () => {
  test('has it no more once the OAuth server is asked again, at whichever client it was', async () => {
    const boss = await s.person({ at: { [one]: 'admin', [two]: 'admin', [platform]: 'admin' } });
    const visitor = await signedIn(boss);
    expect((await ask(visitor, 'GET', '/api/session')).body.platformAdmin).toBe(true);
    await writeThere(s.world, boss.externalId, { roles: { [two]: 2, [platform]: 2 } });
    await stale();

    const seen = (await ask(visitor, 'GET', '/api/session')).body;

    expect([seen.platformAdmin, idsIn(seen.moderates)]).toEqual([false, [one]]);
    expect(refusal(await ask(visitor, 'GET', '/api/site'))).toEqual([403, 'platform-admin-needed']);
  });

  test('acts no more as moderator or above where the OAuth server has never answered for the session', async () => {
    const boss = await s.person({ at: { [one]: 'admin' } });
    const headers = await consoleHeaders(s.world.container, {
      ...{ personId: boss.id, userId: boss.at[one]! },
      said: { checkedAt: new Date(0) },
    });
    await s.world.oauth.proxy.behave('json-500');

    const answer = await s.get(null, '/api/session', headers);

    await s.world.oauth.proxy.behave('pass');
    expect([answer.status, answer.body.type]).toEqual([503, '/problems/role-unconfirmed']);
  });

  test.each([
    [
      'logged out at the OAuth server',
      async ({ externalId }: Somebody) => {
        s.world.oauth.server.revokeTokens(externalId);
        return Promise.resolve();
      },
    ],
    ['unknown at the OAuth server', async (boss: Somebody) => removeThere(s.world, boss.externalId)],
  ])('is signed out when they are %s', async (_how, take) => {
    const boss = await s.person({ at: { [one]: 'admin' } });
    const visitor = await signedIn(boss);
    expect((await ask(visitor, 'GET', '/api/session')).status).toBe(200);
    await take(boss);
    await stale();

    expect((await ask(visitor, 'GET', '/api/session')).status).toBe(401);
  });

  test('is signed out when somebody else changes the address that they log in with', async () => {
    const boss = await s.person({ at: { [one]: 'moderator' } });
    const visitor = await signedIn(boss);

    expect((await s.put('admin', user(one, boss.at[one]!), { email: `other${boss.id}@example.org` })).status).toBe(200);

    expect((await ask(visitor, 'GET', '/api/session')).status).toBe(401);
  });

  test('acts as no row that is gone, and goes on as the others', async () => {
    const boss = await s.person({ at: { [one]: 'admin', [two]: 'admin' } });
    const them = await s.person({ at: { [one]: 'member', [two]: 'member' } });
    const visitor = await signedIn(boss);
    await s.put('admin', `${user(one, boss.at[one]!)}/do-anonymize`);

    expect((await ask(visitor, 'GET', `${user(one, them.at[one]!)}/person`)).status).toBe(403);
    expect((await ask(visitor, 'GET', `${user(two, them.at[two]!)}/person`)).status).toBe(200);
  });
});

test('whoever writes the database gives a session to nobody else', async () => {
  const [chief, writer] = [
    await s.person({ at: { [platform]: 'admin' } }),
    await s.person({ at: { [one]: 'member' } }),
  ];
  const visitor = await signedIn(writer);
  const { id } = (await ask(visitor, 'GET', '/api/session')).body;

  await database().change(
    sql`UPDATE civitas_sessions SET personId = ${chief.id}, userId = ${chief.at[platform]!} WHERE jti = ${id}`,
  );

  expect((await ask(visitor, 'GET', '/api/session')).status).toBe(401);
});

describe('what was done at the console', () => {
  test('is written down as that, and is not told to pages that have a session of the same person', async () => {
    const boss = await s.person({ at: { [one]: 'admin', [two]: 'admin' } });
    const them = await s.person({ at: { [one]: 'member', [two]: 'member' } });
    const visitor = await signedIn(boss);

    const done = await ask(visitor, 'PUT', `${user(one, them.at[one]!)}/do-anonymizeall?view=summary`, {});

    const { whole } = (await ask(visitor, 'GET', `${user(one, them.at[one]!)}/anonymization`)).body;
    expect(done.status).toBe(200);
    const path = whole.operation;
    expect((await ask(visitor, 'GET', path)).status).toBe(200);
    expect((await s.get(boss.at[one]!, path)).status).toBe(404);
    const told = (await s.get(boss.at[one]!, `${user(one, them.at[one]!)}/anonymization`)).body;
    expect([told.by.kind, told.whole]).toEqual(['console', undefined]);
    const { records } = (await s.get(boss.at[one]!, `/api/audit?siteId=${one}&actorKind=console`)).body;
    expect(records[0]).toMatchObject({
      siteId: one,
      userId: them.at[one],
      actor: { kind: 'console', id: boss.at[one] },
    });
    const elsewhere = (await s.get(boss.at[two]!, `/api/audit?siteId=${two}&actorKind=console`)).body.records;
    expect(elsewhere[0]).toMatchObject({ siteId: two, actor: { kind: 'console' } });
    expect(elsewhere[0].actor).not.toHaveProperty('id');
  });

  test('a run over a list goes on by the role at each site, and is nobody’s to start through a site’s token', async () => {
    const boss = await s.person({ at: { [one]: 'admin', [two]: 'admin' } });
    const [here, there] = [await s.person({ at: { [one]: 'member' } }), await s.person({ at: { [two]: 'member' } })];
    const visitor = await signedIn(boss);

    const planned = await ask(visitor, 'POST', '/api/anonymization-run', { users: [here.at[one], there.at[two]] });
    expect([planned.status, planned.body.plan.leftOut]).toEqual([201, {}]);
    const run = `/api/anonymization-run/${planned.body.id}`;
    const match = { 'If-Match': planned.headers.get('etag') ?? '' };
    expect((await s.post(boss.at[one]!, `${run}/start`, undefined, match)).status).toBe(404);
    expect((await ask(visitor, 'POST', `${run}/start`, undefined, match)).status).toBe(202);

    await until('both are anonymized', async () => (await ask(visitor, 'GET', run)).body.state === 'done');
    for (const id of [here.at[one]!, there.at[two]!]) expect((await s.row(id))?.anonymizedAt).not.toBeNull();
  });

  test('a platform admin’s run reaches people everywhere', async () => {
    const chief = await s.person({ at: { [platform]: 'admin' } });
    const them = await s.person({ at: { [one]: 'member', [two]: 'member' } });
    const visitor = await signedIn(chief);
    const body = { users: [them.at[one]], everywhere: true };
    const planned = await ask(visitor, 'POST', '/api/anonymization-run', body);
    const run = `/api/anonymization-run/${planned.body.id}`;

    const match = { 'If-Match': planned.headers.get('etag') ?? '' };
    expect((await ask(visitor, 'POST', `${run}/start`, undefined, match)).status).toBe(202);

    await until('they are anonymized', async () => (await ask(visitor, 'GET', run)).body.state === 'done');
    for (const id of [them.at[one]!, them.at[two]!]) expect((await s.row(id))?.anonymizedAt).not.toBeNull();
  });

  test('everything that is kept of oneself, at all sites, is told to the person and to nobody’s pages', async () => {
    const boss = await s.person({ at: { [one]: 'moderator', [two]: 'member' } });
    const visitor = await signedIn(boss);

    const whole = await ask(visitor, 'GET', `${user(one, boss.at[one]!)}/export`);

    expect([whole.status, idsIn(whole.body.users)]).toEqual([200, [boss.at[one], boss.at[two]]]);
    const part = await s.get(boss.at[one]!, `${user(one, boss.at[one]!)}/export`);
    expect(idsIn(part.body.users)).toEqual([boss.at[one]]);
    const another = await s.person({ at: { [one]: 'member' } });
    expect((await ask(visitor, 'GET', `${user(one, another.at[one]!)}/export`)).status).toBe(403);
  });
});
