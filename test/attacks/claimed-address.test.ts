import { until } from '../support/until.ts';
import { aVisitor, logInAs } from '../support/visitor.ts';
import { personThere, writeThere, type Somebody } from '../journeys/sentences/support/people.ts';
import { actorNamed } from '../../src/use-cases/actor-now.ts';
import { personLeaseName, addressFingerprint } from '../../src/use-cases/person-keys.ts';
import { withLoginMark, withAddressMark } from '../../src/use-cases/users/address-marks.ts';
import { Fault } from '../../src/domain/fault.ts';
import { refusal, startSentences, user, users, type SentenceWorld } from '../journeys/sentences/support/world.ts';

/**
 * An editor of one site writes an address that is not theirs, or another phone, for somebody they log in as, and waits until another
 * site gives a role to whoever has that address. Source: user-api.md §3 "Create", docs/reference/neighbours.md.
 */
const [hostile, theirs] = [11, 12] as const;
let s: SentenceWorld;
let editor: Somebody;
let boss: Somebody;
beforeAll(async () => {
  const config = { allowedDomains: ['127.0.0.1'] };
  s = await startSentences({ [hostile]: { config }, [theirs]: { config } }, { oauthTimeLimitMs: 1500 });
  editor = await s.person({ at: { [hostile]: 'editor' } });
  boss = await s.person({ at: { [theirs]: 'admin' } });
});
afterAll(() => s.close());

/** Whoever holds one, or left one over a lost reply, holds it no more. */
const leasesRunOut = (): void => {
  s.world.later(6);
};
let last = 0;
const anAddress = () => `chef${(last += 1)}@gemeente.example`;
const flow = (siteId: number) => ({
  ...{ apiUrl: s.world.url, oauthUrl: s.world.oauth.url, siteId, more: '' },
  redirectUrl: 'http://127.0.0.1/',
});
const roleAfterLogin = async (externalId: number, browser = aVisitor()): Promise<unknown> => {
  const { token } = await logInAs(browser, flow(theirs), externalId);
  const me = await s.world.call(null, 'GET', `/oauth/site/${theirs}/me`, undefined, {
    authorization: `Bearer ${token}`,
  });
  return me.body.role;
};
const roleThere = (externalId: number) => s.there(externalId)?.roles[`peer-client-${theirs}`];
const add = (body: object, who: number | string = boss.at[theirs]!) => s.post(who, users(theirs), body);
const found = (email: string) => s.world.oauth.server.people().find((one) => one.email === email)!;

/** Every way in which somebody can come to be behind an address that they never had. Answers their id at the OAuth server. */
const claims: readonly (readonly [string, (email: string) => Promise<number>])[] = [
  [
    'an address that an editor wrote',
    async (email) => {
      const puppet = await s.person({ at: { [hostile]: 'member' } });
      expect((await s.put(editor.at[hostile]!, user(hostile, puppet.at[hostile]!), { email })).status).toBe(200);
      return puppet.externalId;
    },
  ],
  [
    'their own address, as an editor',
    async (email) => {
      const puppet = await s.person({ at: { [hostile]: 'editor' } });
      expect((await s.put(puppet.at[hostile]!, user(hostile, puppet.at[hostile]!), { email })).status).toBe(200);
      return puppet.externalId;
    },
  ],
  [
    'an address that they were made with, and a phone of somebody’s own',
    async (email) => {
      const made = await s.post(editor.at[hostile]!, users(hostile), { email, phoneNumber: '0611111111' });
      expect(made.status).toBe(201);
      return found(email).id;
    },
  ],
  [
    'a phone that an editor wrote',
    async (email) => {
      const puppet = await s.person({ at: { [hostile]: 'member' }, profile: { email } });
      const change = { phoneNumber: '0611111112' };
      expect((await s.put(editor.at[hostile]!, user(hostile, puppet.at[hostile]!), change)).status).toBe(200);
      return puppet.externalId;
    },
  ],
  [
    'a phone that another site’s page wrote in their name',
    async (email) => {
      const puppet = await s.person({ at: { [hostile]: 'member' }, profile: { email } });
      const change = { phoneNumber: '0611111113' };
      expect((await s.put(puppet.at[hostile]!, user(hostile, puppet.at[hostile]!), change)).status).toBe(200);
      return puppet.externalId;
    },
  ],
  [
    'a written address, and no row any more, as another application needs them',
    async (email) => {
      const puppet = await s.person({ at: { [hostile]: 'member' } });
      await writeThere(s.world, puppet.externalId, { roles: { [hostile]: 2, 20: 2 } });
      expect((await s.put(editor.at[hostile]!, user(hostile, puppet.at[hostile]!), { email })).status).toBe(200);
      const gone = await s.remove(editor.at[hostile]!, user(hostile, puppet.at[hostile]!));
      expect([gone.status, gone.headers.get('x-oauth-removal')]).toEqual([200, 'kept']);
      return puppet.externalId;
    },
  ],
];

