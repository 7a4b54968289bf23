import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { raw } from '../../src/db/sql.ts';
import type { ActivityStore } from '../../src/ports/activity-store.ts';
import { previewAnonymization } from '../../src/use-cases/anonymization/preview-anonymization.ts';
import type { AnonymizeCommand } from '../../src/use-cases/anonymization/commands.ts';
import type { InTurn } from '../../src/use-cases/commands.ts';
import type { ListActivityCommand } from '../../src/use-cases/users/commands.ts';
import type { ExportPart } from '../../src/use-cases/people/commands.ts';
import { exportUser as exportUserOf } from '../../src/use-cases/people/export-user.ts';
import { listActivity as listActivityOf } from '../../src/use-cases/users/list-activity.ts';
import { actorNow } from '../../src/use-cases/actor-now.ts';
import { anActor } from '../support/builders.ts';
import { fixedTokens } from '../support/recorded-world.ts';
import { put } from '../support/side-rows.ts';
import { backOfficeOf } from '../journeys/sentences/support/back-office.ts';
import { asking } from './support/asking.ts';
import { statementsAtRest } from './support/at-rest.ts';
import { idsIn, startSentences, user, type SentenceWorld } from '../journeys/sentences/support/world.ts';

/** What somebody contributed is held for nobody all at once, whether by number or by size. */
const [site, few] = [11, 12] as const;
const start = Date.UTC(2024, 0, 1);
const kinds = ['ideas', 'articles', 'arguments', 'votes'] as const;
let s: SentenceWorld;
beforeAll(async () => {
  s = await startSentences({ [site]: {}, [few]: { config: { anonymize: { maxListed: 20 } } } });
  const { database } = s.world.container;
  const key = `INTEGER PRIMARY KEY ${database.dialect.name === 'mysql' ? 'AUTO_INCREMENT' : ''}`;
  const columns = '`siteId` INT, `userId` INT, `submittedData` TEXT';
  const stamps = 'createdAt DATETIME, updatedAt DATETIME, deletedAt DATETIME';
  await database.change(raw(`CREATE TABLE submissions (id ${key}, ${columns}, ${stamps})`));
});
afterAll(() => s.close());

let last = 900_000;
/** Somebody with so many arguments of so many bytes, at so few different moments that ids decide, too. */
const writer = async (count: number, length: number, at: number = site): Promise<number> =>
  contribute((await s.person({ at: { [at]: 'member' } })).at[at] ?? 0, count, length, at);
const contribute = async (userId: number, count: number, length: number, at: number): Promise<number> => {
  const ideaId = await s.idea({ siteId: at, userId, createdAt: new Date(start + 3_600_000) });
  for (let from = 0; from < count; from += 100)
    await s.world.container.database.rows.arguments.bulkCreate(
      Array.from({ length: Math.min(100, count - from) }, (_none, index) => {
        const createdAt = new Date(start + (((from + index) * 7) % 10) * 1000);
        const dates = { createdAt, updatedAt: createdAt, deletedAt: null };
        return {
          ...{ id: (last += 1), ideaId, userId, sentiment: 'for', parentId: null },
          ...{ description: `<b>${last}</b> ${'é"'.repeat(length / 3)}`, ...dates },
        };
      }),
    );
  await s.vote({ ideaId, userId, createdAt: new Date(start + 4000) });
  return userId;
};
interface Listed {
  readonly id: number;
  readonly createdAt: string;
}

test.each([
  ['many small texts', 1200, 30],
  ['few large texts', 60, 30_000],
  ['a single long text', 1, 20_000],
])('an activity of %s is whole, and in the order of a small one', async (_what, count, length) => {
  const userId = await writer(count, length);
  const path = `${user(site, userId)}/activity`;
  const { status, body, headers } = await s.get('admin', path);
  expect([status, headers.get('content-type')]).toEqual([200, 'application/json; charset=utf-8']);
  expect(Object.keys(body)).toEqual(['sites', ...kinds, 'activity']);
  expect(kinds.map((kind) => (body[kind] as readonly Listed[]).length)).toEqual([1, 0, count, 1]);
  const newest = (one: Listed, other: Listed): number => Date.parse(other.createdAt) - Date.parse(one.createdAt);
  const of = kinds.flatMap((kind) =>
    (body[kind] as readonly (Listed & { readonly description?: string; readonly opinion?: string })[]).map((one) => ({
      createdAt: one.createdAt,
      text: kind === 'ideas' ? 'Titel' : (one.opinion ?? one.description ?? '').replaceAll(/<\/?b>/g, ' ').trim(),
      id: one.id,
    })),
  );
  const { arguments: listed } = body as { readonly arguments: readonly Listed[] };
  expect(listed).toEqual([...listed].sort((one, other) => newest(one, other) || other.id - one.id));
  const lines = body.activity as readonly { readonly createdAt: string; readonly description: string }[];
  expect(lines.map(({ createdAt }) => createdAt)).toEqual([...of].sort(newest).map(({ createdAt }) => createdAt));
  expect(lines.map(({ description }) => description.split(' ')[0])).toEqual(
    [...of].sort(newest).map(({ text }) => text.split(' ')[0]),
  );
});

