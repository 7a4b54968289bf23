import { decodeJwt } from 'jose';
import type { Answer } from '../support/recorded-world.ts';
import { aVisitor, logInAs } from '../support/visitor.ts';
import { backOfficeOf } from '../journeys/sentences/support/back-office.ts';
import { longAgo, personThere, writeThere, type Somebody } from '../journeys/sentences/support/people.ts';
import {
  asQuery,
  refusal,
  startSentences,
  user,
  users,
  type SentenceWorld,
} from '../journeys/sentences/support/world.ts';

/**
 * An editor of one site, who knows somebody's address: adds them to the own site, to write what they are everywhere, to read it, or
 * to learn whether there is such a person at all. Source: user-api.md §3 "Create".
 */
const [ours, theirs, closed] = [11, 12, 13] as const;
let s: SentenceWorld;
let editor: Somebody;
let admin: Somebody;
beforeAll(async () => {
  const allowedDomains = ['city.example', '127.0.0.1'];
  s = await startSentences({
    [ours]: { config: { allowedDomains } },
    [theirs]: { config: { allowedDomains } },
    [closed]: { config: { allowedDomains, users: { canCreateNewUsers: false } } },
  });
  editor = await s.person({ at: { [ours]: 'editor' } });
  admin = await s.person({ at: { [ours]: 'admin' } });
});
afterEach(() => s.world.oauth.proxy.behave('pass'));
afterAll(() => s.close());

let last = 0;
const anAddress = () => `iemand${(last += 1)}@elders.example`;
const add = async (email: string, body: object = {}): Promise<number> => {
  const { status, body: made, text } = await s.post(editor.at[ours]!, users(ours), { email, ...body });
  if (status !== 201) throw new Error(text);
  return made.id as number;
};
const put = (id: number, body: object) => s.put(editor.at[ours]!, user(ours, id), body);
const found = (email: string) => s.world.oauth.server.people().find((one) => one.email === email);
const tryToLogIn = (siteId: number, externalId: number) => {
  const flow = { apiUrl: s.world.url, oauthUrl: s.world.oauth.url, siteId, redirectUrl: 'https://city.example/' };
  return logInAs(aVisitor(), { ...flow, more: '' }, externalId);
};
const logIn = async (siteId: number, externalId: number): Promise<void> => {
  const done = await tryToLogIn(siteId, externalId);
  if (done.status !== 302 || done.token === '') throw new Error(`no login: ${done.status}`);
};
/** Somebody has a role at an OAuth client by now, without our doing. Their numbers: 1 is admin, 2 member. */
const giveRole = (email: string, client: number, role: number) =>
  writeThere(s.world, found(email)!.id, { roles: { [client]: role } });

/** Somebody who is at another site, and somebody whom nobody knew; both are added by their address. */
const kinds = ['known', 'new'] as const;
const somebody = async (kind: (typeof kinds)[number]): Promise<string> => {
  const email = anAddress();
  const extraData = { bio: ['Geheim leven', { value: 'Geheim daar', siteId: theirs }], hobby: 'Geheim' };
  const profile = { email, firstName: 'Vera', lastName: 'Geheim', city: 'Geheimstad' };
  if (kind === 'known') await s.person({ at: { [theirs]: 'member' }, profile, extraData });
  return email;
};

