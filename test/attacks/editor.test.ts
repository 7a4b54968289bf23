import { once } from 'node:events';
import type { Socket } from 'node:net';
import { sql } from '../../src/db/sql.ts';
import { asking, statusAlone } from './support/asking.ts';
import { refusal, startSentences, user, users, type SentenceWorld } from '../journeys/sentences/support/world.ts';
import { longAgo, writeThere, type Somebody } from '../journeys/sentences/support/people.ts';

/** An editor of one site wants to be somebody at another. Source: user-api.md §1 and §2. */
const [ours, theirs] = [11, 12] as const;
let s: SentenceWorld;
let editor: Somebody;
beforeAll(async () => {
  s = await startSentences({ [ours]: {}, [theirs]: {} });
  editor = await s.person({ at: { [ours]: 'editor' } });
});
afterAll(() => s.close());

/** A client there that none of our sites uses yet. */
const unused = 15;
/** A site that comes while the program runs, registered as this client. */
const newSite = async (name: string, client: number): Promise<number> => {
  const settings = {
    'auth-server-url': s.world.oauth.url,
    'auth-client-id': `peer-client-${client}`,
    'auth-client-secret': `peer-secret-${client}`,
  };
  const config = { oauth: { default: settings } };
  const { status, body } = await s.post('admin', '/api/site', { domain: `${name}.example`, name, title: name, config });
  expect(status).toBe(201);
  return body.id as number;
};