describe.each(claims)('became admin of another site by %s', (_how, claim) => {
  test('whom its admin added with that role', async () => {
    const email = anAddress();
    const externalId = await claim(email);

    const added = await add({ email, role: 'admin' });

    // Nothing tells that they were there before.
    expect([added.status, added.body.role]).toEqual([201, 'admin']);
    expect(await roleAfterLogin(externalId)).toBe('member');
    expect(roleThere(externalId)).not.toBe('admin');
    const again = await s.put(boss.at[theirs]!, user(theirs, added.body.id as number), { role: 'admin' });
    expect(refusal(again)).toEqual([403, 'login-set-elsewhere', 'role']);
    // Whoever asked them, and knows who they are, gives it all the same; and is asked no more.
    expect((await s.put('admin', user(theirs, added.body.id as number), { role: 'moderator' })).status).toBe(200);
    expect((await s.put(boss.at[theirs]!, user(theirs, added.body.id as number), { role: 'admin' })).status).toBe(200);
    expect(roleThere(externalId)).toBe('admin');
  });

  test('and a platform admin’s word for them counts, though the reply to it was lost', async () => {
    const email = anAddress();
    const externalId = await claim(email);
    const { body } = await add({ email });
    const row = user(theirs, body.id as number);
    await roleAfterLogin(externalId);
    await s.world.oauth.proxy.behave('lose-reply', /^POST \/api\/admin\/user\/\d+$/);

    expect((await s.put('admin', row, { role: 'moderator' })).status).toBe(502);

    await s.world.oauth.proxy.behave('pass');
    leasesRunOut();
    await until('the role is known here', async () => {
      await s.world.container.ports.outbox.retry();
      await s.world.container.deliver();
      return (await s.get('admin', row)).body.role === 'moderator';
    });
    expect((await s.put(boss.at[theirs]!, row, { role: 'admin' })).status).toBe(200);
  });

  test('to whom its admin gave it later, before they came or after', async () => {
    const email = anAddress();
    const externalId = await claim(email);
    const { body } = await add({ email });
    const row = user(theirs, body.id as number);

    const early = await s.put(boss.at[theirs]!, row, { role: 'editor', firstName: 'Chef' });

    expect([early.status, early.body.role]).toEqual([200, 'editor']);
    expect(await roleAfterLogin(externalId)).toBe('member');
    expect(refusal(await s.put(boss.at[theirs]!, row, { role: 'admin' }))).toEqual([
      ...[403, 'login-set-elsewhere', 'role'],
    ]);
    expect((await s.put(boss.at[theirs]!, row, { city: 'Assen' })).status).toBe(200);
  });

  test.each(['editor', 'moderator'] as const)(
    'whom its admin added as admin and made %s before they came',
    async (role) => {
      const email = anAddress();
      const externalId = await claim(email);
      const added = await add({ email, role: 'admin' });
      const row = user(theirs, added.body.id as number);

      const lowered = await s.put(boss.at[theirs]!, row, { role, city: 'Assen' });

      expect([lowered.status, lowered.body.role]).toEqual([200, role]);
      expect(await roleAfterLogin(externalId)).toBe('member');
      expect(roleThere(externalId)).toBe('member');
    },
  );
});