describe('took over anybody whose address they knew', () => {
  test.each([
    ['an address', { email: 'van-de-aanvaller@elders.example' }],
    ['a name', { firstName: 'Overgenomen', lastName: 'Overgenomen' }],
    ['a phone number', { phoneNumber: '0600000000' }],
    ['a value for every site', { extraData: { hobby: 'Overgenomen' } }],
  ])('by writing %s through the row: it stays in that row', async (_what, change) => {
    const victim = await s.person({ at: { [theirs]: 'member' } });
    const id = await add(victim.email);
    const before = s.there(victim.externalId);
    const there = await s.row(victim.at[theirs]!);

    const answer = await put(id, change);

    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject(change);
    expect(s.there(victim.externalId)).toEqual(before);
    expect(await s.row(victim.at[theirs]!)).toEqual(there);
    // Nor does it come there later, with what may be written.
    expect((await put(id, { gender: 'male', extraData: { bio: 'Hier' } })).status).toBe(200);
    expect(s.there(victim.externalId)).toMatchObject({
      email: victim.email,
      firstName: 'Noor',
      phoneNumber: '0612345678',
      extraData: { bio: [{ value: 'Hier', siteId: ours }], gender: [{ value: 'male', siteId: ours }] },
    });
  });

  test('whom they made themselves they may write, until somebody is there', async () => {
    const email = anAddress();
    const id = await add(email);
    expect((await put(id, { firstName: 'Nieuw', extraData: { hobby: 'Zingen' } })).status).toBe(200);
    expect(found(email)).toMatchObject({ firstName: 'Nieuw', extraData: { hobby: 'Zingen' } });
    const other = anAddress();
    expect((await put(id, { email: other })).status).toBe(200);
    expect([found(email), found(other)?.firstName]).toEqual([undefined, 'Nieuw']);
  });

  const arrivals: readonly (readonly [string, (email: string) => Promise<unknown>])[] = [
    ['was added at another site', (email) => s.post('editor', users(theirs), { email })],
    ['logged in at another site', (email) => logIn(theirs, found(email)!.id)],
    [
      'logged in at another site, and left it again',
      async (email) => {
        await logIn(theirs, found(email)!.id);
        const [row] = (await s.get('admin', `${users(theirs)}?${asQuery({ filter: { email } })}`)).body;
        expect((await s.remove('admin', user(theirs, row.id as number))).status).toBe(200);
      },
    ],
    [
      'was not let in at another site, as it makes no users',
      async (email) => {
        expect((await tryToLogIn(closed, found(email)!.id)).status).toBe(403);
      },
    ],
    ['became admin of another site, where they have no row yet', (email) => giveRole(email, theirs, 1)],
    ['became member of another site, where they have no row yet', (email) => giveRole(email, theirs, 2)],
    ['became admin of this site, and has not come here', (email) => giveRole(email, ours, 1)],
    ['became admin of an application that is no site of ours', (email) => giveRole(email, 20, 1)],
    ['became member of an application that is no site of ours', (email) => giveRole(email, 20, 2)],
  ];
  test.each(arrivals)('whom they made, and who %s since, is somebody’s', async (_how, arrive) => {
    const email = anAddress();
    const id = await add(email);
    await arrive(email);
    const before = found(email);
    expect((await put(id, { email: anAddress(), firstName: 'Overgenomen' })).status).toBe(200);
    expect((await put(id, { phoneNumber: '0600000000' })).status).toBe(200);
    expect(found(email)).toEqual(before);
  });

  test('with the login of somebody else: who was logged in under the old address is logged in no more', async () => {
    const made = await s.person({ at: { [ours]: 'member' } });
    const session = made.at[ours]!;
    expect((await s.get(session, user(ours, session))).status).toBe(200);
    expect((await put(session, { email: anAddress() })).status).toBe(200);
    expect((await s.get(session, user(ours, session))).status).toBe(401);
  });
});

/** The same of two people: what tells them apart by themselves is taken out. */
const alike = ({ status, headers, text }: Answer, secrets: readonly (string | number)[]) => ({
  status,
  headers: [...headers.keys()]
    .filter((name) => !['date', 'keep-alive', 'connection'].includes(name))
    .map((name) => [name, ['age', 'x-cache', 'x-oauth-removal', 'x-oauth-values'].includes(name) && headers.get(name)]),
  text: [...secrets]
    .reduce<string>((all, own) => all.replaceAll(String(own), '#'), text)
    .replaceAll(/"(?:instance|createdAt|updatedAt|lastLogin|digest)":"[^"]*"/g, ''),
});