test('whoever does not read an activity has no more of it read from the database, and the rest when they do', async () => {
  const userId = await writer(450, 60_000);
  const before = s.world.statements();
  const socket = asking(s.world.url, `${user(site, userId)}/activity`);
  const held = await statementsAtRest(s.world, before);
  let size = 0;
  socket.on('data', (piece: Buffer) => (size += piece.length));
  socket.resume();
  await once(socket, 'close');
  expect(size).toBeGreaterThan(2 * 450 * 60_000);
  // Of over a hundred slices.
  expect(held).toBeLessThan((s.world.statements() - before) / 2);
});

test('whoever hangs up has no more of an activity read', async () => {
  const userId = await writer(450, 60_000);
  const before = s.world.statements();
  const answer = await fetch(`${s.world.url}${user(site, userId)}/activity`);
  await answer.body?.cancel();
  let [read, quiet] = [0, 0];
  while (quiet < 10) {
    await pause(50);
    const now = s.world.statements() - before;
    quiet = now === read ? quiet + 1 : 0;
    read = now;
  }
  expect(read).toBeLessThan(100);
});

test.each(['will-anonymize', 'do-anonymize'])(
  '%s that would list too many, or too large ones, is refused and does nothing; the summary is given',
  async (verb) => {
    for (const [at, userId] of [
      [few, await writer(25, 30, few)],
      [site, await writer(150, 60_000)],
    ] as const) {
      const path = `${user(at, userId)}/${verb}`;
      const { status, body } = await s.put('admin', path);
      expect([status, body.use]).toEqual([413, '?view=summary']);
      expect(body.found).toBeGreaterThan(body.limit);
      expect((await s.row(userId))?.anonymizedAt).toBeNull();
      expect((await s.put('admin', `${path}?view=summary`)).body.users).toBe(1);
    }
  },
);

/** 512 kB of one kind's texts, and what else is read of them. */
const aLittle = 600_000;

test('an activity of much has no more than a little read before it is its turn, however many middling texts it has', async () => {
  const { listActivity, activityOf, read } = await counting(site);
  const turns: number[] = [];
  const { isMuch, inOrder } = await listActivity({
    ...activityOf(await writer(250, 15_000)),
    inTurn: (work, { isCheap = false } = {}) => (turns.push(isCheap ? 0 : read()), work()),
  });
  // Nor its order, before the answer may begin: whoever has too many under way is refused for little.
  expect([isMuch, turns]).toEqual([true, [0]]);
  await inOrder();
  expect(turns).toHaveLength(2);
  expect(turns[1]).toBeLessThan(aLittle);
});

/** The use cases, and how much of what somebody contributed came to them so far. */
const counting = async (siteId: number, moderator?: number) => {
  const { useCases, ports } = s.world.container;
  const actor = await useCases.actorOf(
    moderator === undefined
      ? { userId: fixedTokens.admin, provider: 'default', reach: 'everywhere' }
      : { userId: moderator, provider: 'default', reach: 'one-site' },
  );
  const [one] = await ports.sites.readNow([siteId]);
  if (one === undefined || actor === null) throw new Error('site and actor are there');
  let read = 0;
  const counted = <T>(found: T): T => {
    read += JSON.stringify(found).length;
    return found;
  };
  const activities: ActivityStore = {
    ...ports.activities,
    contributions: async (...asked) => counted(await ports.activities.contributions(...asked)),
    rows: async (...asked) => counted(await ports.activities.rows(...asked)),
  };
  const commandOf = (userId: number): AnonymizeCommand => ({
    ...{ actor, site: one, userId, extent: 'this-site', view: 'lists' },
  });
  const preview = previewAnonymization({ ...ports, activities });
  const listActivity = listActivityOf({ ...ports, activities });
  const activityOf = (userId: number): ListActivityCommand => ({
    ...{ actor, site: one, userId, includeOtherSites: true, kinds: new Set(kinds) },
  });
  return { preview, anonymize: useCases.anonymizeUser, commandOf, listActivity, activityOf, read: () => read };
};

test.each([
  ['many', few, 25, 30_000],
  ['large', site, 150, 60_000],
])('of %s that are not listed no more than a little is read', async (_what, at, count, length) => {
  const { preview, commandOf, read } = await counting(at);
  const command = commandOf(await writer(count, length, at));
  await expect(preview(command)).rejects.toMatchObject({ code: 'result-too-large' });
  expect(read()).toBeLessThan(aLittle);
});