describe('a platform admin’s word for somebody whose address another site wrote', () => {
  /** Somebody whom the other site’s admin added by that address, and who has come. */
  const claimed = async () => {
    const email = anAddress();
    const [, claim] = claims[0]!;
    const externalId = await claim(email);
    const { body } = await add({ email });
    await roleAfterLogin(externalId);
    const { personId } = (await s.row(body.id as number))!;
    return { externalId, row: user(theirs, body.id as number), personId: personId! };
  };
  const loginSetAt = async (personId: number) =>
    (await s.world.container.ports.persons.find(personId))?.loginSetAt ?? null;

  test('counts, though the lease was lost, or the process died, before their rows followed', async () => {
    const { row, personId } = await claimed();
    const { ports } = s.world.container;
    const update = ports.identity.update.bind(ports.identity);
    const seen: unknown[] = [await loginSetAt(personId)];
    ports.identity.update = async (permit) => {
      // Whoever dies from here on has it written down.
      seen.push(await loginSetAt(personId));
      const written = await update(permit);
      leasesRunOut();
      return written;
    };

    const told = await s.put('admin', row, { role: 'moderator' });

    ports.identity.update = update;
    leasesRunOut();
    expect([told.status, told.body.detail]).toEqual([503, expect.stringContaining('It is done at the OAuth server')]);
    expect(seen).toEqual([[hostile], null]);
    await until('the role is known here', async () => {
      await ports.outbox.retry();
      await s.world.container.deliver();
      return (await s.get('admin', row)).body.role === 'moderator';
    });
    expect((await s.put(boss.at[theirs]!, row, { role: 'admin' })).status).toBe(200);
  });

  test('does not count where the role was certainly not given, also if the lease was lost meanwhile', async () => {
    const { row, personId, externalId } = await claimed();
    const { ports } = s.world.container;
    const update = ports.identity.update.bind(ports.identity);
    for (const loses of [false, true]) {
      ports.identity.update = () => {
        if (loses) leasesRunOut();
        return Promise.reject(new Fault('oauth-refused', { mayHaveHappened: false }, 'refused'));
      };
      expect((await s.put('admin', row, { role: 'moderator' })).status).toBe(502);
    }
    ports.identity.update = update;

    const given = await s.put(boss.at[theirs]!, row, { role: 'admin' });

    expect(refusal(given)).toEqual([403, 'login-set-elsewhere', 'role']);
    expect([await loginSetAt(personId), roleThere(externalId)]).toEqual([[hostile], 'member']);
  });
});

test('is still told apart when the last row of theirs is gone, and an OpenStad API beside us makes another', async () => {
  const puppet = await s.person({ at: { [hostile]: 'member' } });
  // Another application at the OAuth server keeps them there.
  await writeThere(s.world, puppet.externalId, { roles: { [hostile]: 2, 20: 2 } });
  const row = user(hostile, puppet.at[hostile]!);
  expect((await s.put(editor.at[hostile]!, row, { email: anAddress() })).status).toBe(200);
  expect((await s.remove(editor.at[hostile]!, row)).status).toBe(200);
  await until(
    'nobody is left of them here',
    async () => (await s.world.container.ports.persons.find(puppet.id)) === null,
  );
  const past = await s.extraRow({ siteId: theirs, externalUserId: puppet.externalId, role: 'member' });
  await s.touch('users', past, { personId: null });

  expect((await s.get(boss.at[theirs]!, user(theirs, past))).status).toBe(200);
  expect((await s.row(past))?.personId).not.toBeNull();
  const given = await s.put(boss.at[theirs]!, user(theirs, past), { role: 'admin' });

  expect(refusal(given)).toEqual([403, 'login-set-elsewhere', 'role']);
});

test('a session of before, at the row that comes back by adding, is worth no role that waits', async () => {
  const email = anAddress();
  const puppet = await s.person({ at: { [hostile]: 'member', [theirs]: 'member' } });
  await s.touch('users', puppet.at[theirs]!, { deletedAt: new Date('2024-01-01T00:00:00Z') });
  expect((await s.put(editor.at[hostile]!, user(hostile, puppet.at[hostile]!), { email })).status).toBe(200);
  const { body } = await add({ email, role: 'admin' });
  expect(body.id).toBe(puppet.at[theirs]);
  const citizen = await s.person({ at: { [theirs]: 'member' } });
  const seen = await s.get(puppet.at[theirs]!, user(theirs, citizen.at[theirs]!));
  expect(seen.body.email).toBeUndefined();
});

