import { raw } from '../../src/db/sql.ts';
import { personLeaseName } from '../../src/use-cases/person-keys.ts';
import { fetchProfile, mirrorProfile } from '../../src/use-cases/person-sync/refresh-person.ts';
import { until } from '../support/until.ts';
import { aVisitor, logInAs } from '../support/visitor.ts';
import { writeThere, type Somebody } from './sentences/support/people.ts';
import { refusal, startSentences, user, users, type SentenceWorld } from './sentences/support/world.ts';

/** running.md "Databases": OpenStad's own migrations leave UNIQUE users(siteId, email), on both databases. */
let s: SentenceWorld;
const site = 8;
beforeAll(async () => {
  const sites = { [site]: { config: { allowedDomains: ['city.example', '127.0.0.1'] } } };
  s = await startSentences(sites, { oauthTimeLimitMs: 3000 });
  await s.world.container.database.change(
    raw('CREATE UNIQUE INDEX unique_users_email_per_site_id ON users (siteId, email)'),
  );
});
afterAll(() => s.close());

const anew = { 'cache-control': 'no-cache' };
let last = 0;
const anAddress = (): string => `adres${(last += 1)}@example.org`;
const member = (): Promise<Somebody> => s.person({ at: { [site]: 'member' }, profile: { email: anAddress() } });
const rowAt = (one: Somebody): number => one.at[site] ?? 0;
const emailOf = async (one: Somebody): Promise<string | null | undefined> => (await s.row(rowAt(one)))?.email;
const refresh = async (one: Somebody) => (await s.get('admin', user(site, rowAt(one)), anew)).status;
const findings = async (one: Somebody): Promise<readonly string[]> => {
  const { body } = await s.get('admin', '/api/user/drift?kind=address-taken&pageSize=1000');
  return (body.records as readonly { personId: number; fields: readonly string[] }[])
    .filter(({ personId }) => personId === one.id)
    .flatMap(({ fields }) => fields);
};
/** With what the program's own job does every few seconds. */
const untilDelivered = (what: string, isSo: () => Promise<boolean>) =>
  until(what, async () => {
    await s.world.container.deliver();
    return isSo();
  });
const swapThere = async (one: Somebody, other: Somebody) => {
  await writeThere(s.world, one.externalId, { email: anAddress() });
  await writeThere(s.world, other.externalId, { email: one.email });
  await writeThere(s.world, one.externalId, { email: other.email });
};

