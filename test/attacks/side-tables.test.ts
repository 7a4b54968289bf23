import { raw, sql } from '../../src/db/sql.ts';
import { backOfficeOf, type BackOffice } from '../journeys/sentences/support/back-office.ts';
import { writeThere, type Somebody } from '../journeys/sentences/support/people.ts';
import { startSentences, user, users, type SentenceWorld } from '../journeys/sentences/support/world.ts';
import { put } from '../support/side-rows.ts';
import { aVisitor, logInAs } from '../support/visitor.ts';

/**
 * OpenStad's tables that name people by address and have no site. Whoever acts at one site tries to have rows of others read or
 * removed there, by giving an address to a row of their own site. Source: anonymization.md §5 "Property tests",
 * management-api.md §2.
 */
const [ours, theirs, third] = [11, 12, 13] as const;
let s: SentenceWorld;
let moderator: Somebody;
let editor: Somebody;
let admin: Somebody;
let office: BackOffice;
beforeAll(async () => {
  const config = { allowedDomains: ['city.example', '127.0.0.1'] };
  s = await startSentences(
    { [ours]: { config }, [theirs]: { config }, [third]: { config } },
    { oauthTimeLimitMs: 3000 },
  );
  await makeSideTables();
  moderator = await s.person({ at: { [ours]: 'moderator' } });
  editor = await s.person({ at: { [ours]: 'editor' } });
  admin = await s.person({ at: { [ours]: 'admin' } });
  office = await backOfficeOf(s, [ours]);
});
afterAll(() => s.close());

/** As an OpenStad API has them, before anybody has looked for them. */
const makeSideTables = async (): Promise<void> => {
  const { database } = s.world.container;
  const columns = {
    notifications: '`subject` VARCHAR(255), `to` VARCHAR(255) NOT NULL, `from` VARCHAR(255), `body` TEXT',
    notification_recipients: '`notificationRulesetId` INT, `emailType` VARCHAR(255) NOT NULL, `value` VARCHAR(255)',
    logs: '`name` VARCHAR(255), `type` VARCHAR(255), `email` VARCHAR(255) NOT NULL, `userId` INT, `extraData` TEXT',
    submissions: '`siteId` INT, `userId` INT, `submittedData` TEXT',
    newslettersignups: '`siteId` INT, `email` VARCHAR(255), `externalUserId` INT, `extraData` TEXT',
  };
  const key = `INTEGER PRIMARY KEY ${database.dialect.name === 'mysql' ? 'AUTO_INCREMENT' : ''}`;
  for (const [table, own] of Object.entries(columns))
    await database.change(
      raw(`CREATE TABLE ${table} (id ${key}, ${own}, createdAt DATETIME, updatedAt DATETIME, deletedAt DATETIME)`),
    );
};

let last = 0;
const anAddress = () => `raad${(last += 1)}@gemeente-b.example`;
/** What another site has sent to an address, and where it sends what it has to tell. */
const keptUnder = async (email: string): Promise<void> => {
  const { database } = s.world.container;
  await put(database, 'notifications', { subject: 'Geheim', to: email, from: 'b@b.example', body: 'Inhoud' });
  await put(database, 'notification_recipients', { notificationRulesetId: 12, emailType: 'fixed', value: email });
  await put(database, 'notification_recipients', { notificationRulesetId: 12, emailType: 'field', value: email });
  await put(database, 'logs', { name: 'mail', type: 'mail', email, extraData: '{"body":"Geheim"}' });
  await put(database, 'newslettersignups', { siteId: 0, email, extraData: '{}' });
  await put(database, 'newslettersignups', { siteId: theirs, email, extraData: '{}' });
};
const fresh = { 'cache-control': 'no-cache' };
const all = { notifications: 1, fixed: 1, field: 1, logs: 1, signups: 2 };
/** How many of these rows still are as they were. */
const left = async (email: string) => {
  const count = async (from: string): Promise<number> => {
    const [row] = await s.world.container.database.select(sql`SELECT COUNT(*) AS n FROM ${raw(from)} = ${email}`);
    return Number(row?.['n']);
  };
  return {
    notifications: await count('notifications WHERE `to`'),
    fixed: await count("notification_recipients WHERE emailType = 'fixed' AND value"),
    field: await count("notification_recipients WHERE emailType = 'field' AND value"),
    logs: await count('logs WHERE extraData IS NOT NULL AND email'),
    signups: await count('newslettersignups WHERE email'),
  };
};
const exported = (externalId: number) => office.call('admin', 'GET', `/api/v1/users/${externalId}/export`);
const logIn = async (siteId: number, { externalId }: Pick<Somebody, 'externalId'>): Promise<void> => {
  const flow = { apiUrl: s.world.url, oauthUrl: s.world.oauth.url, siteId, redirectUrl: 'https://city.example/' };
  const { token } = await logInAs(aVisitor(), flow, externalId);
  if (token === '') throw new Error('no login');
};
const add = async (email: string): Promise<number> =>
  (await s.post(moderator.at[ours]!, users(ours), { email })).body.id as number;