describe('a write that took too long, and was refused in the end', () => {
  const refused = (): Fault => new Fault('oauth-refused', { mayHaveHappened: false }, 'refused');
  /** Writes as the hostile site's editor, and is stopped on the way for so long that others have written meanwhile. */
  const stopped = async (puppet: Somebody, email: string | null, meanwhile: () => Promise<unknown>): Promise<void> => {
    const { ports } = s.world.container;
    const row = (await ports.users.personOf(hostile, puppet.at[hostile]!, 'plain'))!.rows[0]!;
    const person = row.person!;
    const name = personLeaseName(ports.secrets, person);
    const actor = await actorNamed(ports, { userId: editor.at[hostile]!, reach: 'one-site' });
    const write = async (): Promise<never> => {
      leasesRunOut();
      await meanwhile();
      throw refused();
    };
    const written = ports.withLease(name, (lease) =>
      withLoginMark(ports, { actor: actor!, user: row, person }, lease, () =>
        email === null ? write() : withAddressMark(ports, person, email, lease, write),
      ),
    );
    await expect(written).rejects.toMatchObject({ code: 'oauth-refused' });
  };

  test('took away what told that another write of the same site had set a phone', async () => {
    const puppet = await s.person({ at: { [hostile]: 'member', [theirs]: 'member' } });
    const row = user(hostile, puppet.at[hostile]!);
    await stopped(puppet, null, async () => {
      expect((await s.put(puppet.at[hostile]!, row, { phoneNumber: '0633333333' })).status).toBe(200);
    });
    const given = await s.put(boss.at[theirs]!, user(theirs, puppet.at[theirs]!), { role: 'admin' });
    expect(refusal(given)).toEqual([403, 'login-set-elsewhere', 'role']);
  });

  test('took away what told that an address was written meanwhile', async () => {
    const puppet = await s.person({ at: { [hostile]: 'member' } });
    const row = user(hostile, puppet.at[hostile]!);
    const email = anAddress();
    await stopped(puppet, email, async () => {
      expect((await s.put(editor.at[hostile]!, row, { email })).status).toBe(200);
    });
    const written = (await s.row(puppet.at[hostile]!))?.addressWritten?.split(' ');
    expect(written).toContain(addressFingerprint(s.world.container.ports.secrets, email));
  });

  test('says as before what it alone had said', async () => {
    const puppet = await s.person({ at: { [hostile]: 'member' } });
    const change = { email: anAddress(), phoneNumber: '0633333334' };
    await s.world.oauth.proxy.behave('401', /^POST .*\/user\//);
    const answer = await s.put(editor.at[hostile]!, user(hostile, puppet.at[hostile]!), change);
    await s.world.oauth.proxy.behave('pass');
    expect([answer.status, answer.body.type]).toEqual([502, '/problems/oauth-refused']);
    expect((await s.row(puppet.at[hostile]!))?.addressWritten).toBeNull();
    expect((await s.world.container.ports.persons.find(puppet.id))?.loginSetAt).toBeNull();
  });
});

describe('a role is theirs as before', () => {
  test.each([
    ['somebody new', () => Promise.resolve()],
    [
      'somebody who is elsewhere',
      (email: string): Promise<unknown> => s.person({ at: { [hostile]: 'member' }, profile: { email } }),
    ],
    ['somebody whom the OAuth server knows only', (email: string): Promise<unknown> => personThere(s.world, { email })],
    [
      'somebody whom another site added without a phone',
      (email: string): Promise<unknown> => s.post(editor.at[hostile]!, users(hostile), { email }),
    ],
  ])('of %s', async (_who, prepare) => {
    const email = anAddress();
    await prepare(email);
    expect((await add({ email, role: 'admin' })).status).toBe(201);
    expect(await roleAfterLogin(found(email).id)).toBe('admin');
  });

  test('of somebody whose address and phone the own site wrote', async () => {
    const { at } = await s.person({ at: { [theirs]: 'member' } });
    const row = user(theirs, at[theirs]!);
    const change = { email: anAddress(), phoneNumber: '0622222222' };
    expect((await s.put(boss.at[theirs]!, row, change)).status).toBe(200);
    expect((await s.put(boss.at[theirs]!, row, { role: 'moderator' })).status).toBe(200);
    const made = await add({ email: anAddress(), phoneNumber: '0622222223', role: 'moderator' });
    expect(roleThere(found(made.body.email as string).id)).toBe('moderator');
    expect((await s.put(boss.at[theirs]!, user(theirs, made.body.id as number), { role: 'admin' })).status).toBe(200);
    expect(roleThere(found(made.body.email as string).id)).toBe('admin');
  });

  test('where it is lowered, whoever wrote their address', async () => {
    const puppet = await s.person({ at: { [hostile]: 'member', [theirs]: 'admin' } });
    const { id } = puppet;
    await s.world.container.ports.inOneTransaction(() => s.world.container.ports.persons.setLoginSetAt(id, [hostile]));
    const row = user(theirs, puppet.at[theirs]!);
    expect((await s.put(boss.at[theirs]!, row, { role: 'moderator' })).status).toBe(200);
    expect(refusal(await s.put(boss.at[theirs]!, row, { role: 'editor' }))[1]).toBe('login-set-elsewhere');
  });
});
