import { activityTypes } from '../../src/activity-types/index.ts';
import type { ActivityRow, ActivityType } from '../../src/activity-types/definition.ts';
import type { ContributionRef, ChangeSet } from '../../src/ports/activity-store.ts';
import { aDay, anArgument, anId, anArticle, anIdea, aVote } from '../support/builders.ts';
import { enrol, newSite, statementsOf, useSubject, type Start, type Subject, type Table } from './subject.ts';

const typeNamed = (name: string): ActivityType => {
  const type = activityTypes.find((one) => one.name === name);
  if (type === undefined) throw new Error(`there is no activity type ${name}`);
  return type;
};
const [idea, article, argument, vote] = ['idea', 'article', 'argument', 'vote'].map(typeNamed) as [
  ActivityType,
  ActivityType,
  ActivityType,
  ActivityType,
];
const later = (minutes: number): Date => new Date(aDay.getTime() + 60_000 * minutes);
/** More than there is. */
const all = { limit: 1000, bytes: 1_000_000 };
const nothing: ChangeSet = { removeAllOf: [], removeHiddenOf: [], anonymizeOf: [] };

export const describeActivityStore = (name: string, start: Start): void => {
  describe(`contributions, kept by ${name}`, () => {
    const subject = useSubject(start);
    const activities = () => subject().stores.activities;
    const put = async (table: Table, row: ActivityRow): Promise<ActivityRow> => {
      await subject().insert(table, row);
      return row;
    };
    const rowsOf = async (type: ActivityType, ...userIds: number[]): Promise<readonly ActivityRow[]> =>
      (await activities().rows(type, userIds, 'plain', all)).map(({ one }) => one);
    const idsOf = async (type: ActivityType, ...userIds: number[]): Promise<readonly number[]> =>
      (await rowsOf(type, ...userIds)).map((row) => row.id);

    const walkedBy = async (
      userIds: readonly number[],
      reading: 'plain' | 'locked',
    ): Promise<readonly ContributionRef[]> => {
      const walked: ContributionRef[] = [];
      for await (const batch of activities().references(vote, userIds, reading)) walked.push(...batch);
      return walked;
    };

    it.each(activityTypes.map((type) => [type.plural, type] as const))(
      '%s are read as they stand: every column, or what lists go by',
      async (_plural, type) => {
        const { userId, siteId } = await author(subject());
        const on = await put('ideas', anIdea({ userId: (await author(subject())).userId, siteId }));
        const row = await put(type.table as Table, oneOf(type, userId, siteId, on.id));
        const only = (names: readonly string[]) => Object.fromEntries(names.map((name) => [name, row[name] ?? null]));
        expect(await activities().page(type, [userId], 0, all)).toEqual([only(Object.keys(type.columns))]);
        const listed = Object.entries(type.columns).flatMap(([name, { shown, personal }]) =>
          shown || personal || name === 'deletedAt' ? [name] : [],
        );
        expect(await rowsOf(type, userId)).toEqual([only(listed)]);
        expect((await activities().contributions(type, [userId], all)).map(({ one }) => one.row)).toEqual([
          only(listed),
        ]);
      },
    );

    it('come in id order from a place on, soft-deleted ones too', async () => {
      const { userId, siteId } = await author(subject());
      const [first, second, third] = [
        await put('articles', anArticle({ userId, siteId, createdAt: later(3) })),
        await put('articles', anArticle({ userId, siteId, deletedAt: aDay })),
        await put('articles', anArticle({ userId, siteId })),
      ];
      const idsFrom = async (after: number, limit: number) =>
        (await activities().page(article, [userId], after, { ...all, limit })).map((row) => row.id);
      expect(await idsFrom(0, 2)).toEqual([first.id, second.id]);
      expect(await idsFrom(second.id, 2)).toEqual([third.id]);
      expect((await activities().page(article, [userId], 0, { ...all, limit: 1 }))[0]).toEqual(first);
    });

    it('come as the first by id, by their titles and those of their ideas, soft-deleted ones not, in one statement', async () => {
      const { userId, siteId } = await author(subject());
      const { userId: other } = await author(subject());
      const [second, first] = [
        await put('ideas', anIdea({ userId: other, siteId, id: anId() + 1_000_000, title: 'Twee' })),
        await put('ideas', anIdea({ userId, siteId, title: 'Een' })),
      ];
      const hidden = await put('ideas', anIdea({ userId, siteId, deletedAt: aDay }));
      const ids = [userId, other];
      const titled = (row: ActivityRow, title: string) => ({
        ...{ id: row.id, userId: row.userId, title },
        idea: expect.objectContaining({ id: row.id, title }),
      });
      const whole = [titled(first, 'Een'), titled(second, 'Twee')];
      expect(await activities().firstOf(idea, ids, 10)).toEqual(whole);
      expect(await activities().firstOf(idea, ids, 1)).toEqual(whole.slice(0, 1));
      for (const [type, ideaId, under] of [
        [vote, first.id, expect.objectContaining({ id: first.id, title: 'Een' })],
        [argument, hidden.id, null],
      ] as const) {
        const row = await put(type.table as Table, oneOf(type, userId, siteId, ideaId));
        await put(type.table as Table, { ...oneOf(type, userId, siteId, second.id), deletedAt: aDay });
        expect(await activities().firstOf(type, ids, 10)).toEqual([{ id: row.id, userId, title: null, idea: under }]);
      }
      expect((await statementsOf(subject(), () => activities().firstOf(vote, ids, 10))) ?? 1).toBe(1);
    });

    it('are counted per kind and user in one statement: all, or those that everybody sees', async () => {
      const { userId, siteId } = await author(subject());
      const { userId: other } = await author(subject());
      const open = await put('ideas', anIdea({ userId, siteId }));
      const unsaid = await put('ideas', anIdea({ userId, siteId, viewableByRole: null }));
      const closed = await put('ideas', anIdea({ userId, siteId, viewableByRole: 'moderator' }));
      const hidden = await put('ideas', anIdea({ userId, siteId, deletedAt: aDay }));
      await put('articles', anArticle({ userId, siteId }));
      for (const on of [open, unsaid, closed, hidden]) await put('votes', aVote({ userId: other, ideaId: on.id }));
      await put('votes', aVote({ userId: other, ideaId: open.id, deletedAt: aDay }));
      const counted = async (seen: 'all' | 'public') => {
        const asked = [
          { type: idea, userIds: [userId, other] },
          { type: article, userIds: [userId] },
          { type: argument, userIds: [userId] },
          { type: vote, userIds: [other] },
        ];
        const found = await activities().counts(asked, seen);
        return Object.fromEntries(
          found.map((one) => [`${one.table} of ${one.userId === userId ? 'one' : 'other'}`, one.n]),
        );
      };
      expect(await counted('all')).toEqual({ 'ideas of one': 3, 'articles of one': 1, 'votes of other': 4 });
      expect(await counted('public')).toEqual({ 'ideas of one': 2, 'articles of one': 1, 'votes of other': 2 });
      expect(await activities().counts([{ type: vote, userIds: [] }], 'all')).toEqual([]);
      expect((await statementsOf(subject(), () => counted('all'))) ?? 1).toBe(1);
    });

    it('come newest first, soft-deleted ones too, and of more than asked for some', async () => {
      const { userId, siteId } = await author(subject());
      const { userId: other } = await author(subject());
      const old = await put('articles', anArticle({ userId, siteId, createdAt: later(1) }));
      const newest = await put('articles', anArticle({ userId: other, siteId, createdAt: later(3), deletedAt: aDay }));
      const middle = await put('articles', anArticle({ userId, siteId, createdAt: later(2) }));
      expect(await idsOf(article, userId, other)).toEqual([newest.id, middle.id, old.id]);
      expect(await activities().rows(article, [userId, other], 'plain', { ...all, limit: 2 })).toHaveLength(2);
      const locked = await subject().stores.inOneTransaction(() =>
        activities().rows(article, [userId, other], 'locked', all),
      );
      expect(locked.map(({ one }) => one.id)).toEqual([newest.id, middle.id, old.id]);
      expect(await idsOf(article)).toEqual([]);
    });

    it('that everybody sees come with their idea, unless that is soft-deleted', async () => {
      const { userId, siteId } = await author(subject());
      const seen = await put('ideas', anIdea({ userId, siteId, title: 'Bomen', viewableByRole: 'member' }));
      const gone = await put('ideas', anIdea({ userId, siteId, deletedAt: aDay }));
      const first = await put('arguments', anArgument({ userId, ideaId: seen.id, createdAt: later(1) }));
      const second = await put('arguments', anArgument({ userId, ideaId: gone.id, createdAt: later(2) }));
      await put('arguments', anArgument({ userId, ideaId: seen.id, deletedAt: aDay }));
      const found = await activities().contributions(argument, [userId], all);
      expect(found.map(({ one }) => one.row.id)).toEqual([second.id, first.id]);
      expect(found.map(({ one }) => one.idea)).toEqual([
        null,
        { id: seen.id, title: 'Bomen', siteId, status: 'OPEN', viewableByRole: 'member' },
      ]);
      await put('articles', anArticle({ userId, siteId }));
      expect((await activities().contributions(article, [userId], all)).map(({ one }) => one.idea)).toEqual([null]);
      expect(await activities().contributions(vote, [], all)).toEqual([]);
    });

    it('come with as many texts as take so many bytes together, and each with how many its own take', async () => {
      const { userId, siteId } = await author(subject());
      const said = { userId, ideaId: (await put('ideas', anIdea({ userId, siteId }))).id, label: null };
      const [first, second, third] = [2_000_100_000, 2_000_100_001, 2_000_100_002].map((id) => id + 3 * anId());
      await put('arguments', anArgument({ ...said, id: second, description: 'é'.repeat(50), createdAt: later(3) }));
      await put('arguments', anArgument({ ...said, id: third, description: 'é'.repeat(60), createdAt: later(2) }));
      await put('arguments', anArgument({ ...said, id: first, description: 'é'.repeat(50), createdAt: later(1) }));
      const bounds = { limit: 3, bytes: 206 };
      const expected = [
        [second, 'é'.repeat(50), 103],
        [third, null, 123],
        [first, 'é'.repeat(50), 103],
      ];
      const found = await activities().contributions(argument, [userId], bounds);
      expect(found.map(({ one: { row }, bytes }) => [row.id, row['description'], bytes])).toEqual(expected);
      for (const reading of ['plain', 'locked'] as const) {
        const rows = await subject().stores.inOneTransaction(() =>
          activities().rows(argument, [userId], reading, bounds),
        );
        expect(rows.map(({ one, bytes }) => [one.id, one['description'], bytes])).toEqual(expected);
      }
      expect(await activities().contributions(argument, [userId], { limit: 1, bytes: 206 })).toHaveLength(1);
    });

    it('of which many, or large ones, are read are whole, newest first, as far as so many bytes go', async () => {
      const { userId, siteId } = await author(subject());
      const said = { userId, ideaId: (await put('ideas', anIdea({ userId, siteId }))).id, label: null };
      const first = 1_900_000_000 + 100 * anId();
      const ids = Array.from({ length: 12 }, (_none, at) => first + at);
      for (const id of ids)
        await put('arguments', anArgument({ ...said, id, description: 'x'.repeat(50_000), createdAt: later(1) }));
      for (const [limit, bytes, withText] of [
        [1000, 1_000_000, 12],
        [1000, 400_000, 7],
        [1000, 10_000, 0],
      ] as const) {
        const found = await activities().rows(argument, [userId], 'plain', { limit, bytes });
        expect(found.map(({ one }) => one.id)).toEqual([...ids].reverse());
        expect(found.filter(({ one }) => one['description'] !== null)).toHaveLength(withText);
        expect(found.every((one) => one.bytes > 50_000)).toBe(true);
      }
    });

    it('of all kinds have one order, newest first, and a size that is known without reading them', async () => {
      const { userId, siteId } = await author(subject());
      const { userId: other } = await author(subject());
      const plan = await put('ideas', anIdea({ userId, siteId, createdAt: later(2) }));
      const [old, same, newest, hidden] = [
        await put('votes', aVote({ userId: other, ideaId: plan.id, createdAt: later(1) })),
        await put('arguments', anArgument({ userId, ideaId: plan.id, createdAt: later(2) })),
        await put('arguments', anArgument({ userId, ideaId: plan.id, createdAt: later(3) })),
        await put('arguments', anArgument({ userId, ideaId: plan.id, deletedAt: aDay })),
      ];
      const ordered = await activities().inOrder([idea, argument, vote], [userId, other], 5);
      expect(ordered.map(({ type, id }) => [type.name, id])).toEqual([
        ['argument', newest.id],
        ['idea', plan.id],
        ['argument', same.id],
        ['vote', old.id],
      ]);
      const whole = await activities().contributionsOf(argument, [same.id, newest.id, hidden.id]);
      expect(whole.map(({ row }) => row.id).sort((one, two) => one - two)).toEqual([same.id, newest.id]);
      const seen = await activities().contributions(argument, [userId], all);
      expect(ordered.filter(({ type }) => type === argument).map(({ bytes }) => bytes)).toEqual(
        seen.map(({ bytes }) => bytes),
      );
      const size = await activities().size([userId, other], 10);
      expect(size.count).toBe(5);
      expect(size.bytes).toBeGreaterThan(ordered.reduce((sum, { bytes }) => sum + bytes, 0));
      expect((await activities().size([userId, other], 1)).count).toBe(3);
      expect([await activities().size([], 1), await activities().inOrder([], [userId], 5)]).toEqual([
        { count: 0, bytes: 0 },
        [],
      ]);
      expect((await statementsOf(subject(), () => activities().size([userId, other], 10))) ?? 1).toBe(1);
      expect((await statementsOf(subject(), () => activities().inOrder([idea, vote], [userId], 5))) ?? 1).toBe(1);
    });

    it('have in that order the place that they have among their kind', async () => {
      const { userId, siteId } = await author(subject());
      const { id: ideaId } = await put('ideas', anIdea({ userId: (await author(subject())).userId, siteId }));
      const from = 2_000_000_000 + anId();
      for (let at = 0; at < 40; at += 1)
        await put('arguments', anArgument({ id: from + ((at * 7) % 40), userId, ideaId, createdAt: later(at % 3) }));
      const ordered = await activities().inOrder([argument], [userId], 5);
      expect(ordered.map(({ id }) => id)).toEqual(
        (await activities().contributions(argument, [userId], all)).map(({ one }) => one.row.id),
      );
    });

    it('are tallied: seen, hidden, and with something personal among the seen', async () => {
      const { userId, ideas } = await voter(subject(), put, ['192.0.2.1', null, '192.0.2.3'], ['192.0.2.4', null]);
      const { userId: idle } = await author(subject());
      for (const reading of ['plain', 'locked'] as const) {
        const walked = await subject().stores.inOneTransaction(() => walkedBy([userId, idle], reading));
        expect(walked.map(({ id }) => id)).toEqual(walked.map(({ id }) => id).sort((one, other) => one - other));
        expect(walked.map((one) => [one.userId, one.isHidden, one.hasPersonal])).toEqual([
          [userId, false, true],
          [userId, false, false],
          [userId, false, true],
          [userId, true, true],
          [userId, true, false],
        ]);
      }
      expect(ideas).toHaveLength(5);
      expect(await walkedBy([], 'plain')).toEqual([]);
    });

    it('are walked in id order however far apart and whoseever they are, by one statement', async () => {
      const { userId, siteId } = await author(subject());
      const { userId: other } = await author(subject());
      const { id: ideaId } = await put('ideas', anIdea({ userId, siteId }));
      const from = 1_000_000_000 + anId();
      const ids = [0, 1, 4000, 4100, 4101, 9000, 500_000, 500_001].map((distance) => from + distance);
      for (const [index, id] of ids.entries()) {
        const row = { id, ideaId, userId: index % 2 === 0 ? userId : other, deletedAt: index === 3 ? aDay : null };
        await put('votes', aVote(row));
      }
      const sent = await statementsOf(subject(), async () => {
        const walked = await walkedBy([other, userId], 'plain');
        expect(walked.map(({ id }) => id)).toEqual(ids);
        expect(walked.map((one) => one.userId === userId)).toEqual(ids.map((_id, index) => index % 2 === 0));
        expect(walked.map(({ isHidden }) => isHidden)).toEqual(ids.map((_id, index) => index === 3));
      });
      expect(sent ?? 1).toBe(1);
    });

    it('are settled as asked: removed, the hidden removed, anonymized, and nobody else’s touched', async () => {
      const removed = await voter(subject(), put, ['192.0.2.1', null], ['192.0.2.2']);
      const anonymized = await voter(subject(), put, ['192.0.2.3', null], ['192.0.2.4', null]);
      const other = await voter(subject(), put, ['192.0.2.5'], ['192.0.2.6']);
      const before = await rowsOf(vote, other.userId);
      const changeSet = {
        removeAllOf: [removed.userId],
        removeHiddenOf: [anonymized.userId],
        anonymizeOf: [anonymized.userId],
      };
      const done = await subject().stores.inOneTransaction(() => activities().applyChangeSet(vote, changeSet));
      expect(done).toEqual({ removed: 5, anonymized: 1 });
      expect(await idsOf(vote, removed.userId)).toEqual([]);
      const left = await rowsOf(vote, anonymized.userId);
      expect(left.map((row) => [row['ip'], row.deletedAt])).toEqual([
        [null, null],
        [null, null],
      ]);
      expect(await rowsOf(vote, other.userId)).toEqual(before);
    });

    it('are settled by two statements at most, and by none when nothing is asked', async () => {
      const voters = await Promise.all(
        Array.from({ length: 6 }, () => voter(subject(), put, ['192.0.2.1'], ['192.0.2.2'])),
      );
      const ids = voters.map(({ userId }) => userId);
      const changeSet = { removeAllOf: ids.slice(0, 2), removeHiddenOf: ids.slice(2), anonymizeOf: ids.slice(2) };
      const sent = await statementsOf(subject(), () => activities().applyChangeSet(vote, changeSet));
      expect(sent ?? 2).toBeLessThanOrEqual(2);
      expect(await activities().applyChangeSet(vote, nothing)).toEqual({ removed: 0, anonymized: 0 });
    });

    it('that are still to be changed name their authors: by a personal value, or by how young they are', async () => {
      const old = await voter(subject(), put, [null], [], later(0));
      const young = await voter(subject(), put, [null], [], later(10));
      const personal = await voter(subject(), put, ['192.0.2.7'], [], later(0));
      const writer = await author(subject());
      await put('articles', anArticle({ ...writer, createdAt: later(10) }));
      const found = await activities().changeable(
        [old, young, personal, writer].map(({ userId }) => userId),
        later(10),
      );
      expect(new Set(found)).toEqual(new Set([young.userId, personal.userId]));
      expect(await activities().changeable([], later(10))).toEqual([]);
    });

    it('are removed only where they are young enough, where that is asked for', async () => {
      const old = await voter(subject(), put, ['192.0.2.8'], [], later(0));
      const young = await voter(subject(), put, [null], [], later(10));
      const both = [old.userId, young.userId];
      const change = { ...nothing, removeAllOf: both, anonymizeOf: both, since: later(5) };
      expect(await activities().applyChangeSet(vote, change)).toEqual({ removed: 1, anonymized: 1 });
      expect((await rowsOf(vote, ...both)).map(({ userId, ip }) => [userId, ip])).toEqual([[old.userId, null]]);
    });

    it('hold back nothing for a kind without personal columns', async () => {
      const { userId, siteId } = await author(subject());
      const row = await put('articles', anArticle({ userId, siteId }));
      const done = await activities().applyChangeSet(article, { ...nothing, anonymizeOf: [userId] });
      expect(done).toEqual({ removed: 0, anonymized: 0 });
      expect(await idsOf(article, userId)).toEqual([row.id]);
    });

    it('go all together, with what hangs on the ideas; replies by others stay and lose their parent', async () => {
      const { userId, siteId } = await author(subject());
      const { userId: other } = await author(subject());
      const own = await put('ideas', anIdea({ userId, siteId }));
      const hidden = await put('ideas', anIdea({ userId, siteId, deletedAt: aDay }));
      const theirs = await put('ideas', anIdea({ userId: other, siteId }));
      await put('articles', anArticle({ userId, siteId }));
      const parent = await put('arguments', anArgument({ userId, ideaId: theirs.id }));
      const reply = await put('arguments', anArgument({ userId: other, ideaId: theirs.id, parentId: parent.id }));
      const onOwn = await put('arguments', anArgument({ userId: other, ideaId: own.id }));
      await put('arguments', anArgument({ userId, ideaId: own.id, parentId: onOwn.id }));
      await put('arguments', anArgument({ userId: other, ideaId: hidden.id }));
      await put('votes', aVote({ userId, ideaId: theirs.id }));
      await put('votes', aVote({ userId, ideaId: own.id, deletedAt: aDay }));
      await put('votes', aVote({ userId: other, ideaId: own.id }));
      const kept = await put('votes', aVote({ userId: other, ideaId: theirs.id }));

      await subject().stores.inOneTransaction(() => activities().removeAllOf([userId]));

      for (const type of activityTypes) expect([type.name, await idsOf(type, userId)]).toEqual([type.name, []]);
      expect(await idsOf(idea, other)).toEqual([theirs.id]);
      expect(await idsOf(vote, other)).toEqual([kept.id]);
      const replies = await rowsOf(argument, other);
      expect(replies.map((row) => [row.id, row['parentId']])).toEqual([[reply.id, null]]);
      await subject().stores.inOneTransaction(() => activities().removeAllOf([]));
      expect(await idsOf(idea, other)).toEqual([theirs.id]);
    });

    it('are no reason against removing a row whose contributions went first', async () => {
      const { userId, siteId } = await author(subject());
      const own = await put('ideas', anIdea({ userId, siteId }));
      await put('votes', aVote({ userId, ideaId: own.id }));
      const { users, inOneTransaction } = subject().stores;
      await inOneTransaction(async () => {
        const rows = (await users.personOf(siteId, userId, 'locked'))?.rows ?? [];
        await activities().removeAllOf([userId]);
        await users.remove(rows);
      });
      expect(await users.find(siteId, userId)).toBeNull();
    });
  });
};