const there = (email: string) => s.world.oauth.server.people().find((one) => one.email === email)!;
const give = async (userId: number, email: string | null, by = editor.at[ours]!): Promise<void> => {
  expect((await s.put(by, user(ours, userId), { email })).status).toBe(200);
};

const removals = ['DELETE', 'do-anonymize', 'do-anonymizeall'] as const;
const remove = async (call: (typeof removals)[number], userId: number): Promise<void> => {
  const path = user(ours, userId);
  const by = call === 'do-anonymizeall' ? 'admin' : admin.at[ours]!;
  const answer = call === 'DELETE' ? await s.remove(by, path) : await s.put(by, `${path}/${call}`);
  expect(answer.status).toBe(200);
};

describe.each(removals)('other sites lost their mail and who gets it, by %s of', (call) => {
  test('a row that a moderator had made of an address', async () => {
    const email = anAddress();
    await keptUnder(email);
    await remove(call, await add(email));
    expect(await left(email)).toEqual(all);
  });

  test('a row that a moderator had made of somebody whom another site had anonymized', async () => {
    const known = await s.person({ at: { [theirs]: 'member' }, profile: { email: anAddress() } });
    await s.touch('users', known.at[theirs]!, {
      personId: null,
      externalUserId: null,
      email: null,
      anonymizedAt: new Date('2024-02-03'),
    });
    const { database } = s.world.container;
    await keptUnder(known.email);
    await put(database, 'newslettersignups', { siteId: 0, externalUserId: known.externalId, extraData: '{}' });
    await remove(call, await add(known.email));
    expect(await left(known.email)).toEqual(all);
    const signups = await database.select(
      sql`SELECT id FROM newslettersignups WHERE externalUserId = ${known.externalId}`,
    );
    expect(signups).toHaveLength(1);
  });

  test('a member to whom an editor had given the address', async () => {
    const member = await s.person({ at: { [ours]: 'member' } });
    const email = anAddress();
    await keptUnder(email);
    await give(member.at[ours]!, email);
    await remove(call, member.at[ours]!);
    expect(await left(email)).toEqual(all);
  });

  test('a row without a person to whom an editor had given the address', async () => {
    const id = await s.extraRow({ siteId: ours, email: anAddress() });
    const email = anAddress();
    await keptUnder(email);
    await give(id, email);
    await remove(call, id);
    expect(await left(email)).toEqual(all);
  });

  test('an editor who had given the address to themselves, and logged in again, elsewhere too', async () => {
    const one = await s.person({ at: { [ours]: 'editor' } });
    const email = anAddress();
    await keptUnder(email);
    await give(one.at[ours]!, email, one.at[ours]);
    await logIn(ours, one);
    await logIn(third, one);
    await remove(call, one.at[ours]!);
    const elsewhere = await s.world.container.database.select(
      sql`SELECT id FROM users WHERE siteId = ${third} AND email = ${email}`,
    );
    for (const { id } of elsewhere) expect((await s.remove('admin', user(third, Number(id)))).status).toBe(200);
    expect(elsewhere.length).toBe(call === 'do-anonymizeall' ? 0 : 1);
    expect(await left(email)).toEqual(all);
  });

  test('a member whose address was given, and the next change was refused', async () => {
    const member = await s.person({ at: { [ours]: 'member' } });
    const taken = await s.person({ at: { [theirs]: 'member' } });
    const email = anAddress();
    await keptUnder(email);
    await give(member.at[ours]!, email);
    expect((await s.put(editor.at[ours]!, user(ours, member.at[ours]!), { email: taken.email })).status).toBe(409);
    await remove(call, member.at[ours]!);
    expect(await left(email)).toEqual(all);
  });
});

