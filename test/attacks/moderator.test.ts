import { createHash } from 'node:crypto';
import {
  each,
  idsIn,
  refusal,
  startSentences,
  user,
  users,
  type Headers,
  type SentenceWorld,
  type Who,
} from '../journeys/sentences/support/world.ts';
import { backOfficeOf, clientOf } from '../journeys/sentences/support/back-office.ts';
import type { Somebody } from '../journeys/sentences/support/people.ts';
import type { Answer } from '../support/recorded-world.ts';
import { until } from '../support/until.ts';

/**
 * A moderator of one site tries to learn where else a person is, by naming sites and rows and comparing answers.
 * Source: anonymization.md §1.
 */
const [ours, theirs, others, ended, gone, hidden] = [11, 12, 13, 14, 15, 16] as const;
let s: SentenceWorld;
let moderator: Somebody;
beforeAll(async () => {
  const hasEnded = { config: { project: { projectHasEnded: true } } };
  s = await startSentences({
    [ours]: {},
    [theirs]: {},
    [others]: {},
    [ended]: hasEnded,
    [gone]: { deleted: true },
    [hidden]: { config: { users: { viewableByRole: 'editor' } } },
  });
  moderator = await s.person({ at: { [ours]: 'moderator' } });
});
afterAll(() => s.close());

/** The same in every answer, whoever it is about: what tells two people apart by themselves is taken out. */
const alike = (
  { status, headers, text }: Awaited<ReturnType<SentenceWorld['put']>>,
  { at, email, externalId }: Somebody,
) => ({
  status,
  kept: headers.get('x-oauth-removal'),
  text: [...Object.values(at).map(String), email, String(externalId)]
    .reduce((all, own) => all.replaceAll(own, '#'), text)
    .replaceAll(/"(?:instance|createdAt|updatedAt|digest)":"[^"]*"/g, ''),
});

const verbs = ['will-anonymizeall', 'do-anonymizeall', 'will-anonymize', 'do-anonymize'] as const;
const roles = ['member', 'moderator', 'admin'] as const;
describe.each(verbs)('%s that names a site where a moderator has no right', (verb) => {
  test.each(roles)('answers alike whether the person is %s there or is not there at all', async (role) => {
    const there = await s.person({ at: { [ours]: 'member', [others]: 'member', [theirs]: role } });
    const notThere = await s.person({ at: { [ours]: 'member', [others]: 'member' } });
    for (const only of [{ onlySiteIds: [theirs] }, { onlySiteIds: theirs }, { onlySiteIds: [ours, theirs] }]) {
      const [one, other] = [
        await s.put(moderator.at[ours]!, `${user(ours, there.at[ours]!)}/${verb}`, only),
        await s.put(moderator.at[ours]!, `${user(ours, notThere.at[ours]!)}/${verb}`, only),
      ];
      expect(one.status).toBe(200);
      expect(alike(one, there)).toEqual(alike(other, notThere));
    }
    expect((await s.row(there.at[theirs]!))?.anonymizedAt).toBeNull();
  });
});

test('the id of a row at a site of others selects nothing, as that of a stranger does', async () => {
  const somebody = await s.person({ at: { [ours]: 'member', [theirs]: 'member' } });
  const stranger = await s.person({ at: { [theirs]: 'member' } });
  const path = user(ours, somebody.at[ours]!);
  for (const call of ['will-anonymizeall', 'do-anonymizeall']) {
    const answers = [];
    for (const id of [somebody.at[theirs]!, stranger.at[theirs]!, 99_999_999])
      answers.push(await s.put(moderator.at[ours]!, `${path}/${call}`, { onlyUserIds: [id] }));
    for (const { status, body } of answers) expect([status, body.users]).toEqual([200, []]);
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
  }
  expect((await s.row(somebody.at[theirs]!))?.anonymizedAt).toBeNull();
});

test('asked by query, it is the same', async () => {
  const there = await s.person({ at: { [ours]: 'member', [theirs]: 'admin' } });
  const answer = await s.get(
    moderator.at[ours]!,
    `${user(ours, there.at[ours]!)}/will-anonymizeall?onlySiteIds=${theirs},${others}`,
  );
  expect([answer.status, answer.body.users]).toEqual([200, []]);
});