describe('two people who swapped their addresses at the OAuth server', () => {
  test('are seen with their new ones, whoever is looked at first', async () => {
    const [one, other] = [await member(), await member()];
    await swapThere(one, other);
    expect(await refresh(one)).toBe(200);
    expect(await emailOf(one)).toBe(other.email);
    await untilDelivered('the other one is read anew', async () => (await emailOf(other)) === one.email);
    expect(await refresh(other)).toBe(200);
    expect([await emailOf(one), await emailOf(other)]).toEqual([other.email, one.email]);
    expect([await findings(one), await findings(other)]).toEqual([[], []]);
  });

  test('are seen with their new ones when both are looked at at once', async () => {
    const [one, other] = [await member(), await member()];
    await swapThere(one, other);
    const looks = await Promise.all([one, other, one, other].map(refresh));
    expect(looks).toEqual([200, 200, 200, 200]);
    await untilDelivered(
      'both',
      async () => (await emailOf(one)) === other.email && (await emailOf(other)) === one.email,
    );
  });

  test('are seen with their new ones, also where one was read before they swapped, and written down after', async () => {
    const [one, other] = [await member(), await member()];
    const { ports } = s.world.container;
    const person = await ports.persons.find(one.id);
    await ports.withLease(personLeaseName(ports.secrets, person!), async (lease) => {
      const asBefore = await fetchProfile(ports, person!, site);
      await swapThere(one, other);
      expect(await refresh(other)).toBe(200);
      expect([await emailOf(one), await emailOf(other)]).toEqual([null, one.email]);
      await mirrorProfile(ports, lease, one.id, asBefore!);
    });
    await untilDelivered(
      'both',
      async () => (await emailOf(one)) === other.email && (await emailOf(other)) === one.email,
    );
    expect([await findings(one), await findings(other)]).toEqual([[], []]);
  });

  test('can be written and can log in meanwhile', async () => {
    const [one, other, third] = [await member(), await member(), await member()];
    await swapThere(one, other);
    const put = await s.put('admin', user(site, rowAt(one)), { city: 'Harlingen' });
    expect([put.status, put.body.city, put.body.email]).toEqual([200, 'Harlingen', other.email]);
    await swapThere({ ...other, email: one.email }, third);
    await logIn(third);
    expect(await emailOf(third)).toBe(one.email);
  });

  test('go round in a ring of three, and with other letters', async () => {
    const ring = [await member(), await member(), await member()] as const;
    await writeThere(s.world, ring[0].externalId, { email: anAddress() });
    await writeThere(s.world, ring[2].externalId, { email: ring[0].email.toUpperCase() });
    await writeThere(s.world, ring[1].externalId, { email: ring[2].email });
    await writeThere(s.world, ring[0].externalId, { email: ring[1].email });
    expect(await refresh(ring[0])).toBe(200);
    await untilDelivered('all three', async () => {
      const now = await Promise.all(ring.map((one) => emailOf(one)));
      return now.join().toLowerCase() === [ring[1].email, ring[2].email, ring[0].email].join();
    });
  });
});

describe('an address that cannot be given', () => {
  test('is left null where a user without a person has it, listed by drift, and never an error', async () => {
    const taken = anAddress();
    const orphan = await s.extraRow({ siteId: site, email: taken });
    const one = await member();
    await writeThere(s.world, one.externalId, { email: taken, city: 'Harlingen' });
    expect(await refresh(one)).toBe(200);
    expect(await s.row(rowAt(one))).toMatchObject({ email: null, city: 'Harlingen', role: 'member' });
    expect((await s.row(orphan))?.email).toBe(taken);
    expect(await findings(one)).toEqual(['email']);
    const before = await s.row(rowAt(one));
    expect(await refresh(one)).toBe(200);
    expect(await s.row(rowAt(one))).toEqual(before);
    expect((await s.put('admin', user(site, rowAt(one)), { city: 'Franeker' })).status).toBe(200);
    await logIn(one);
    expect(await s.row(rowAt(one))).toMatchObject({ email: null, city: 'Franeker' });

    await s.touch('users', orphan, { email: null });
    expect(await refresh(one)).toBe(200);
    expect([await emailOf(one), await findings(one)]).toEqual([taken, []]);
  });

  test('is left null where somebody of another OAuth server has it', async () => {
    const taken = anAddress();
    const there = await s.extraRow({ siteId: site, email: taken, personId: await elsewhere() });
    const one = await member();
    await writeThere(s.world, one.externalId, { email: taken });
    expect(await refresh(one)).toBe(200);
    expect([await emailOf(one), (await s.row(there))?.email]).toEqual([null, taken]);
  });

  test('is given where only a deleted user had it', async () => {
    const taken = anAddress();
    const deleted = await s.extraRow({ siteId: site, email: taken, deletedAt: new Date('2024-01-01T00:00:00Z') });
    const one = await member();
    await writeThere(s.world, one.externalId, { email: taken });
    expect(await refresh(one)).toBe(200);
    expect([await emailOf(one), (await s.row(deleted))?.email]).toEqual([taken, null]);
  });

  test('stays with the row that login uses, where one person has several at a site', async () => {
    const one = await member();
    const second = await s.extraRow({ siteId: site, slot: 1, personId: one.id, externalUserId: one.externalId });
    expect(await refresh(one)).toBe(200);
    expect([await emailOf(one), (await s.row(second))?.email]).toEqual([one.email, null]);
    const moved = anAddress();
    await writeThere(s.world, one.externalId, { email: moved });
    expect(await refresh(one)).toBe(200);
    expect([await emailOf(one), (await s.row(second))?.email]).toEqual([moved, null]);
  });
});

