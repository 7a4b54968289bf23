import { until } from '../support/until.ts';
import { aVisitor, logInAs } from '../support/visitor.ts';
import { personLeaseName } from '../../src/use-cases/person-keys.ts';
import { writeThere, type Somebody } from '../journeys/sentences/support/people.ts';
import { startSentences, user, users, type SentenceWorld } from '../journeys/sentences/support/world.ts';

/**
 * Somebody was made at the OAuth server, and their creation stopped half-way: until the outbox follows it up they are there, can come to
 * other sites, and be added by these. Whoever comes, or is given a phone, meanwhile is nobody whom that creation may take for its own.
 * Source: user-api.md §3 "Create", docs/reference/neighbours.md.
 */
const [hostile, theirs, closed] = [11, 12, 13] as const;
let s: SentenceWorld;
let editor: Somebody;
let boss: Somebody;
beforeAll(async () => {
  const config = { allowedDomains: ['127.0.0.1'] };
  s = await startSentences(
    {
      [hostile]: { config },
      [theirs]: { config },
      [closed]: { config: { ...config, users: { canCreateNewUsers: false } } },
    },
    // The tests say when the outbox is looked at.
    { oauthTimeLimitMs: 3000, outboxSeconds: 3600 },
  );
  editor = await s.person({ at: { [hostile]: 'editor' } });
  boss = await s.person({ at: { [theirs]: 'admin' } });
});
afterEach(() => s.world.oauth.proxy.behave('pass'));
afterAll(() => s.close());

let last = 0;
const anAddress = () => `burger${(last += 1)}@gemeente.example`;
const found = (email: string) => s.world.oauth.server.people().find((one) => one.email === email);
const idThere = (email: string): number => found(email)?.id ?? 0;
const logIn = (siteId: number, email: string) =>
  logInAs(
    aVisitor(),
    { apiUrl: s.world.url, oauthUrl: s.world.oauth.url, siteId, more: '', redirectUrl: 'http://127.0.0.1/' },
    idThere(email),
  );
const rowAt = async (siteId: number, email: string) => {
  const rows = await s.world.container.database.rows.users.findAll({ where: { siteId, email }, raw: true });
  return (rows[0] as { id: number } | undefined)?.id ?? 0;
};
const personOf = (email: string) =>
  s.world.container.ports.persons.byExternalId(s.world.oauth.url, String(idThere(email)));
const roleAfterLogin = async (siteId: number, email: string): Promise<unknown> => {
  const { token } = await logIn(siteId, email);
  const me = await s.world.call(null, 'GET', `/oauth/site/${siteId}/me`, undefined, {
    authorization: `Bearer ${token}`,
  });
  return me.body.role;
};

/** The person is made at the OAuth server, and their role is not written: the call fails, and its intent stays. */
const stopped = async (
  who: number,
  siteId: number,
  body: { readonly email: string; readonly [key: string]: string },
) => {
  await s.world.oauth.proxy.behave('401', /^POST \/api\/admin\/user\/\d+$/);
  expect((await s.post(who, users(siteId), body)).status).toBe(502);
  await s.world.oauth.proxy.behave('pass');
  expect(found(body.email)?.roles).toEqual({});
};
const followUp = () =>
  until('the creation is followed up', async () => {
    const { outbox } = s.world.container.ports;
    await s.touchOutbox();
    while ((await s.world.container.deliver()) !== null);
    return (await outbox.waiting()).every(({ topic }) => topic !== 'user.create');
  });

describe('somebody who came to another site before their creation was followed up', () => {
  test('and was given a phone there, became admin by it', async () => {
    const email = anAddress();
    await stopped(boss.at[theirs]!, theirs, { email, role: 'admin' });
    await logIn(hostile, email);
    const row = user(hostile, await rowAt(hostile, email));
    expect((await s.put(editor.at[hostile]!, row, { phoneNumber: '0611111111' })).status).toBe(200);

    await followUp();

    expect(await rowAt(theirs, email)).not.toBe(0);
    expect(found(email)?.roles[`peer-client-${theirs}`]).not.toBe('admin');
    expect(await roleAfterLogin(theirs, email)).toBe('member');
  });

  test('and became its admin, is not given a lower role by an editor who does not know', async () => {
    const email = anAddress();
    const moderator = await s.person({ at: { [theirs]: 'moderator' } });
    await stopped(moderator.at[theirs]!, theirs, { email });
    await logIn(hostile, email);
    const row = user(hostile, await rowAt(hostile, email));
    expect((await s.put('admin', row, { role: 'admin' })).status).toBe(200);

    await followUp();

    // As for a POST of that moderator's now.
    expect([await rowAt(theirs, email), found(email)?.roles]).toEqual([0, { [`peer-client-${hostile}`]: 'admin' }]);
  });

  test.each([
    ['to a site that makes no users, and was refused', closed],
    ['and has a row there', hostile],
  ])('%s, could be given another address by whoever had added them', async (_how, siteId) => {
    const email = anAddress();
    await stopped(boss.at[theirs]!, theirs, { email });
    await logIn(siteId, email);
    await followUp();
    const id = await rowAt(theirs, email);
    const there = idThere(email);

    const put = await s.put(boss.at[theirs]!, user(theirs, id), { email: anAddress(), firstName: 'Overgenomen' });

    expect([put.status, s.there(there)?.email, s.there(there)?.firstName]).toEqual([200, email, null]);
  });
});