test('without a choice …all still says that there is somewhere else, and no more', async () => {
  const there = await s.person({ at: { [ours]: 'member', [theirs]: 'member' } });
  const answer = await s.put(moderator.at[ours]!, `${user(ours, there.at[ours]!)}/do-anonymizeall`);
  expect([refusal(answer), answer.text.includes(`ite${theirs}`)]).toEqual([[403, 'not-moderator-everywhere'], false]);
});

test('the owner still selects their rows anywhere, and a fixed token those of its role', async () => {
  const there = await s.person({ at: { [ours]: 'member', [theirs]: 'member', [others]: 'member' } });
  const path = `${user(ours, there.at[ours]!)}/do-anonymizeall`;
  const own = await s.put(there.at[ours]!, path, { onlySiteIds: [theirs] });
  expect([own.status, own.body.users.length]).toEqual([200, 1]);
  const fixed = await s.put('moderator', path, { onlySiteIds: [others] });
  expect([fixed.status, fixed.body.users.length]).toEqual([200, 1]);
});

test('a back office selects its own sites, whoever the person is elsewhere', async () => {
  const office = await backOfficeOf(s, [ours]);
  const there = await s.person({ at: { [ours]: 'member', [theirs]: 'admin' } });
  const answer = await office.call('authentication', 'POST', `/api/v1/users/${there.externalId}/anonymize`);
  expect([answer.status, answer.body.data.users]).toEqual([200, 1]);
  expect((await s.row(there.at[theirs]!))?.anonymizedAt).toBeNull();
});

test('who asks for a user with a role that is not theirs to give is refused before all sites are read', async () => {
  const ask = async (body: object): Promise<readonly unknown[]> => {
    const before = s.world.statements();
    const answer = await s.post(moderator.at[ours]!, users(ours), { email: 'a@example.org', ...body });
    return [...refusal(answer), s.world.statements() - before];
  };
  await ask({ role: 'admin' });

  const [ofPhone, ofRole] = [await ask({ phoneNumber: '0600000000' }), await ask({ role: 'admin' })];

  expect(ofRole).toEqual([403, 'role-not-grantable', 'role', ofPhone.at(-1)]);
});

describe('the activity of somebody at another site', () => {
  test.each(['moderator', 'editor', 'admin'] as const)(
    'told a session of a %s which of their own people that is, nick name or not: it keeps to that site',
    async (role) => {
      const somebody = await s.person({ at: { [ours]: 'member', [theirs]: 'member' } });
      for (const siteId of [ours, theirs]) await s.idea({ siteId, userId: somebody.at[siteId]! });
      const nosy = (await s.person({ at: { [ours]: role, [theirs]: 'member' } })).at[ours]!;
      const { status, body } = await s.get(nosy, `${user(theirs, somebody.at[theirs]!)}/activity`);
      expect([status, idsIn(body.sites), each(body.ideas, 'userId')]).toEqual([200, [theirs], [somebody.at[theirs]]]);
    },
  );

  test('is told to the owner, and to who is moderator at both', async () => {
    const somebody = await s.person({ at: { [ours]: 'member', [theirs]: 'member' } });
    for (const who of [somebody.at[ours]!, 'moderator']) {
      const { body } = await s.get(who, `${user(theirs, somebody.at[theirs]!)}/activity`);
      expect(idsIn(body.sites)).toEqual([ours, theirs]);
    }
  });

  /** As is asked about the row at one site: at which sites the activity is. */
  const sitesOf = async (who: Who, siteId: number, id: number) =>
    idsIn((await s.get(who, `${user(siteId, id)}/activity`)).body.sites);

  test('joined a fixed token of a moderator or editor the row of who was added there by address, and has not come', async () => {
    const somebody = await s.person({ at: { [ours]: 'member' } });
    const added = await s.post('admin', users(theirs), { email: somebody.email });
    const [own, withheld] = [somebody.at[ours]!, added.body.id as number];
    for (const who of ['moderator', 'editor']) {
      expect([await sitesOf(who, ours, own), await sitesOf(who, theirs, withheld)]).toEqual([[ours], [theirs]]);
    }
    for (const who of [own, 'admin']) expect(await sitesOf(who, ours, own)).toEqual([ours, theirs]);
    expect(await sitesOf('admin', theirs, withheld)).toEqual([ours, theirs]);
  });

  test('was told to a fixed token of a role from which that site hides its people', async () => {
    const somebody = await s.person({ at: { [ours]: 'member', [hidden]: 'member' } });
    const [own, there] = [somebody.at[ours]!, somebody.at[hidden]!];
    for (const siteId of [ours, hidden]) await s.idea({ siteId, userId: somebody.at[siteId]! });
    expect((await s.get('moderator', user(hidden, there))).status).toBe(404);
    expect(await sitesOf('moderator', ours, own)).toEqual([ours]);
    for (const who of [own, 'editor', 'admin']) expect(await sitesOf(who, ours, own)).toEqual([ours, hidden]);
  });
});