describe('POST of an address', () => {
  const post = (email: string) => s.post('moderator', users(site), { email, firstName: 'Nieuw' });
  const peopleThere = (email: string) => s.world.oauth.server.people().filter((one) => one.email === email);

  test('that a user without a person has is refused, and leaves nobody at the OAuth server', async () => {
    const taken = anAddress();
    await s.extraRow({ siteId: site, email: taken });
    const answer = await post(taken);
    expect([answer.status, answer.body.rule, answer.body.field]).toEqual([409, 'address-taken', 'email']);
    expect(peopleThere(taken)).toEqual([]);
  });

  test('that only a deleted user has makes the user', async () => {
    const taken = anAddress();
    await s.extraRow({ siteId: site, email: taken, deletedAt: new Date('2024-01-01T00:00:00Z') });
    expect((await post(taken)).status).toBe(201);
  });

  test('that an old copy of somebody else has makes the user', async () => {
    const one = await member();
    await writeThere(s.world, one.externalId, { email: anAddress() });
    expect((await post(one.email)).status).toBe(201);
    await untilDelivered('the copy is new', async () => (await emailOf(one)) !== null);
  });

  test('that a user without a person got while the person was made is not given, and the person is removed there', async () => {
    const taken = anAddress();
    // Made there, and no further.
    await s.world.oauth.proxy.behave('reset', /^POST \/api\/admin\/user\/\d+$/);
    expect((await post(taken)).status).toBeGreaterThanOrEqual(502);
    expect(peopleThere(taken)).toHaveLength(1);
    await s.extraRow({ siteId: site, email: taken });
    await s.world.oauth.proxy.behave('pass');
    // The lease of the creation has run out.
    s.world.later(9);
    await untilDelivered('nobody is left there', async () => {
      await s.touchOutbox();
      return peopleThere(taken).length === 0;
    });
    expect((await s.world.container.ports.outbox.waiting()).filter(({ topic }) => topic === 'user.create')).toEqual([]);
  });
});

describe('PUT of an address', () => {
  test('that a user without a person has at the site is refused, and written nowhere', async () => {
    const taken = anAddress();
    await s.extraRow({ siteId: site, email: taken });
    const one = await member();
    const answer = await s.put('admin', user(site, rowAt(one)), { email: taken });
    expect([answer.status, answer.body.rule, answer.body.field]).toEqual([409, 'address-taken', 'email']);
    expect([await emailOf(one), s.there(one.externalId)?.email]).toEqual([one.email, one.email]);
  });

  test('of a user without a person, that somebody else has, is refused', async () => {
    const one = await member();
    const orphan = await s.extraRow({ siteId: site, email: anAddress() });
    expect(refusal(await s.put('admin', user(site, orphan), { email: one.email }))).toEqual([
      409,
      'address-taken',
      'email',
    ]);
    expect((await s.put('admin', user(site, orphan), { email: anAddress() })).status).toBe(200);
  });
});

const elsewhere = async (): Promise<number> => {
  const { ports } = s.world.container;
  const person = await ports.inOneTransaction(() => ports.persons.ensure('https://elsewhere.example', '77', true));
  return person.id;
};
const logIn = async ({ externalId }: Somebody): Promise<void> => {
  const flow = { apiUrl: s.world.url, oauthUrl: s.world.oauth.url, siteId: site, redirectUrl: 'https://city.example/' };
  const done = await logInAs(aVisitor(), { ...flow, more: '' }, externalId);
  expect([done.status, done.token === '']).toEqual([302, false]);
};