type Step = (id: number, email: string) => Promise<Answer>;
const steps: readonly (readonly [string, Step])[] = [
  ['a look', (id) => s.get(editor.at[ours]!, user(ours, id))],
  ['a look at the OAuth server', (id) => s.get(editor.at[ours]!, user(ours, id), { 'cache-control': 'no-cache' })],
  ['a look by an admin', (id) => s.get(admin.at[ours]!, user(ours, id))],
  ['a name', (id) => put(id, { firstName: 'Ander', postcode: '9999ZZ' })],
  ['a value of the site', (id) => put(id, { gender: 'female', extraData: { bio: 'Hier', hobby: 'Overal' } })],
  ['a value that is too large', (id) => put(id, { extraData: { hobby: 'x'.repeat(40_000) } })],
  ['a value that is taken back', (id) => put(id, { extraData: { bio: null, hobby: null } })],
  ['another look', (id) => s.get(editor.at[ours]!, user(ours, id), { 'cache-control': 'no-cache' })],
  ['a role', (id) => s.put(admin.at[ours]!, user(ours, id), { role: 'moderator' })],
  ['an address that is taken', (id) => put(id, { email: editor.email })],
  ['an address that is free', async (id, email) => put(id, { email: `nieuw.${email}` })],
  ['the address of before', (id, email) => put(id, { email })],
  ['the list', (id) => s.get(admin.at[ours]!, `${users(ours)}?${asQuery({ page: 0, filter: { id } })}`)],
  [
    'a filter on the external id',
    (id) => s.get(admin.at[ours]!, `${users(ours)}?${asQuery({ page: 0, filter: { id, externalUserId: null } })}`),
  ],
  ['POST once more', (_id, email) => s.post(editor.at[ours]!, users(ours), { email })],
  ['a preview', (id) => s.get(editor.at[ours]!, `${user(ours, id)}/will-anonymize?view=summary`)],
  ['a preview for every site', (id) => s.get(editor.at[ours]!, `${user(ours, id)}/will-anonymizeall?view=summary`)],
  ['a delete', (id) => s.remove(editor.at[ours]!, user(ours, id))],
];

describe('filled a row of somebody who has not logged in, which nobody bounded', () => {
  const keys = (from: number, count: number, value: unknown) =>
    Object.fromEntries(Array.from({ length: count }, (_, number) => [`k${from + number}`, value]));
  const tooMuch: readonly (readonly [string, object, string])[] = [
    ['values for all sites', { hobby: 'x'.repeat(40_000) }, '32 kB'],
    ['values of the site', { bio: 'x'.repeat(9000) }, '8 kB'],
    ['keys', keys(0, 201, 1), '200 keys'],
  ];
  test.each(tooMuch)(
    'with more %s than the OAuth server takes: refused for known and new',
    async (_what, extraData, words) => {
      for (const kind of kinds) {
        const answer = await put(await add(await somebody(kind)), { extraData });
        expect([kind, answer.status, answer.text.includes(words)]).toEqual([kind, 422, true]);
      }
    },
  );

  test('bit by bit, by others and by themselves, but may make it smaller again', async () => {
    for (const kind of kinds) {
      const id = await add(await somebody(kind));
      expect((await put(id, { extraData: keys(0, 150, 'x'.repeat(90)) })).status).toBe(200);
      expect((await put(id, { extraData: keys(1000, 150, 'x'.repeat(90)) })).status).toBe(422);
      await s.touch('users', id, { extraData: keys(0, 300, 'x') });
      expect((await put(id, { extraData: { k0: null, k1: 'yy' } })).status).toBe(200);
      expect((await put(id, { extraData: { more: 'x' } })).status).toBe(422);
    }
    const victim = await s.person({ at: { [theirs]: 'member' } });
    const id = await add(victim.email);
    const own = (body: object) => s.put(victim.at[theirs]!, user(ours, id), body);
    expect((await own({ extraData: keys(0, 150, 1) })).status).toBe(200);
    // Out of the OAuth server they go through another row of theirs, and stay in this one.
    const gone = { extraData: keys(0, 150, null) };
    expect((await s.put(victim.at[theirs]!, user(theirs, victim.at[theirs]!), gone)).status).toBe(200);
    expect((await own({ extraData: keys(1000, 150, 1) })).status).toBe(422);
  });
});

