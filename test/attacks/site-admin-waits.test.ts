import { setTimeout as pause } from 'node:timers/promises';
import { creationKey, personLease } from '../../src/users/person-names.ts';
import { until } from '../support/until.ts';
import { personThere, type Somebody } from '../journeys/sentences/support/people.ts';
import { refusal, startSentences, user, users, type SentenceWorld } from '../journeys/sentences/support/world.ts';

/** An admin of one site, who has a call wait (for a lease, a lock, a slow OAuth server) while what it was allowed by changes. */
const [ours, theirs, shared] = [11, 12, 13] as const;
let s: SentenceWorld;
beforeAll(async () => {
  s = await startSentences({ [ours]: {}, [theirs]: {}, [shared]: {} });
});
afterEach(async () => {
  await s.world.oauth.proxy.behave('pass');
  await moveTo(ours, ours);
});
afterAll(() => s.close());

const settingsOf = (client: number) => ({
  'auth-server-url': s.world.oauth.url,
  'auth-client-id': `peer-client-${client}`,
  'auth-client-secret': `peer-secret-${client}`,
});
/** The platform's admin registers a site as another client. */
const moveTo = async (siteId: number, client: number): Promise<void> => {
  const { status, text } = await s.put('admin', `/api/site/${siteId}`, {
    config: { oauth: { default: settingsOf(client) } },
  });
  if (status !== 200) throw new Error(text);
};
let last = 0;
const newEmail = () => `komt${(last += 1)}@example.org`;
const admin = (siteId: number): Promise<Somebody> => s.person({ at: { [siteId]: 'admin' } });
const rolesThere = (email: string) => s.world.oauth.server.people().find((one) => one.email === email)?.roles;

/** Holds the lease on an address until the call waits for it and `change` is done; answers what the call was answered. */
const whileWaiting = async <T>(lease: string, change: () => Promise<unknown>, call: () => Promise<T>): Promise<T> => {
  const { withLease } = s.world.container.ports;
  let answer: Promise<T> | undefined;
  await withLease(lease, async () => {
    answer = call();
    // It is asked for within milliseconds.
    await pause(400);
    await change();
  });
  return answer!;
};
const leaseOfAddress = (email: string): string =>
  `create:${creationKey(s.world.container.ports.secrets, s.world.oauth.url, email)}`;
const leaseOf = ({ externalId }: Somebody): string =>
  personLease(s.world.container.ports.secrets, { issuer: s.world.oauth.url, externalId: String(externalId) });
/** The same with a unit of work that holds the person's rows, in which the change is made. */
const whileLocked = async <T>({ id }: Somebody, change: () => Promise<unknown>, call: () => Promise<T>): Promise<T> => {
  const { ports } = s.world.container;
  // Called from outside the unit, so that nothing of it goes along.
  const called: { answer?: Promise<T> } = {};
  let isLocked = false;
  const unit = ports.inOneTransaction(async () => {
    await ports.users.person(id, 'locked');
    isLocked = true;
    await until('the call was made', () => called.answer !== undefined);
    await pause(400);
    await change();
  });
  await until('the rows are held', () => isLocked);
  called.answer = call();
  await unit;
  return called.answer;
};