test('other sites lost their mail by a member whose address was given without an answer', async () => {
  const member = await s.person({ at: { [ours]: 'member' } });
  const email = anAddress();
  await keptUnder(email);
  await s.world.oauth.proxy.behave('lose-reply', /^POST /);
  const answer = await s.put(editor.at[ours]!, user(ours, member.at[ours]!), { email });
  await s.world.oauth.proxy.behave('pass');
  expect(answer.status).toBeGreaterThanOrEqual(500);
  await logIn(ours, member);
  expect((await s.row(member.at[ours]!))?.email).toBe(email);
  await remove('DELETE', member.at[ours]!);
  expect(await left(email)).toEqual(all);
});

describe('other sites lost their mail by an editor who had given the address to themselves', () => {
  test('and a further one that was not answered, so that nobody knew which it was', async () => {
    const one = await s.person({ at: { [ours]: 'editor' } });
    const email = anAddress();
    await keptUnder(email);
    await give(one.at[ours]!, email, one.at[ours]);
    // It never got there: what is read later still is the first.
    await s.world.oauth.proxy.behave('reset', /^POST /);
    const answer = await s.put(one.at[ours]!, user(ours, one.at[ours]!), { email: anAddress() });
    await s.world.oauth.proxy.behave('pass');
    expect(answer.status).toBe(502);
    await logIn(ours, one);
    expect((await s.get(one.at[ours]!, user(ours, one.at[ours]!), fresh)).body.email).toBe(email);
    await logIn(ours, one);
    await remove('DELETE', one.at[ours]!);
    expect(await left(email)).toEqual(all);
  });

  test('and a further one, and the first came back at the OAuth server', async () => {
    const one = await s.person({ at: { [ours]: 'editor' } });
    const email = anAddress();
    await keptUnder(email);
    await give(one.at[ours]!, email, one.at[ours]);
    await give(one.at[ours]!, anAddress());
    await writeThere(s.world, one.externalId, { email });
    await logIn(ours, one);
    await remove('DELETE', one.at[ours]!);
    expect(await left(email)).toEqual(all);
  });
});