describe('learned who exists, by comparing', () => {
  test('every answer is the same for somebody known and somebody new', async () => {
    const seen = new Map<string, ReturnType<typeof alike>[]>();
    for (const kind of kinds) {
      const email = await somebody(kind);
      const made = await s.post(editor.at[ours]!, users(ours), {
        email,
        firstName: 'Gegeven',
        gender: 'male',
      });
      const id = made.body.id as number;
      const own = [email, id, found(email)!.id];
      const note = (name: string, answer: Answer) => seen.set(name, [...(seen.get(name) ?? []), alike(answer, own)]);
      note('POST', made);
      for (const [name, step] of steps) {
        const answer = await step(id, email);
        expect(answer.text).not.toContain('Geheim');
        expect([answer.headers.get('age'), answer.headers.get('x-cache')]).toEqual([null, null]);
        note(name, answer);
      }
    }
    for (const [name, [known, fresh]] of seen) expect([name, known]).toEqual([name, fresh]);
  });

  test.each(['do-anonymize', 'do-anonymizeall'])(
    'and so is what is said of somebody whom %s forgets before they logged in, however far it has come',
    async (call) => {
      const seen: unknown[] = [];
      for (const kind of kinds) {
        const email = await somebody(kind);
        const id = await add(email);
        const [there, row] = [found(email)!.id, user(ours, id)];
        const did = await s.put(editor.at[ours]!, `${row}/${call}?view=summary`);
        const [operation, receipt] = [did.headers.get('location')!, /<(.+)>/.exec(did.headers.get('link')!)![1]!];
        const token = receipt.replace('/receipts/', '');
        const own = [email, id, there, token, operation.replace('/api/operation/', '')];
        const answers = [
          did,
          await s.get(editor.at[ours]!, `${row}/anonymization`),
          await s.get(editor.at[ours]!, operation),
        ];
        for (const answer of answers)
          expect([answer.status, answer.body]).toEqual([
            200,
            expect.not.objectContaining({ oauth: expect.anything() }),
          ]);
        const { oauth } = decodeJwt<{ oauth?: object }>((await s.get(null, receipt)).text);
        expect([did.headers.get('x-oauth-removal'), did.headers.get('x-oauth-values'), oauth]).toEqual([
          null,
          null,
          undefined,
        ]);
        seen.push(
          answers.map((answer) => ({
            ...alike(answer, own),
            text: alike(answer, own).text.replaceAll(/"at":"[^"]*"/g, ''),
          })),
        );
      }
      expect(seen[0]).toEqual(seen[1]);
    },
  );

  describe.each([
    ['was deleted there', { deletedAt: longAgo }],
    ['is at a site that is gone', { siteId: null }],
  ])('of whom nobody sees a row any more, as it %s', (_how, columns) => {
    test.each([
      ['GET', 'will-anonymize'],
      ['GET', 'will-anonymizeall'],
      ['PUT', 'do-anonymize'],
      ['PUT', 'do-anonymizeall'],
      ['DELETE', ''],
    ] as const)('as little by %s %s, which leaves that row and its person as they were', async (method, call) => {
      const known = await s.person({ at: { [theirs]: 'moderator' }, profile: { email: anAddress() } });
      await s.touch('users', known.at[theirs]!, columns);
      const before = await s.row(known.at[theirs]!);
      const seen = [];
      for (const email of [known.email, anAddress()]) {
        const id = await add(email, { firstName: 'Vera', lastName: 'Gegeven' });
        const own = [email, id, found(email)!.id];
        const path = [user(ours, id), call].filter((part) => part !== '').join('/');
        const answer = await s.world.call(editor.at[ours]!, method, path);
        const receipt = /<(.+)>/.exec(answer.headers.get('link') ?? '')?.[1];
        const proof = receipt === undefined ? null : decodeJwt((await s.get(null, receipt)).text);
        seen.push([alike(answer, own), proof?.['sites'], proof?.['counts']]);
      }
      expect(seen[0]).toEqual(seen[1]);
      expect(await s.row(known.at[theirs]!)).toEqual(before);
      expect(s.there(known.externalId)).toBeDefined();
    });
  });

  test.each(kinds)(
    'an address that somebody has there is refused naming it, through the row of somebody %s',
    async (kind) => {
      const id = await add(await somebody(kind));
      const taken = await s.person({ at: { [theirs]: 'member' } });
      const before = await s.row(id);
      expect(refusal(await put(id, { email: taken.email }))).toEqual([409, 'address-taken', 'email']);
      expect(await s.row(id)).toEqual(before);
    },
  );

  test.each(kinds)(
    'and so is one that the OAuth server takes for an address there, through the row of somebody %s',
    async (kind) => {
      await personThere(s.world, { email: `renee-${kind}@elders.example` });
      const id = await add(await somebody(kind));
      expect(refusal(await put(id, { email: `renée-${kind}@elders.example` }))).toEqual([
        409,
        'address-taken',
        'email',
      ]);
    },
  );

  test('by a management client of the site: of who was added it sees nothing that other clients keep, and can erase them all the same', async () => {
    const [here, there] = [await backOfficeOf(s, [ours]), await backOfficeOf(s, [theirs])];
    const told: unknown[] = [];
    for (const kind of kinds) {
      const email = await somebody(kind);
      const uid = found(email)?.id;
      const facts = { is_expert: true, points: 77 };
      if (uid !== undefined) await there.call('admin', 'PATCH', `/api/v1/users/${uid}`, facts);
      const id = await add(email, { firstName: 'Vera' });
      const path = `/api/v1/users/${found(email)!.id}`;
      const all = (await here.call('authentication', 'GET', '/api/v1/users?per_page=100')).body.data as {
        id: number;
      }[];
      const experts = await here.call('authentication', 'GET', '/api/v1/users?is_expert=true&per_page=100');
      const shown = { ...all.find((one) => one.id === id), id: 0, uid: '', slug: '', created_at: '' };
      expect(shown).toMatchObject({ points: 0, full_name: expect.stringContaining('Vera') });
      expect((experts.body.data as { id: number }[]).some((one) => one.id === id)).toBe(false);
      const exported = await here.call('admin', 'GET', `${path}/export`);
      expect([exported.status, /"points": ?77/.test(exported.text)]).toEqual([200, false]);
      told.push(shown);
      if (kind === 'known') {
        await logIn(ours, found(email)!.id);
        expect((await here.call('authentication', 'GET', path)).body.data).toMatchObject({ points: 0 });
      }
      expect((await here.call('authentication', 'DELETE', path)).status).toBe(200);
      expect(await s.row(id)).toBeUndefined();
    }
    expect(told[0]).toEqual(told[1]);
  });

  test('what the OAuth server takes for one address is refused naming it, and is no failure of the server', async () => {
    await personThere(s.world, { email: 'rene@elders.example' });
    const answer = await s.post(editor.at[ours]!, users(ours), { email: 'rené@elders.example' });
    expect(refusal(answer)).toEqual([409, 'address-taken', 'email']);
  });

  test('and such guesses are counted: beyond a number of them nobody is told any more', async () => {
    const id = await add(anAddress());
    const taken = await s.person({ at: { [theirs]: 'member' } });
    await s.beside({ LIMIT_FAILURES: '30' }, async (url) => {
      const call = s.world.at(url);
      const guess = (email: string, who = editor.at[ours]!) => call(who, 'PUT', user(ours, id), { email });
      const statuses = [];
      for (let round = 0; round < 5; round += 1) statuses.push((await guess(taken.email)).status);
      expect(statuses).toEqual([409, 409, 409, 429, 429]);
      // Neither is what would be free, nor by POST; a change of anything else goes on, and so does everybody else.
      expect((await guess(anAddress())).status).toBe(429);
      expect((await call(editor.at[ours]!, 'POST', users(ours), { email: anAddress() })).status).toBe(429);
      expect((await call(editor.at[ours]!, 'PUT', user(ours, id), { city: 'Assen' })).status).toBe(200);
      expect((await guess(anAddress(), admin.at[ours])).status).toBe(200);
    });
  });
});