test('an anonymization that lists much is done in turn, and no more than a little is read before', async () => {
  const { preview, anonymize, commandOf, read } = await counting(site);
  const [little, much] = [commandOf(await writer(100, 300)), commandOf(await writer(100, 15_000))];
  const turns: number[] = [];
  const whenMuch: AnonymizeCommand['whenMuch'] = (work) => {
    turns.push(read());
    return work();
  };
  const atOnce = await preview({ ...little, whenMuch });
  expect([turns, atOnce.lists?.arguments.length]).toEqual([[], 100]);
  const before = read();
  const seen = await preview({ ...much, whenMuch });
  expect(turns).toHaveLength(1);
  expect((turns[0] ?? 0) - before).toBeLessThan(aLittle);
  expect(seen).toEqual(await preview(much));

  const done = await anonymize({ ...much, whenMuch });
  expect([turns.length, done.kind === 'done' && done.view.summary.digest]).toEqual([2, seen.summary.digest]);
  expect(done.kind === 'done' && done.view.lists?.arguments).toEqual(seen.lists?.arguments);
});

test('the OAuth server is awaited when the turn of much is over, as others wait for theirs', async () => {
  const { anonymize, commandOf } = await counting(site);
  const command = commandOf(await writer(100, 15_000));
  const writesInTurn: number[] = [];
  const { result, writes } = await s.writesDuring(() =>
    anonymize({
      ...command,
      whenMuch: async (work) => {
        const during = await s.writesDuring(work);
        writesInTurn.push(during.writes);
        return during.result;
      },
    }),
  );
  expect(result).toMatchObject({ kind: 'done', oauth: { removal: 'done' } });
  expect([writesInTurn, writes > 0]).toEqual([[0], true]);
});

test('texts that grow between being measured and being read, as long as one waits for locks, are refused as any', async () => {
  const { ports } = s.world.container;
  const { commandOf } = await counting(site);
  const userId = await writer(150, 50_000);
  const grown = 'x'.repeat(60_000);
  const activities: ActivityStore = {
    ...ports.activities,
    size: async (...asked) => {
      const found = await ports.activities.size(...asked);
      await s.world.container.database.rows.arguments.update({ description: grown }, { where: { userId } });
      return found;
    },
  };
  // Outside of a snapshot, each statement sees what is there by then, as behind locks.
  const preview = previewAnonymization({ ...ports, activities, inOneSnapshot: (work) => work() });
  await expect(preview(commandOf(userId))).rejects.toMatchObject({
    code: 'result-too-large',
    facts: { limit: 8_000_000 },
  });
});

test.each([
  ['many', few, site, 25, 30],
  ['large', site, few, 150, 60_000],
  ['for a turn', site, few, 20, 60_000],
])(
  'a row that goes along and is not shown, with contributions that are %s, is told by no bound',
  async (_what, at, other, count, length) => {
    const moderator = (await s.person({ at: { [at]: 'moderator' } })).at[at] ?? 0;
    const somebody = await s.person({ at: { [at]: 'member', [other]: 'member' } });
    const [here, elsewhere] = [somebody.at[at] ?? 0, somebody.at[other] ?? 0];
    // Between one another, by id.
    await contribute(here, 2, 30, at);
    await contribute(elsewhere, count, length, other);
    await contribute(here, 2, 30, at);
    await s.touch('users', elsewhere, { deletedAt: new Date(start) });
    const path = `${user(at, here)}/will-anonymize`;
    const seen = await s.put(moderator, path);
    expect([seen.status, idsIn(seen.body.users ?? []), seen.body.arguments?.length]).toEqual([200, [here], 4]);

    const { preview, commandOf, read } = await counting(at, moderator);
    const turns: number[] = [];
    const whole = await preview({ ...commandOf(here), whenMuch: (work) => (turns.push(1), work()) });
    expect([turns, whole.summary.users, read() < 10_000]).toEqual([[], 1, true]);
    // The digest binds all of it, whoever asks and however.
    const { body } = await s.put('admin', `${path}?view=summary`);
    expect([body.users, body.digest]).toEqual([2, whole.summary.digest]);

    const done = await s.put(moderator, `${user(at, here)}/do-anonymize`);
    expect([done.status, done.body.arguments.length]).toEqual([200, 4]);
    expect((await s.row(elsewhere))?.anonymizedAt).not.toBeNull();
  },
);

