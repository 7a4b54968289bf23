import { creationKey, personLeaseName } from '../../src/use-cases/person-keys.ts';
import { slowRequest } from '../support/slow-request.ts';
import { until } from '../support/until.ts';
import { personThere, removeThere, writeThere, type Somebody } from '../journeys/sentences/support/people.ts';
import { refusal, startSentences, user, users, type SentenceWorld } from '../journeys/sentences/support/world.ts';
import { statementsAtRest } from './support/at-rest.ts';

/** An admin of one site, who has a call wait (for a lease, a lock, a slow OAuth server) while what it was allowed by changes. */
const [ours, theirs, shared, ended] = [11, 12, 13, 14] as const;
let s: SentenceWorld;
beforeAll(async () => {
  const hasEnded = { config: { project: { projectHasEnded: true } } };
  s = await startSentences({ [ours]: {}, [theirs]: {}, [shared]: {}, [ended]: hasEnded }, { oauthTimeLimitMs: 3000 });
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
/** The numbers of roles at the OAuth server. */
const roleIds = { admin: 1, editor: 5 } as const;
let last = 0;
const newEmail = () => `komt${(last += 1)}@example.org`;
const admin = (siteId: number): Promise<Somebody> => s.person({ at: { [siteId]: 'admin' } });
const rolesThere = (email: string) => s.world.oauth.server.people().find((one) => one.email === email)?.roles;

/** Until whoever asked since then sends no more statements: they wait. */
const waits = (before: number): Promise<unknown> => statementsAtRest(s.world, before, 100);
/** A write whose end nobody knows is over by then, and its lease has run out. */
const leasesRunOut = (): void => {
  s.world.later(10);
};

/** Holds the lease on an address until the call waits for it and `change` is done; answers what the call was answered. */
const whileWaiting = async <T>(lease: string, change: () => Promise<unknown>, call: () => Promise<T>): Promise<T> => {
  const { withLease } = s.world.container.ports;
  let answer: Promise<T> | undefined;
  await withLease(lease, async () => {
    const before = s.world.statements();
    answer = call();
    await waits(before);
    await change();
  });
  return answer!;
};
const leaseOfAddress = (email: string): string =>
  `create:${creationKey(s.world.container.ports.secrets, s.world.oauth.url, email)}`;
const leaseOf = ({ externalId }: Somebody): string =>
  personLeaseName(s.world.container.ports.secrets, { issuer: s.world.oauth.url, externalId: String(externalId) });
/** The same with a unit of work that holds the person's rows, in which the change is made. */
const whileLocked = <T>({ id }: Somebody, change: () => Promise<unknown>, call: () => Promise<T>): Promise<T> =>
  whileHeld(() => s.world.container.ports.users.person(id, 'locked'), change, call);

const whileHeld = async <T>(
  hold: () => Promise<unknown>,
  change: () => Promise<unknown>,
  call: () => Promise<T>,
): Promise<T> => {
  const { ports } = s.world.container;
  // Called from outside the unit, so that nothing of it goes along.
  const called: { answer?: Promise<T> } = {};
  let [isLocked, before] = [false, 0];
  const unit = ports.inOneTransaction(async () => {
    await hold();
    isLocked = true;
    await until('the call was made', () => called.answer !== undefined);
    await waits(before);
    await change();
  });
  await until('the rows are held', () => isLocked);
  before = s.world.statements();
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

  // It was "no role" when they were looked up; a role of the platform's giving came meanwhile.
  test.each<[string, keyof typeof roleIds, object, number]>([
    ['none, and what they were given stays', 'editor', {}, 201],
    ['none, and they are above the editor by now: refused', 'admin', {}, 403],
    ['a member’s, and they are above the editor by now: refused', 'admin', { role: 'member' }, 403],
  ])('or the person is given a role, by a POST that gives %s', async (_what, role, body, status) => {
    const editor = await s.person({ at: { [ours]: 'editor' } });
    const friend = await s.person({ at: { [shared]: 'member' } });
    const answer = await whileWaiting(
      leaseOf(friend),
      () => writeThere(s.world, friend.externalId, { roles: { [ours]: roleIds[role] } }),
      () => s.post(editor.at[ours]!, users(ours), { email: friend.email, ...body }),
    );

    expect([answer.status, rolesThere(friend.email)?.[`peer-client-${ours}`]]).toEqual([status, role]);
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
    leasesRunOut();
    await s.world.oauth.proxy.behave('pass');
    return personThere(s.world, { email, firstName: 'Echt', city: 'Geheim' });
  };
  const rowOf = async (email: string) =>
    (await s.get('admin', `${users(ours)}?filter=${JSON.stringify({ email })}`)).body as readonly {
      id: number;
    }[];

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

/** What lies waiting for this address is executed, or given up. */
const settled = (email: string): Promise<void> => {
  leasesRunOut();
  return until(
    'nothing waits',
    async () => {
      await s.touchOutbox();
      await s.world.container.deliver();
      const waiting = await s.world.container.ports.outbox.waiting();
      return !waiting.some(({ topic }) => topic === 'user.create') && rolesThere(email) === undefined;
    },
    30_000,
  );
};

type Loss = (boss: Somebody, site?: number) => Promise<unknown>;
const losses: readonly (readonly [string, Loss, number])[] = [
  ['is a member by then', (boss, site = ours) => s.touch('users', boss.at[site]!, { role: 'member' }), 403],
  ['is logged out by then', (boss, site = ours) => s.world.container.ports.sessions.endOfUsers([boss.at[site]!]), 401],
  [
    'is anonymized by then',
    async (boss, site = ours) => {
      const done = await s.put('admin', `${user(site, boss.at[site]!)}/do-anonymize`);
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

describe.each([losses[0]!, losses[1]!])('whoever waits for the lock of their site, and %s,', (_name, lose, status) => {
  test.each([
    ['PUT', { title: 'Veranderd' }],
    ['DELETE', undefined],
  ])('does nothing by %s', async (method, body) => {
    const boss = await admin(ours);
    await s.world.token(boss.at[ours]!);
    const { ports } = s.world.container;
    const answer = await whileHeld(
      () => ports.sites.locked(ours),
      () => lose(boss),
      () => s.world.call(boss.at[ours]!, method, `/api/site/${ours}`, body),
    );
    expect(answer.status).toBe(status);
    expect((await ports.sites.readNow([ours]))[0]?.title).toBe(`Site ${ours}`);
  });
});

const operations = ['DELETE', 'PUT do-anonymize', 'PUT do-anonymizeall'] as const;
const lossesInRows: readonly (readonly [string, Loss, number])[] = [
  losses[0]!,
  losses[1]!,
  ['is soft-deleted by then', (boss) => s.touch('users', boss.at[ours]!, { deletedAt: new Date() }), 401],
];
describe.each(lossesInRows)('whoever waits for the locks of somebody’s rows, and %s,', (_name, lose, status) => {
  test.each(operations)('does nothing by %s', async (operation) => {
    const boss = await admin(ours);
    const them = await s.person({ at: { [ours]: 'member' } });
    const [method = '', call] = operation.split(' ');
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

/** Sends a call with half of its body, and the rest when `change` is done: the token was read long before. */
const whileSending = async (
  who: number | string,
  [method, path, body]: readonly [method: string, path: string, body: object],
  change: () => Promise<unknown>,
  headers: Readonly<Record<string, string>> = {},
): Promise<number> => {
  const token = typeof who === 'string' ? `fixed-${who}` : `Bearer ${await s.world.token(who)}`;
  const before = s.world.statements();
  const slow = await slowRequest(method, s.world.url + path, { 'x-authorization': token, ...headers }, body);
  await waits(before);
  await change();
  return (await slow.finish()).status;
};

describe.each(losses)('whoever sends a body slowly, and %s,', (_name, lose, status) => {
  const siteAsItIs = async (id: number) => (await s.get('admin', `/api/site/${id}`)).body as unknown;
  /** An admin of the site that has ended, and the loss of their row there. */
  const bossOfEnded = async () => {
    const boss = await admin(ended);
    return { id: boss.at[ended]!, loses: () => lose(boss, ended) };
  };

  test.each([
    ['where logins come back to', { config: { allowedDomains: ['evil.example'] } }],
    ['the domain', { domain: 'evil.example' }],
    ['a title', { title: 'Van mij' }],
  ])('changes nothing of the site: %s', async (_what, body) => {
    const boss = await admin(ours);
    const before = await siteAsItIs(ours);
    const answered = await whileSending(boss.at[ours]!, ['PUT', `/api/site/${ours}`, body], () => lose(boss));
    expect([answered, await siteAsItIs(ours)]).toEqual([status, before]);
  });

  test.each([
    ['PUT', ''],
    ['POST', '/will-anonymize'],
    ['POST', '/will-anonymizeall'],
  ])('is shown nobody by %s%s', async (method, call) => {
    const boss = await admin(ours);
    const them = await s.person({ at: { [ours]: 'member' } });
    const path = user(ours, them.at[ours]!) + call;
    expect(await whileSending(boss.at[ours]!, [method, path, {}], () => lose(boss))).toBe(status);
  });

  test('is shown nobody of a whole site', async () => {
    const { id, loses } = await bossOfEnded();
    const call = `/api/site/${ended}/will-anonymize-all-users`;
    expect(await whileSending(id, ['PUT', call, {}], loses)).toBe(status);
  });

  test.each(['do-anonymize', 'do-anonymizeall'])('is not told again what %s came to', async (call) => {
    const boss = await admin(ours);
    const them = await s.person({ at: { [ours]: 'member' } });
    const path = `${user(ours, them.at[ours]!)}/${call}`;
    const key = { 'idempotency-key': `again-${boss.id}` };
    expect((await s.put(boss.at[ours]!, path, {}, key)).status).toBe(200);
    expect(await whileSending(boss.at[ours]!, ['PUT', path, {}], () => Promise.resolve(), key)).toBe(200);
    expect(await whileSending(boss.at[ours]!, ['PUT', path, {}], () => lose(boss), key)).toBe(status);
  });

  test('is not told again how far the anonymization of everybody is', async () => {
    const { id, loses } = await bossOfEnded();
    const path = `/api/site/${ended}/do-anonymize-all-users`;
    const key = { 'idempotency-key': `again-${id}` };
    const begun = await s.put(id, path, {}, key);
    expect(begun.status).toBe(202);
    // Else whoever is no admin any more would be anonymized by it.
    await s.put('admin', `${begun.headers.get('location')!}/pause`);
    expect(await whileSending(id, ['PUT', path, {}], () => Promise.resolve(), key)).toBe(200);
    expect(await whileSending(id, ['PUT', path, {}], loses, key)).toBe(status);
  });

  test('does not delete the site', async () => {
    const { id, loses } = await bossOfEnded();
    const answered = await whileSending(id, ['DELETE', `/api/site/${ended}`, {}], loses);
    expect([answered, (await s.get('admin', `/api/site/${ended}`)).status]).toEqual([status, 200]);
  });

  /** The address of a run that stands still. */
  const pausedRun = async (): Promise<string> => {
    const begun = await s.put('admin', `/api/site/${ended}/do-anonymize-all-users`);
    const address = begun.headers.get('location')!;
    // It may have been done within that moment.
    return (await s.put('admin', `${address}/pause`)).status === 200 ? address : pausedRun();
  };

  test.each(['pause', 'resume'])('does not %s the anonymization of everybody', async (call) => {
    const run = await pausedRun();
    const { id, loses } = await bossOfEnded();
    const answered = await whileSending(id, ['PUT', `${run}/${call}`, {}], loses);
    expect([answered, (await s.get('admin', run)).body.state]).toEqual([status, 'paused']);
  });

  test('does not begin it', async () => {
    const { id, loses } = await bossOfEnded();
    const call = `/api/site/${ended}/do-anonymize-all-users`;
    expect(await whileSending(id, ['PUT', call, {}], loses)).toBe(status);
  });
});

describe('whoever sends a body slowly by a fixed token, whose user is no admin by then,', () => {
  const demoted = () => s.touch('users', 2, { role: 'editor' });
  afterEach(() => s.touch('users', 2, { role: 'admin' }));

  test.each<[string, () => Promise<readonly [string, string, object]>]>([
    ['makes no site', () => Promise.resolve(['POST', '/api/site', { domain: 'evil.example' }])],
    [
      'makes no client',
      () => Promise.resolve(['POST', '/api/client', { name: 'evil', scopes: ['admin'], siteIds: [ours] }]),
    ],
    [
      'revokes no client',
      async () => {
        const said = { name: 'honest', scopes: ['admin'], siteIds: [ours] };
        const { body } = await s.post('admin', '/api/client', said);
        return ['DELETE', `/api/client/${body.id}`, {}];
      },
    ],
  ])('%s', async (_what, wish) => {
    const call = await wish();
    const everything = async () =>
      (await Promise.all(['/api/site', '/api/client'].map((path) => s.get('admin', path)))).map(({ text }) => text);
    const before = await everything();
    const answered = await whileSending('admin', call, demoted);
    await s.touch('users', 2, { role: 'admin' });
    expect([answered, await everything()]).toEqual([403, before]);
  });
});

test('while a change waits, the person is anonymized and removed: it is told so, and not that the OAuth server refused', async () => {
  const boss = await admin(ours);
  const friend = await s.person({ at: { [ours]: 'member' } });
  const row = user(ours, friend.at[ours]!);
  const answer = await whileWaiting(
    leaseOf(friend),
    async () => {
      await removeThere(s.world, friend.externalId);
      expect((await s.put('admin', `${row}/do-anonymize`, {})).status).toBe(200);
    },
    () => s.put(boss.at[ours]!, row, { city: 'Sneek' }),
  );
  expect(refusal(answer)).toEqual([409, 'already-anonymized', undefined]);
});