describe('a row that goes along, as nobody sees it any more', () => {
  test('was shown with its site and its ideas to who asked for the person here: it goes, and is not told', async () => {
    const somebody = await s.person({ at: { [ours]: 'member', [theirs]: 'member' } });
    const other = await s.person({ at: { [theirs]: 'member' } });
    await s.idea({ siteId: theirs, userId: somebody.at[theirs]!, title: 'Stil idee', viewableByRole: 'moderator' });
    const idea = await s.idea({ siteId: theirs, userId: other.at[theirs]!, title: 'Ander stil idee' });
    await s.vote({ ideaId: idea, userId: somebody.at[theirs]!, opinion: 'no' });
    await s.touch('users', somebody.at[theirs]!, { deletedAt: new Date('2024-03-03T00:00:00Z') });
    const path = user(ours, somebody.at[ours]!);

    const lists = await s.get(moderator.at[ours]!, `${path}/will-anonymize`);
    const summary = await s.get(moderator.at[ours]!, `${path}/will-anonymize?view=summary`);

    expect([idsIn(lists.body.users), idsIn(lists.body.sites)]).toEqual([[somebody.at[ours]], [ours]]);
    expect([lists.body.ideas, lists.body.votes, lists.text.includes('til idee')]).toEqual([[], [], false]);
    expect([summary.body.users, idsIn(summary.body.sites)]).toEqual([1, [ours]]);
    const whole = await s.get('moderator', `${path}/will-anonymize?view=summary`);
    expect([whole.body.users, whole.body.digest]).toEqual([2, summary.body.digest]);
    const headers = { 'if-match': lists.headers.get('etag')! };
    const done = await s.put(moderator.at[ours]!, `${path}/do-anonymize`, {}, headers);
    expect([done.status, idsIn(done.body.users)]).toEqual([200, [somebody.at[ours]]]);
    expect((await s.row(somebody.at[theirs]!))?.anonymizedAt).not.toBeNull();
    // The log is for whoever compares it with the audit, which has both.
    const told = s.world.log().match(/^.*written into the audit.*$/gm) ?? [];
    expect(told.at(-1)).toContain('"rows":2');
  });

  test('was found by trying ids, as the digest was a bare hash of lines that anybody can guess', async () => {
    const somebody = await s.person({ at: { [ours]: 'member', [theirs]: 'member' } });
    const [own, other] = [somebody.at[ours]!, somebody.at[theirs]!];
    await s.touch('users', other, { deletedAt: new Date('2024-03-03T00:00:00Z') });
    const { body } = await s.get(moderator.at[ours]!, `${user(ours, own)}/will-anonymize?view=summary`);
    const guess = [
      ...[ours, theirs].map((site) => `sites ${site} not-voting\n`),
      ...[own, other].sort((one, two) => one - two).map((id) => `users ${id} anonymize\n`),
    ];
    expect(body.digest).toMatch(/^[\w-]{43}$/);
    expect(body.digest).not.toBe(createHash('sha256').update(guess.join('')).digest('base64url'));
  });

  test('was anonymized by a delete though it has a higher role, or a fixed token acts as it', async () => {
    const deletedAt = new Date('2024-03-03T00:00:00Z');
    const ask = async (somebody: Somebody): Promise<readonly unknown[]> => {
      const path = user(ours, somebody.at[ours]!);
      const anonymized = await s.put(moderator.at[ours]!, `${path}/do-anonymize`);
      const deleted = await s.remove(moderator.at[ours]!, path);
      expect(refusal(deleted)).toEqual(refusal(anonymized));
      expect(await s.row(somebody.at[ours]!)).toMatchObject({ anonymizedAt: null, deletedAt: null });
      return refusal(deleted);
    };
    const admin = await s.person({ at: { [ours]: 'member', [theirs]: 'admin' } });
    await s.touch('users', admin.at[theirs]!, { deletedAt });
    expect(await ask(admin)).toEqual([403, 'higher-role']);
    // User 4 has the fixed token of a member; the site of its row goes.
    const named = await s.person({ at: { [ours]: 'member' } });
    const { siteId, personId, externalUserId } = (await s.row(4))!;
    await s.touch('users', 4, { siteId: gone, personId: named.id, externalUserId: named.externalId });
    expect(await ask(named)).toEqual([409, 'named-by-fixed-token']);
    expect((await s.get('member', '/api/site/1')).status).toBe(200);
    await s.touch('users', 4, { siteId, personId, externalUserId });
  });
});