test('an export holds no more than a slice of what somebody contributed, or another table has of them, and has all of it', async () => {
  const { database, management } = s.world.container;
  const somebody = await s.person({ at: { [site]: 'member' } });
  const userId = await contribute(somebody.at[site] ?? 0, 100, 30_000, site);
  for (let at = 0; at < 60; at += 1)
    await put(database, 'submissions', { siteId: site, userId, submittedData: 'x'.repeat(30_000) });
  const office = await backOfficeOf(s, [site]);
  const actor = await management.clientByToken(await office.token('admin'));
  if (actor === null) throw new Error('the client is there');
  const found = { arguments: 0, submissions: 0 };
  let largest = 0;
  for await (const { of, rows } of management.exportPerson({ actor, uid: String(somebody.externalId) })) {
    largest = Math.max(largest, JSON.stringify(rows).length);
    if (of === 'arguments' || of === 'submissions') found[of] += rows.length;
  }
  expect(found).toEqual({ arguments: 100, submissions: 60 });
  expect(largest).toBeLessThan(aLittle);
});

test('an export is read part by part when it is the turn of who asks, and all but its beginning however long that takes', async () => {
  const { management, useCases, ports } = s.world.container;
  const somebody = await s.person({ at: { [site]: 'member' } });
  const userId = await contribute(somebody.at[site] ?? 0, 100, 30_000, site);
  const office = await backOfficeOf(s, [site]);
  const client = await management.clientByToken(await office.token('admin'));
  const at = await ports.sites.byId(site);
  const actor = await actorNow(ports, anActor({ userId, reach: { kind: 'one-site', siteId: site } }));
  if (client === null || at === null) throw new Error('they are there');
  let inTurns = 0;
  const patience: boolean[] = [];
  const inTurn: InTurn = async (work, { patient = false } = {}) => {
    patience.push(patient);
    const before = s.world.statements();
    const read = await work();
    inTurns += s.world.statements() - before;
    return read;
  };
  const uid = String(somebody.externalId);
  for (const parts of [
    useCases.exportUser({ actor, site: at, userId, inTurn }),
    management.exportPerson({ actor: client, uid, inTurn }),
  ]) {
    [inTurns, patience.length] = [0, 0];
    const before = s.world.statements();
    let slices = 0;
    for await (const { of, rows } of parts) if (of === 'arguments' && rows.length > 0) slices += 1;
    expect(slices).toBeGreaterThan(5);
    expect(inTurns).toBe(s.world.statements() - before);
    const [first, ...rest] = patience;
    expect([first, new Set(rest)]).toEqual([false, new Set([true])]);
  }
});

test('an export tells of logins a part at a time, however often somebody has logged in', async () => {
  const { useCases, ports } = s.world.container;
  const userId = (await s.person({ at: { [site]: 'member' } })).at[site] ?? 0;
  const at = await ports.sites.byId(site);
  if (at === null) throw new Error('the site is there');
  const now = new Date();
  const dates = { checkedAt: now, createdAt: now, expiresAt: new Date(now.getTime() + 600_000) };
  const opened = {
    userId,
    provider: 'default',
    accessToken: 'secret',
    accessTokenExpiresAt: null,
    sid: null,
    ...dates,
  };
  await ports.inOneTransaction(async () => {
    for (let count = 0; count < 700; count += 1) await ports.sessions.open({ ...opened, jti: `often-${count}` });
  });
  const actor = await actorNow(ports, anActor({ userId, reach: { kind: 'one-site', siteId: site } }));
  const told: number[] = [];
  for await (const { of, rows } of useCases.exportUser({ actor, site: at, userId })) {
    if (of === 'sessions') told.push(rows.length);
    expect(JSON.stringify(rows)).not.toMatch(/secret|often/);
  }
  expect(told).toEqual([500, 200]);
});

test('an export that nobody reads on holds no row of the person, at whatever site it is', async () => {
  const { ports } = s.world.container;
  const { at } = await s.person({ at: { [site]: 'member', [few]: 'member' } });
  const here = await ports.sites.byId(site);
  if (here === null) throw new Error('the site is there');
  const read: WeakRef<object>[] = [];
  const users: typeof ports.users = {
    ...ports.users,
    personOf: async (...asked) => {
      const held = await ports.users.personOf(...asked);
      read.push(...(held?.rows ?? []).map((row) => new WeakRef<object>(row)));
      return held;
    },
  };
  const actor = await actorNow(ports, anActor({ userId: at[site] ?? 0, reach: { kind: 'one-site', siteId: site } }));
  const parts = exportUserOf({ ...ports, users })({ actor, site: here, userId: at[site] ?? 0 });
  const next = async () => {
    const { value } = (await parts.next()) as IteratorResult<ExportPart, undefined>;
    return value?.of;
  };
  expect(await next()).toBe('users');
  expect(read).toHaveLength(2);
  expect(await next()).toBe('facts');
  setFlagsFromString('--expose_gc');
  const collect = runInNewContext('gc') as () => void;
  // What was read is held until the turn of the event loop has ended.
  await pause(20);
  collect();
  expect(read.map((row) => row.deref())).toEqual([undefined, undefined]);
  await parts.return(undefined);
});