describe('while a call waits, the site moves to another OAuth client, and a role would be written there', () => {
  test('by POST, waiting for another creation of the address: refused, and nobody has a role there', async () => {
    const boss = await admin(ours);
    const email = newEmail();
    const answer = await whileWaiting(
      leaseOfAddress(email),
      () => moveTo(ours, theirs),
      () => s.post(boss.at[ours]!, users(ours), { email, role: 'admin' }),
    );
    expect(refusal(answer)).toEqual([403, 'role-not-grantable', 'role']);
    expect(rolesThere(email)).toBeUndefined();
  });

  test('by POST of somebody who exists, while the OAuth server is slow to tell of them: refused', async () => {
    const boss = await admin(ours);
    const friend = await s.person({ at: { [shared]: 'member' } });
    const before = rolesThere(friend.email);
    // Waits for the person's own lease, which it takes to write this site's values.
    const answer = await whileWaiting(
      leaseOf(friend),
      () => moveTo(ours, theirs),
      () => s.post(boss.at[ours]!, users(ours), { email: friend.email, role: 'admin', gender: 'male' }),
    );
    expect(refusal(answer)).toEqual([403, 'role-not-grantable', 'role']);
    expect(rolesThere(friend.email)).toEqual(before);
  });

  test('by PUT: refused', async () => {
    const boss = await admin(ours);
    const friend = await s.person({ at: { [ours]: 'member' } });
    const answer = await whileWaiting(
      leaseOf(friend),
      () => moveTo(ours, theirs),
      () => s.put(boss.at[ours]!, user(ours, friend.at[ours]!), { role: 'admin' }),
    );
    expect(refusal(answer)).toEqual([403, 'role-not-grantable', 'role']);
    expect(rolesThere(friend.email)).toEqual({ [`peer-client-${ours}`]: 'member' });
  });

  test('by a creation that is finished from the outbox: given up, and whoever was made for it is removed', async () => {
    const boss = await admin(ours);
    const email = newEmail();
    // Made there, and no further: no role yet.
    await s.world.oauth.proxy.behave('reset', /^POST \/api\/admin\/user\/\d+$/);
    expect((await s.post(boss.at[ours]!, users(ours), { email, role: 'admin' })).status).toBeGreaterThanOrEqual(502);
    expect(rolesThere(email)).toEqual({});
    await moveTo(ours, theirs);
    await s.world.oauth.proxy.behave('pass');
    await settled(email);
    expect(rolesThere(email)).toBeUndefined();
  });
});

describe('whoever comes to the OAuth server by themselves, with an address whose creation was left in doubt,', () => {
  // The reply is lost, and nobody was made: the address is free for whoever comes.
  const inDoubt = async (boss: Somebody, email: string): Promise<number> => {
    await s.world.oauth.proxy.behave('hang', /^POST \/api\/admin\/user$/);
    expect((await s.post(boss.at[ours]!, users(ours), { email, role: 'admin' })).status).toBe(504);
    await s.world.oauth.proxy.behave('pass');
    return personThere(s.world, { email, firstName: 'Echt', city: 'Geheim' });
  };
  const rowOf = async (email: string) =>
    (await s.get('admin', `${users(ours)}?filter=${JSON.stringify({ email })}`)).body as readonly { id: number }[];

  test('shows nothing of themselves to whoever asked for the creation', async () => {
    const boss = await admin(ours);
    const email = newEmail();
    await inDoubt(boss, email);
    await until(
      'the creation is finished',
      async () => {
        await s.touchOutbox();
        await s.world.container.deliver();
        return (await rowOf(email)).length > 0;
      },
      30_000,
    );
    const [made] = await rowOf(email);
    const seen = await s.get(boss.at[ours]!, user(ours, made!.id), { 'cache-control': 'no-cache' });
    expect(seen.body).toMatchObject({ email, firstName: null, city: null });
    expect(seen.text).not.toContain('Geheim');
  });

  test('is not removed there, when the creator has no right any more', async () => {
    const boss = await admin(ours);
    const email = newEmail();
    const externalId = await inDoubt(boss, email);
    await s.touch('users', boss.at[ours]!, { role: 'member' });
    await until(
      'the creation is given up',
      async () => {
        await s.touchOutbox();
        await s.world.container.deliver();
        return !(await s.world.container.ports.outbox.waiting()).some(({ topic }) => topic === 'user.create');
      },
      30_000,
    );
    while ((await s.world.container.deliver()) !== null) await s.touchOutbox();
    expect(s.there(externalId)?.roles).toEqual({});
    expect(await rowOf(email)).toEqual([]);
  });
});

/** What lies waiting for this address is carried out, or given up. */
const settled = (email: string): Promise<void> =>
  until(
    'nothing waits',
    async () => {
      await s.touchOutbox();
      await s.world.container.deliver();
      const waiting = await s.world.container.ports.outbox.waiting();
      return !waiting.some(({ topic }) => topic === 'user.create') && rolesThere(email) === undefined;
    },
    30_000,
  );