describe('asked for many addresses at once', () => {
  test('and was told of all of them, as each was let in before the others were counted', async () => {
    const id = await add(anAddress());
    const taken = await Promise.all(Array.from({ length: 10 }, () => s.person({ at: { [theirs]: 'member' } })));
    await s.beside({ LIMIT_FAILURES: '30' }, async (url) => {
      const call = s.world.at(url);
      const addresses = taken.flatMap(({ email }) => [email, anAddress()]);
      const tries = addresses.map((email) => call(editor.at[ours]!, 'PUT', user(ours, id), { email }));
      const statuses = (await Promise.all(tries)).map(({ status }) => status);

      const [ofTaken, ofFree] = [0, 1].map((odd) => statuses.filter((_status, at) => at % 2 === odd));
      expect(ofTaken!.filter((status) => status === 409)).toHaveLength(3);
      expect(ofTaken!.filter((status) => status === 429)).toHaveLength(7);
      // Whoever is told nothing of one is told nothing of the other either.
      expect(ofFree).toContain(429);
    });
  });

  test('but whoever adds many people in parallel is not refused for it', async () => {
    await s.beside({ LIMIT_FAILURES: '30' }, async (url) => {
      const tries = Array.from({ length: 12 }, () =>
        s.world.at(url)(editor.at[ours]!, 'POST', users(ours), { email: anAddress() }),
      );
      expect((await Promise.all(tries)).map(({ status }) => status)).toEqual(Array(12).fill(201));
    });
  });
});