test('whom a creation made with a phone that is its editor’s became admin of another site that added them meanwhile', async () => {
  const email = anAddress();
  await stopped(editor.at[hostile]!, hostile, { email, phoneNumber: '0611111112' });
  const added = await s.post(boss.at[theirs]!, users(theirs), { email, role: 'admin' });
  expect([added.status, added.body.role]).toEqual([201, 'admin']);

  expect(found(email)?.roles[`peer-client-${theirs}`]).not.toBe('admin');
  expect(await roleAfterLogin(theirs, email)).toBe('member');
});

describe('somebody who came while the call still waited', () => {
  /** Holds the lease of whoever is made next, until they came and the call waits for it. */
  const whileComing = async (call: () => Promise<{ status: number }>, come: () => Promise<unknown>) => {
    const { ports } = s.world.container;
    const next = Math.max(...s.world.oauth.server.people().map(({ id }) => id)) + 1;
    const called: { answer?: Promise<{ status: number }> } = {};
    await ports.withLease(
      personLeaseName(ports.secrets, { issuer: s.world.oauth.url, externalId: String(next) }),
      async () => {
        called.answer = call();
        await until('the person is known', async () => {
          return (await ports.persons.byExternalId(s.world.oauth.url, String(next))) !== null;
        });
        await come();
      },
    );
    return (await called.answer!).status;
  };

  test('was made admin though an editor elsewhere had set their phone', async () => {
    const email = anAddress();
    const { ports } = s.world.container;
    const status = await whileComing(
      () => s.post(boss.at[theirs]!, users(theirs), { email, role: 'admin' }),
      async () => {
        const person = (await personOf(email))!;
        await ports.inOneTransaction(() => ports.persons.setUnclaimed(person.id, false));
        await ports.inOneTransaction(() => ports.persons.setLoginSetAt(person.id, [hostile]));
      },
    );
    expect(status).toBe(503);
    await followUp();
    expect(await rowAt(theirs, email)).not.toBe(0);
    expect(await roleAfterLogin(theirs, email)).toBe('member');
  });
});

describe('nobody who came is told from nobody who did', () => {
  test('whoever stayed away has the role, and is the site’s that made them until they come', async () => {
    const email = anAddress();
    await stopped(boss.at[theirs]!, theirs, { email, role: 'moderator' });
    await followUp();
    const row = user(theirs, await rowAt(theirs, email));
    const there = idThere(email);
    const other = anAddress();

    expect((await s.put(boss.at[theirs]!, row, { email: other, firstName: 'Echt' })).status).toBe(200);

    expect(s.there(there)).toMatchObject({ email: other, firstName: 'Echt' });
    expect(await roleAfterLogin(theirs, other)).toBe('moderator');
  });

  test('asked for again before it was followed up, it is done once', async () => {
    const email = anAddress();
    await stopped(boss.at[theirs]!, theirs, { email, role: 'moderator' });
    expect((await s.post(boss.at[theirs]!, users(theirs), { email, role: 'moderator' })).status).toBe(201);
    await followUp();
    const rows = await s.world.container.database.rows.users.findAll({ where: { email } });
    expect(rows).toHaveLength(1);
    expect(await roleAfterLogin(theirs, email)).toBe('moderator');
  });

  test('whose address was changed at the OAuth server is told of, and no row is made', async () => {
    const email = anAddress();
    await stopped(boss.at[theirs]!, theirs, { email });
    const there = idThere(email);
    const { id } = (await personOf(email))!;
    await writeThere(s.world, there, { email: anAddress() });

    await followUp();

    expect(await rowAt(theirs, email)).toBe(0);
    const { body } = await s.get('admin', '/api/user/drift?kind=left-behind&pageSize=1000');
    expect(JSON.stringify(body)).toContain(`"personId":${id}`);
  });
});