type Loss = (boss: Somebody) => Promise<unknown>;
const losses: readonly (readonly [string, Loss, number])[] = [
  ['is a member by then', (boss) => s.touch('users', boss.at[ours]!, { role: 'member' }), 403],
  ['is logged out by then', (boss) => s.world.container.ports.sessions.endOfUsers([boss.at[ours]!]), 401],
  [
    'is anonymized by then',
    async (boss) => {
      const done = await s.put('admin', `${user(ours, boss.at[ours]!)}/do-anonymize`);
      if (done.status !== 200) throw new Error(done.text);
    },
    401,
  ],
];

describe.each(losses)('whoever waits for a lease, and %s,', (_name, lose, status) => {
  test('changes nobody', async () => {
    const boss = await admin(ours);
    const them = await s.person({ at: { [ours]: 'member' } });
    const answer = await whileWaiting(
      leaseOf(them),
      () => lose(boss),
      () => s.put(boss.at[ours]!, user(ours, them.at[ours]!), { city: 'Veranderd' }),
    );
    expect(answer.status).toBe(status);
    expect([s.there(them.externalId)?.city, (await s.row(them.at[ours]!))?.city]).toEqual(['Utrecht', 'Utrecht']);
  });

  test('gives nobody a role', async () => {
    const boss = await admin(ours);
    const them = await s.person({ at: { [ours]: 'member' } });
    const answer = await whileWaiting(
      leaseOf(them),
      () => lose(boss),
      () => s.put(boss.at[ours]!, user(ours, them.at[ours]!), { role: 'admin' }),
    );
    expect(answer.status).toBe(status);
    expect(rolesThere(them.email)).toEqual({ [`peer-client-${ours}`]: 'member' });
  });

  test('makes nobody', async () => {
    const boss = await admin(ours);
    const email = newEmail();
    const answer = await whileWaiting(
      leaseOfAddress(email),
      () => lose(boss),
      () => s.post(boss.at[ours]!, users(ours), { email, role: 'admin' }),
    );
    expect(answer.status).toBe(status);
    expect(rolesThere(email)).toBeUndefined();
  });

  test('leaves nobody behind whose creation was to be finished later', async () => {
    const boss = await admin(ours);
    const email = newEmail();
    await s.world.oauth.proxy.behave('reset', /^POST \/api\/admin\/user\/\d+$/);
    await s.post(boss.at[ours]!, users(ours), { email, role: 'admin' });
    // A login that has ended is no reason to leave undone what its user asked for; who they are is.
    if (_name === 'is logged out by then') await s.touch('users', boss.at[ours]!, { role: 'moderator' });
    else await lose(boss);
    await s.world.oauth.proxy.behave('pass');
    await settled(email);
    expect(rolesThere(email)).toBeUndefined();
  });
});

const deeds = ['DELETE', 'PUT do-anonymize', 'PUT do-anonymizeall'] as const;
const lossesInRows: readonly (readonly [string, Loss, number])[] = [
  losses[0]!,
  losses[1]!,
  ['is soft-deleted by then', (boss) => s.touch('users', boss.at[ours]!, { deletedAt: new Date() }), 401],
];
describe.each(lossesInRows)('whoever waits for the locks of somebody’s rows, and %s,', (_name, lose, status) => {
  test.each(deeds)('does nothing by %s', async (deed) => {
    const boss = await admin(ours);
    const them = await s.person({ at: { [ours]: 'member' } });
    const [method = '', call] = deed.split(' ');
    const path = user(ours, them.at[ours]!) + (call === undefined ? '' : `/${call}`);
    // The session is there before the locks are.
    await s.world.token(boss.at[ours]!);
    const answer = await whileLocked(
      them,
      () => lose(boss),
      () => s.world.call(boss.at[ours]!, method, path),
    );
    expect(answer.status).toBe(status);
    expect((await s.row(them.at[ours]!))?.email).toBe(them.email);
  });
});