describe('an editor who would log in as a member', () => {
  test.each([
    ['email', 'mine@evil.example'],
    ['email', null],
    ['phoneNumber', '0600000000'],
  ])('does not change by what they log in, as they are at another site, too: %s to %s', async (field, value) => {
    const victim = await s.person({ at: { [ours]: 'member', [theirs]: 'member' } });
    const before = s.there(victim.externalId);
    const { result, writes } = await s.writesDuring(() =>
      s.put(editor.at[ours]!, user(ours, victim.at[ours]!), { [field]: value, city: 'Ede' }),
    );
    expect([refusal(result), writes]).toEqual([[403, 'not-editor-everywhere', field], 0]);
    expect([s.there(victim.externalId), (await s.row(victim.at[ours]!))?.city]).toEqual([before, 'Utrecht']);
  });

  test('does not change it of somebody who is staff at another site where they have no row yet', async () => {
    const victim = await s.person({ at: { [ours]: 'member' } });
    // Their numbers: 1 is admin, at the other site's client.
    await writeThere(s.world, victim.externalId, { roles: { [theirs]: 1 } });
    const before = s.there(victim.externalId);
    const answer = await s.put(editor.at[ours]!, user(ours, victim.at[ours]!), {
      email: 'mine@evil.example',
    });
    expect(refusal(answer)).toEqual([403, 'not-editor-everywhere', 'email']);
    const named = await s.put(editor.at[ours]!, user(ours, victim.at[ours]!), {
      firstName: 'Ander',
    });
    expect(refusal(named)).toEqual([403, 'higher-role-elsewhere']);
    expect(s.there(victim.externalId)).toEqual(before);
  });

  test('does not change it of whoever is staff of an application that is no site of ours', async () => {
    const victim = await s.person({ at: { [ours]: 'member' } });
    const path = user(ours, victim.at[ours]!);
    // A client there that none of our sites uses.
    await writeThere(s.world, victim.externalId, { roles: { 20: 1 } });
    const before = s.there(victim.externalId);
    for (const field of ['email', 'phoneNumber'])
      expect(refusal(await s.put(editor.at[ours]!, path, { [field]: '0611111111@evil.example' }))).toEqual([
        403,
        'not-editor-everywhere',
        field,
      ]);
    expect(refusal(await s.put(editor.at[ours]!, path, { firstName: 'Ander' }))).toEqual([
      403,
      'higher-role-elsewhere',
    ]);
    expect(s.there(victim.externalId)).toEqual(before);
    // What is the site's own stays its own, and whoever is a member there is nobody's staff.
    expect((await s.put(editor.at[ours]!, path, { gender: 'male' })).status).toBe(200);
    await writeThere(s.world, victim.externalId, { roles: { 20: 2 } });
    expect((await s.put(editor.at[ours]!, path, { email: 'nu@example.org' })).status).toBe(200);
  });

  test('does not change it of somebody who is at a site that another instance has just made', async () => {
    const victim = await s.person({ at: { [ours]: 'member' } });
    const path = user(ours, victim.at[ours]!);
    await s.beside({}, async (url) => {
      const beside = s.world.at(url);
      await beside(editor.at[ours]!, 'GET', path);
      const made = await newSite('nieuw', unused);
      await s.extraRow({ siteId: made, personId: victim.id, role: 'member' });
      const answer = await beside(editor.at[ours]!, 'PUT', path, { email: 'mine@evil.example' });
      expect(refusal(answer)).toEqual([403, 'not-editor-everywhere', 'email']);
    });
    expect(s.there(victim.externalId)?.email).toBe(victim.email);
  });

  test('does not change it of staff of a site that shares the client since a moment ago', async () => {
    const victim = await s.person({ at: { [ours]: 'member' } });
    const path = user(ours, victim.at[ours]!);
    // An admin there: the role is written, and not yet heard of here.
    const admin = await s.person({ at: { [ours]: 'admin' } });
    await writeThere(s.world, victim.externalId, { roles: { [ours]: 1 } });
    await s.beside({}, async (url) => {
      const beside = s.world.at(url);
      await beside(admin.at[ours]!, 'GET', path);
      await newSite('ook-nieuw', ours);
      const answer = await beside(admin.at[ours]!, 'PUT', path, { email: 'mine@evil.example' });
      expect(refusal(answer)).toEqual([403, 'not-editor-everywhere', 'email']);
    });
    expect(s.there(victim.externalId)?.email).toBe(victim.email);
  });

  test('changes it of somebody who is at this site only, and an editor of both by what holds at both', async () => {
    const own = await s.person({ at: { [ours]: 'member' } });
    const path = user(ours, own.at[ours]!);
    expect((await s.put(editor.at[ours]!, path, { email: 'nieuw@example.org' })).body.email).toBe('nieuw@example.org');

    const shared = await s.person({ at: { [ours]: 'member', [theirs]: 'member' } });
    const both = await s.person({ at: { [ours]: 'editor', [theirs]: 'editor' } });
    const change = { email: 'samen@example.org' };
    // A token is its site's, whoever has it.
    expect(refusal(await s.put(both.at[ours]!, user(ours, shared.at[ours]!), change))).toEqual([
      403,
      'not-editor-everywhere',
      'email',
    ]);
    expect((await s.put('editor', user(ours, shared.at[ours]!), change)).body.email).toBe('samen@example.org');
  });

  test('sends back what they saw, as forms do, and nothing is refused', async () => {
    const victim = await s.person({ at: { [ours]: 'member', [theirs]: 'member' } });
    const { body } = await s.get(editor.at[ours]!, user(ours, victim.at[ours]!));
    const answer = await s.put(editor.at[ours]!, user(ours, victim.at[ours]!), {
      ...(body as object),
      city: 'Ede',
    });
    expect([answer.status, answer.body.city]).toEqual([200, 'Ede']);
  });

  test('does not find out by guessing what they may not see: a right guess is refused like a wrong one', async () => {
    const victim = await s.person({
      at: { [ours]: 'member', [theirs]: 'member' },
      columns: { detailsViewableByRole: 'admin' },
    });
    const path = user(ours, victim.at[ours]!);
    const [right, wrong] = [
      await s.put(editor.at[ours]!, path, { email: victim.email }),
      await s.put(editor.at[ours]!, path, { email: 'wrong@example.org' }),
    ];
    expect(refusal(right)).toEqual(refusal(wrong));
    expect(right.status).toBe(403);
  });
});