describe('had a record of theirs so full that', () => {
  /** One key more, and it is full. */
  const full = Object.fromEntries(Array.from({ length: 199 }, (_none, index) => [`k${index}`, 1]));
  const values = { extraData: { bio: 'y', expertise: 'z' } };

  test('a role that an admin took away stayed', async () => {
    const email = anAddress();
    const externalId = await personThere(s.world, { email, extraData: full });
    const { body } = await s.post(admin.at[ours]!, users(ours), { email, role: 'editor' });
    expect(s.there(externalId)?.roles).toMatchObject({ [`peer-client-${ours}`]: 'editor' });
    const answer = await s.put(admin.at[ours]!, user(ours, body.id as number), {
      role: 'member',
      ...values,
    });
    expect([answer.status, answer.body]).toEqual([200, expect.objectContaining({ role: 'member', ...values })]);
    expect(s.there(externalId)).toMatchObject({ roles: { [`peer-client-${ours}`]: 'member' }, extraData: full });
  });

  test('an address of somebody whom they made was answered as changed, and was not', async () => {
    const email = anAddress();
    const id = await add(email);
    const externalId = found(email)!.id;
    await writeThere(s.world, externalId, { extraData: full });
    const change = { email: anAddress(), firstName: 'Nieuw' };
    const answer = await put(id, { ...change, ...values });
    expect([answer.status, answer.body]).toEqual([200, expect.objectContaining({ ...change, ...values })]);
    expect(s.there(externalId)).toMatchObject({ ...change, extraData: full });
  });
});

test('what somebody said everywhere is not read through the site’s own values either', async () => {
  const email = await somebody('known');
  const id = await add(email);
  for (const look of [1, 2]) {
    const seen = await s.get(admin.at[ours]!, user(ours, id), { 'cache-control': 'no-cache' });
    expect([look, seen.status, seen.body.extraData, seen.body.externalUserId]).toEqual([look, 200, {}, null]);
  }
  // Whoever logs in has all of it.
  await logIn(ours, found(email)!.id);
  expect((await s.get(admin.at[ours]!, user(ours, id))).body).toMatchObject({
    firstName: 'Vera',
    city: 'Geheimstad',
  });
  expect((await s.row(id))?.lastLogin).not.toEqual(longAgo);
});

describe('took somebody’s own proof away, by adding them', () => {
  const claimsOf = async (answer: Answer) => {
    const address = /<(.+)>/.exec(answer.headers.get('link') ?? '')?.[1] ?? 'none';
    return decodeJwt<{ oauth?: object }>((await s.get(null, address)).text);
  };
  const removed = expect.objectContaining({ removal: 'removed' }) as unknown;

  test('whoever has themselves forgotten everywhere is told so in their receipt, wherever they were added', async () => {
    const victim = await s.person({ at: { [theirs]: 'member' } });
    const id = await add(victim.email);
    const done = await s.put(victim.at[theirs]!, `${user(theirs, victim.at[theirs]!)}/do-anonymizeall`);
    expect([done.status, done.headers.get('x-oauth-removal')]).toEqual([200, 'done']);
    expect((await claimsOf(done)).oauth).toEqual(removed);
    // Whoever added them hears no more than before.
    const status = await s.get(editor.at[ours]!, `${user(ours, id)}/anonymization`);
    expect([status.status, status.body.oauth]).toEqual([200, undefined]);
  });

  test('and so is a platform admin of what they did, but nobody else who looks at it', async () => {
    const victim = await s.person({ at: {} });
    const id = await add(victim.email);
    const done = await s.put('admin', `${user(ours, id)}/do-anonymize?view=summary`);
    const operation = await s.get('admin', done.headers.get('location')!);
    expect([(await claimsOf(done)).oauth, operation.body.oauth]).toEqual([expect.anything(), expect.anything()]);
    const status = await s.get(editor.at[ours]!, `${user(ours, id)}/anonymization`);
    expect([status.status, status.body.oauth]).toEqual([200, undefined]);
  });

  test('a platform admin is told of what an editor did to whom they added: what came of it, and when', async () => {
    const victim = await s.person({ at: {} });
    const id = await add(victim.email);
    const done = await s.put(editor.at[ours]!, `${user(ours, id)}/do-anonymize?view=summary`);
    const asked = await s.get(editor.at[ours]!, done.headers.get('location')!);
    expect([asked.status, asked.body.oauth, asked.body.state]).toEqual([200, undefined, undefined]);
    const told = await s.get('admin', done.headers.get('location')!);
    expect(told.body).toMatchObject({
      state: 'done',
      oauth: { removal: 'removed', settledAt: expect.any(String) as unknown },
    });
  });
});