describe('the proof of a row that goes along', () => {
  /** Somebody of both sites, whom the other one deleted softly; an idea of theirs is there. */
  const leftBehind = async (): Promise<Somebody> => {
    const somebody = await s.person({ at: { [ours]: 'member', [theirs]: 'member' } });
    await s.idea({ siteId: theirs, userId: somebody.at[theirs]! });
    await s.touch('users', somebody.at[theirs]!, { deletedAt: new Date('2024-03-03T00:00:00Z') });
    return somebody;
  };
  const receiptIn = (answer: Answer): string => /<(\/receipts\/[^>]+)>/.exec(answer.headers.get('link') ?? '')![1]!;
  const claimsAt = async (address: string): Promise<Answer['body']> =>
    JSON.parse(Buffer.from((await s.get(null, address)).text.split('.')[1]!, 'base64url').toString());
  const ofOurs = { users: 1, sites: [{ id: ours, users: 1 }], counts: { ideas: { keep: 0, remove: 0 } } };
  const ofBoth = { users: 2, sites: [{ id: ours }, { id: theirs }], counts: { ideas: { keep: 1 } } };

  test.each(['do-anonymize', 'do-anonymizeall'])(
    'told who called %s of that site: receipt, operation and status keep to what the answer showed',
    async (call) => {
      const somebody = await leftBehind();
      const path = user(ours, somebody.at[ours]!);
      // …all asks for the row there as well, which is not theirs: they choose their own.
      const only = call === 'do-anonymizeall' ? { onlySiteIds: [ours] } : {};
      const done = await s.put(moderator.at[ours]!, `${path}/${call}`, only);
      expect(done.status).toBe(200);
      expect((await s.row(somebody.at[theirs]!))?.anonymizedAt).not.toBeNull();

      expect(await claimsAt(receiptIn(done))).toMatchObject(ofOurs);
      const operation = done.headers.get('location')!;
      expect((await s.get(moderator.at[ours]!, operation)).body).toMatchObject(ofOurs);
      const { body } = await s.get(moderator.at[ours]!, `${path}/anonymization`);
      expect(each(body.whole.rows, 'siteId')).toEqual([ours]);
      // Platform admins, and nobody else, are told of all of it.
      expect((await s.get('admin', operation)).body).toMatchObject(ofBoth);
      const whole = await s.get('admin', `${path}/anonymization`);
      expect(each(whole.body.whole.rows, 'siteId')).toEqual([ours, theirs]);
    },
  );

  test('told a back office that deletes its own people of that site', async () => {
    const office = await backOfficeOf(s, [ours]);
    const somebody = await leftBehind();
    const answer = await office.call('authentication', 'DELETE', `/api/v1/users/${somebody.externalId}`);
    expect(answer.status).toBe(200);
    expect((await s.row(somebody.at[theirs]!))?.anonymizedAt).not.toBeNull();
    expect(await claimsAt(receiptIn(answer))).toMatchObject(ofOurs);
  });

  test('is whole for the person, and for a token of all sites', async () => {
    const [one, other] = [await leftBehind(), await leftBehind()];
    const own = await s.put(one.at[ours]!, `${user(ours, one.at[ours]!)}/do-anonymize`);
    const fixed = await s.put('moderator', `${user(ours, other.at[ours]!)}/do-anonymize`);
    for (const done of [own, fixed]) expect(await claimsAt(receiptIn(done))).toMatchObject(ofBoth);
  });

  test('told the admin of an ended site where else its people had been', async () => {
    const admin = (await s.person({ at: { [ended]: 'admin' } })).at[ended]!;
    const somebody = await s.person({ at: { [ended]: 'member', [theirs]: 'member' } });
    await s.touch('users', somebody.at[theirs]!, { deletedAt: new Date('2024-03-03T00:00:00Z') });
    for (const who of [admin, 'admin']) {
      const { status, body } = await s.put(who, `/api/site/${ended}/will-anonymize-all-users`);
      expect([status, body.users, body.persons, idsIn(body.sites)]).toEqual([200, 1, 1, [ended]]);
    }
  });
});