describe('an editor who would have nobody forgotten', () => {
  test('writes no date into the site that clocks cannot show: every preview there failed', async () => {
    const victim = await s.person({ at: { [ours]: 'member', [theirs]: 'member' } });
    const answer = await s.put(editor.at[ours]!, `/api/site/${ours}`, {
      config: { votes: { isActiveFrom: '275760-09-13', isActiveTo: '275760-09-13' } },
    });
    expect([
      answer.status,
      (answer.body.errors as readonly { pointer: string }[]).map(({ pointer }) => pointer),
    ]).toEqual([422, ['/config/votes/isActiveFrom', '/config/votes/isActiveTo']]);

    const everywhere = `${user(theirs, victim.at[theirs]!)}/do-anonymizeall`;
    expect((await s.put(victim.at[theirs]!, everywhere, {})).status).toBe(200);
  });
});

describe('an editor who writes what they may not, or what nobody should, into the config of their site', () => {
  const change = (who: number | string, config: object) => s.put(who, `/api/site/${ours}`, { config });
  const servers = (count: number) => ({
    oauth: Object.fromEntries(Array.from({ length: count }, (_none, at) => [`p${at}`, { 'auth-client-id': 7 }])),
  });

  test('is told that OAuth settings are not theirs before anybody looks at thousands of them', async () => {
    const answer = await change(editor.at[ours]!, servers(3000));
    expect(refusal(answer)).toEqual([403, 'platform-admin-needed', 'config.oauth']);
  });

  test('has no more of them than twenty, whoever gives them', async () => {
    const answer = await change('admin', servers(21));
    expect([answer.status, answer.body.errors]).toEqual([
      422,
      [{ pointer: '/config/oauth', detail: 'must be 20 at most' }],
    ]);
  });

  test.each(['Jan\u202ePiet', 'Jan\u0000', 'Jan\nPiet'])('calls nobody who was anonymized %j', async (firstName) => {
    const { status, body } = await change(editor.at[ours]!, {
      users: { anonymize: { firstName, lastName: firstName } },
    });
    expect([status, (body.errors as readonly { pointer: string }[]).map(({ pointer }) => pointer)]).toEqual([
      422,
      ['/config/users/anonymize/firstName', '/config/users/anonymize/lastName'],
    ]);
  });

  test.each([
    ['<b>Weg</b>', 'Weg'],
    [' \u200b ', 'Gebruiker'],
    ['<script>', 'Gebruiker'],
  ])('calls whoever was anonymized what a name may hold of %j', async (firstName, called) => {
    expect((await change(editor.at[ours]!, { users: { anonymize: { firstName } } })).status).toBe(200);
    const victim = await s.person({ at: { [ours]: 'member' } });
    await s.put('admin', `${user(ours, victim.at[ours]!)}/do-anonymize`);
    expect((await s.row(victim.at[ours]!))?.firstName).toBe(called);
  });

  test.each(['2024-02-30', '2023-02-29 12:00:00', '2024-04-31T00:00:00Z', '31 Feb 2024', '2024/02/31'])(
    'ends no vote on a day that does not exist: %s',
    async (day) => {
      const before = await change(editor.at[ours]!, {
        votes: { isActiveFrom: '2024-02-29', isActiveTo: '1 March 2024' },
      });
      const answer = await change(editor.at[ours]!, { votes: { isActiveFrom: day, isActiveTo: day } });
      expect([before.status, answer.status]).toEqual([200, 422]);
    },
  );

  test('reads no secret that another wrote there, under whatever name and in whatever form', async () => {
    const key = ['-----BEGIN PRIVATE KEY-----', 'MIIGEHEIM', '-----END PRIVATE KEY-----'].join('\n');
    const sealed = Buffer.from('jan:GEHEIM').toString('base64');
    const secrets = {
      ...{ Authorization: 'GEHEIM', bearer: 'GEHEIM', cookie: 'sid=GEHEIM', otp: 'GEHEIM', totp: 'GEHEIM' },
      ...{ wachtwoord: 'GEHEIM', pass_word: 'GEHEIM', basicAuth: 'user:GEHEIM', auth: `Basic ${sealed}` },
      ...{ rsa: key, header: 'bearer GEHEIM-1', list: [`Basic ${sealed}`, key] },
    };
    const plain = {
      cookies: { text: 'Wij gebruiken koekjes' },
      authorization: { page: '/in' },
      basic: 'Basic',
      title: 'Basic income',
      n: 1,
    };
    expect((await change('admin', { elders: { ...secrets, ...plain } })).status).toBe(200);

    const { body, text } = await s.get(editor.at[ours]!, `/api/site/${ours}`);

    expect(text).not.toContain('GEHEIM');
    expect(text).not.toContain(sealed);
    expect(body.config.elders).toMatchObject(plain);
    const back = await s.put(editor.at[ours]!, `/api/site/${ours}`, { config: body.config });
    const [stored] = await s.world.container.ports.sites.readNow([ours]);
    expect([back.status, stored!.rawConfig['elders']]).toEqual([200, { ...secrets, ...plain }]);
    // A mask in another place stands for nothing.
    expect((await change(editor.at[ours]!, { elders: { rsb: '********' } })).status).toBe(422);
  });
});