const author = async (subject: Subject): Promise<{ readonly userId: number; readonly siteId: number }> => {
  const siteId = await newSite(subject);
  return { siteId, userId: await enrol(subject, { siteId }) };
};

/** Somebody who voted on as many ideas as there are addresses: seen votes, then soft-deleted ones. */
const voter = async (
  subject: Subject,
  put: (table: Table, row: ActivityRow) => Promise<ActivityRow>,
  seen: readonly (string | null)[],
  hidden: readonly (string | null)[],
  createdAt = aDay,
): Promise<{ readonly userId: number; readonly ideas: readonly number[] }> => {
  const { userId: other, siteId } = await author(subject);
  const userId = await enrol(subject, { siteId });
  const ideas: number[] = [];
  for (const [number, ip] of [...seen, ...hidden].entries()) {
    const { id: ideaId } = await put('ideas', anIdea({ userId: other, siteId }));
    await put('votes', aVote({ userId, ideaId, ip, createdAt, deletedAt: number < seen.length ? null : aDay }));
    ideas.push(ideaId);
  }
  return { userId, ideas };
};

/** One of the kind, with something in every column that takes it. */
const oneOf = (type: ActivityType, userId: number, siteId: number, ideaId: number): ActivityRow => {
  const text = {
    title: 'Één <b>titel</b> & meer 😀',
    extraData: { theme: 'groen', list: [1, null] },
    sort: 7,
    status: 'DENIED',
  };
  switch (type.name) {
    case 'idea':
      return anIdea({
        userId,
        siteId,
        ...text,
        typeId: 'plan',
        budget: 1200,
        viewableByRole: 'moderator',
        publishDate: later(9),
      });
    case 'article':
      return anArticle({ userId, siteId, ...text, modBreak: 'Let op', modBreakUserId: userId, modBreakDate: later(8) });
    case 'argument':
      return anArgument({ userId, ideaId, sentiment: 'against', description: 'Want’ 😀', label: 'x' });
    default:
      return aVote({ userId, ideaId, confirmed: true, confirmReplacesVoteId: 3, checked: false, opinion: 'no' });
  }
};