test('the order of the public list of a client told whom others had known before they were added', async () => {
  const [known, client] = [await s.person({ at: { [theirs]: 'member' } }), await clientOf(s, [ours], ['public'])];
  const added: number[] = [];
  for (const email of ['nieuw1@elders.example', known.email, 'nieuw2@elders.example']) {
    const { status, body } = await s.post(moderator.at[ours]!, users(ours), { email, listableByRole: 'all' });
    expect(status).toBe(201);
    added.push(body.id as number);
  }

  const { body } = await s.get(null, `/api/v1/users?api_key=${client.key}&per_page=100`);

  expect(idsIn(body.data).filter((id) => added.includes(Number(id)))).toEqual(added);
});

test('Age and X-Cache told which row at another site is somebody of ours, as a visitor had looked there', async () => {
  const somebody = await s.person({ at: { [ours]: 'member', [theirs]: 'member' } });
  const stranger = await s.person({ at: { [theirs]: 'member' } });
  const freshness = async (who: Who, headers?: Headers): Promise<readonly (string | null)[]> => {
    const answer = await s.get(who, user(ours, somebody.at[ours]!), headers);
    return [answer.headers.get('x-cache'), answer.headers.get('age')];
  };
  for (const looked of [stranger, somebody]) {
    await s.world.container.database.rows.persons.update({ fetchedAt: new Date(0) }, { where: { id: somebody.id } });
    expect((await s.get(null, user(theirs, looked.at[theirs]!))).status).toBe(200);
    if (looked === somebody)
      await until(
        'a refresh',
        async () => (await s.world.container.ports.persons.find(somebody.id))!.fetchedAt! > new Date(1),
      );
    expect(await freshness(moderator.at[ours]!)).toEqual([null, null]);
  }
  // What they ask for themselves they are told, and the owner and who is moderator everywhere are told all.
  expect(await freshness(moderator.at[ours]!, { 'cache-control': 'no-cache' })).toEqual(['MISS', '0']);
  for (const who of [somebody.at[ours]!, 'moderator'])
    expect(await freshness(who)).toEqual(['HIT', expect.stringMatching(/^\d+$/)]);
});

describe('details that their owner closed to moderators', () => {
  test.each([null, 'moderator', 'all', 'editor'])(
    'were opened by one, who set detailsViewableByRole to %j',
    async (role) => {
      const somebody = await s.person({ at: { [ours]: 'member' } });
      const path = user(ours, somebody.at[ours]!);
      expect((await s.put(somebody.at[ours]!, path, { detailsViewableByRole: 'admin' })).status).toBe(200);

      const answer = await s.put(moderator.at[ours]!, path, { detailsViewableByRole: role });

      expect(refusal(answer)).toEqual([403, 'field-not-writable', 'detailsViewableByRole']);
      expect((await s.get(moderator.at[ours]!, path)).body.email).toBeUndefined();
      expect((await s.put(moderator.at[ours]!, path, { city: 'Assen' })).status).toBe(200);
      // Whoever sees them, and the owner, still say who may.
      expect((await s.put('admin', path, { detailsViewableByRole: 'editor' })).status).toBe(200);
      expect((await s.put(somebody.at[ours]!, path, { detailsViewableByRole: null })).status).toBe(200);
    },
  );
});