describe('an editor who writes to see what else moves', () => {
  const moments = async (somebody: Somebody) =>
    Promise.all(
      [ours, theirs].map(async (siteId) => {
        const { body } = await s.get(null, user(siteId, somebody.at[siteId]!));
        return Date.parse(body.updatedAt as string) > longAgo.getTime();
      }),
    );

  test('does not see which row elsewhere is the same person’s, where nothing changed that all may see', async () => {
    const somebody = await s.person({ at: { [ours]: 'member', [theirs]: 'member' } });
    const put = (change: object) => s.put(editor.at[ours]!, user(ours, somebody.at[ours]!), change);
    expect((await put({ suffix: 'Z', extraData: { hobby: 'Zeilen' } })).status).toBe(200);
    expect((await s.row(somebody.at[theirs]!))?.suffix).toBe('Z');
    expect(await moments(somebody)).toEqual([true, false]);
    // Everybody sees the name, there too.
    expect((await put({ firstName: 'Ander' })).status).toBe(200);
    expect(await moments(somebody)).toEqual([true, true]);
  });

  test('nor does a visitor, when what the OAuth server says is read anew', async () => {
    const somebody = await s.person({ at: { [ours]: 'member', [theirs]: 'member' } });
    await writeThere(s.world, somebody.externalId, { phoneNumber: '0699999999' });
    const fresh = { 'cache-control': 'no-cache' };
    expect((await s.get(somebody.at[ours]!, user(ours, somebody.at[ours]!), fresh)).body.phoneNumber).toBe(
      '0699999999',
    );
    expect((await s.row(somebody.at[theirs]!))?.phoneNumber).toBe('0699999999');
    expect(await moments(somebody)).toEqual([false, false]);
  });
});

const sizeOf = async (socket: Socket): Promise<number> => {
  let size = 0;
  socket.on('data', (piece: Buffer) => (size += piece.length)).resume();
  await once(socket, 'close');
  return size;
};

test('an editor who reads none of the answers to their changes keeps nobody from anything, and loses the first', async () => {
  const id = (await s.person({ at: { [ours]: 'editor' } })).at[ours] ?? 0;
  const header = `X-Authorization: Bearer ${await s.world.token(id)}`;
  const [size, path] = [9_000_000, `/api/site/${ours}`];
  const filled = JSON.stringify({ filler: 'x'.repeat(size + 100_000) });
  await s.world.container.database.change(sql`UPDATE sites SET config = ${filled} WHERE id = ${ours}`);
  const unread: Socket[] = [];
  for (let at = 0; at < 12; at += 1) {
    const socket = asking(s.world.url, path, header, { title: `Title ${at}` });
    expect(await statusAlone(socket)).toBe('200');
    unread.push(socket);
  }
  expect((await s.get(id, path)).body.title).toBe('Title 11');
  expect((await s.get(null, users(theirs))).status).toBe(200);
  // Each counts as nine or ten of a hundred.
  const sizes = await Promise.all(unread.map(sizeOf));
  expect(sizes.map((bytes) => bytes > size)).toEqual([false, false, ...Array<boolean>(10).fill(true)]);
});