describe('what is somebody’s own still goes with them', () => {
  test.each(removals)('by %s of who logged in under the address', async (call) => {
    const member = await s.person({ at: { [ours]: 'member' }, profile: { email: anAddress() } });
    await keptUnder(member.email);
    await remove(call, member.at[ours]!);
    // Whom a site tells by name is that site’s setting, and what it keeps at its own site is for its own hands.
    expect(await left(member.email)).toEqual({ notifications: 0, fixed: 1, field: 0, logs: 0, signups: 1 });
  });

  test('when the address that was refused is not the one that they have', async () => {
    const member = await s.person({ at: { [ours]: 'member' }, profile: { email: anAddress() } });
    const taken = await s.person({ at: { [theirs]: 'member' } });
    await keptUnder(member.email);
    expect((await s.put(editor.at[ours]!, user(ours, member.at[ours]!), { email: taken.email })).status).toBe(409);
    await remove('DELETE', member.at[ours]!);
    expect(await left(member.email)).toMatchObject({ notifications: 0, fixed: 1 });
  });

  test('of who was added, once they have logged in', async () => {
    const email = anAddress();
    await keptUnder(email);
    const id = await add(email);
    await logIn(ours, { externalId: there(email).id });
    await remove('DELETE', id);
    expect(await left(email)).toMatchObject({ notifications: 0, fixed: 1 });
  });

  test('and of whom an editor had given an address, once they log in under another one of their own', async () => {
    const member = await s.person({ at: { [ours]: 'member' } });
    await give(member.at[ours]!, anAddress());
    const own = anAddress();
    await keptUnder(own);
    await writeThere(s.world, member.externalId, { email: own });
    await logIn(ours, member);
    await remove('DELETE', member.at[ours]!);
    expect(await left(own)).toMatchObject({ notifications: 0, fixed: 1 });
  });

  test('and when that other one was read before they logged in under it', async () => {
    const member = await s.person({ at: { [ours]: 'member' } });
    await give(member.at[ours]!, anAddress());
    const own = anAddress();
    await keptUnder(own);
    await writeThere(s.world, member.externalId, { email: own });
    expect((await s.get(editor.at[ours]!, user(ours, member.at[ours]!), fresh)).body.email).toBe(own);
    expect((await s.row(member.at[ours]!))?.email).toBe(own);
    await logIn(ours, member);
    await remove('DELETE', member.at[ours]!);
    expect(await left(own)).toMatchObject({ notifications: 0, fixed: 1 });
  });

  test('and not before, as reading it shows nothing', async () => {
    const member = await s.person({ at: { [ours]: 'member' } });
    await give(member.at[ours]!, anAddress());
    const other = anAddress();
    await keptUnder(other);
    await writeThere(s.world, member.externalId, { email: other });
    expect((await s.get(editor.at[ours]!, user(ours, member.at[ours]!), fresh)).body.email).toBe(other);
    await remove('DELETE', member.at[ours]!);
    expect(await left(other)).toEqual(all);
  });
});

describe('a back office read the mail of other sites in the export of', () => {
  const foreign = /Geheim|Inhoud/;

  test('whom its own moderator had added', async () => {
    const email = anAddress();
    await keptUnder(email);
    await add(email);
    const answer = await exported(there(email).id);
    expect([answer.status, foreign.exec(answer.text)]).toEqual([200, null]);
  });

  test('a member to whom its own editor had given the address', async () => {
    const member = await s.person({ at: { [ours]: 'member' } });
    const email = anAddress();
    await keptUnder(email);
    await give(member.at[ours]!, email);
    expect((await exported(member.externalId)).text).not.toMatch(foreign);
  });

  test.each([
    ['is elsewhere, too', {}],
    ['was elsewhere, too', { deletedAt: new Date('2024-02-03') }],
  ])('somebody who %s', async (_, columns) => {
    const member = await s.person({
      at: { [ours]: 'member', [theirs]: 'member' },
      profile: { email: anAddress() },
    });
    await s.touch('users', member.at[theirs]!, columns);
    await keptUnder(member.email);
    expect((await exported(member.externalId)).text).not.toMatch(foreign);
  });

  test('somebody of whom another site keeps an answer', async () => {
    const member = await s.person({ at: { [ours]: 'member' } });
    const { database } = s.world.container;
    for (const [siteId, said] of [
      [ours, 'Eigen'],
      [theirs, 'Geheim'],
    ] as const)
      await put(database, 'submissions', { siteId, userId: member.at[ours]!, submittedData: `{"a":"${said}"}` });
    const { text } = await exported(member.externalId);
    expect([text.includes('Eigen'), text.includes('Geheim')]).toEqual([true, false]);
  });

  test('nobody else: who is at its sites only, and logged in, is told what was sent to them', async () => {
    const member = await s.person({ at: { [ours]: 'member' }, profile: { email: anAddress() } });
    await keptUnder(member.email);
    const { text } = await exported(member.externalId);
    expect(text).toMatch(/Inhoud/);
    expect(text).not.toContain('"fixed"');
  });
});
