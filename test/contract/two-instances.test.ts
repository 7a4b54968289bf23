import { AsyncResource } from 'node:async_hooks';
import { activityTypes } from '../../src/activity-types/index.ts';
import { createStores, openDatabase, type Database } from '../../src/db/index.ts';
import { sql } from '../../src/db/sql.ts';
import type { UserRow } from '../../src/domain/users/user.ts';
import { anArgument, anId, anIdea, aNewRow, aVote } from '../support/builders.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { fakeClock } from '../support/fakes/clock.ts';
import { fakeLog } from '../support/fakes/log.ts';
import { fakeSecrets } from '../support/fakes/secrets.ts';
import { siteRow, type Stores } from './subject.ts';

/** Two instances of the API on one database: what one does, the other neither loses nor does again. */
describe('two instances', () => {
  let scratch: TestDatabase;
  let second: Database;
  let instances: readonly [Stores, Stores];
  const clock = fakeClock();

  beforeAll(async () => {
    scratch = await openTestDatabase();
    second = openDatabase({ url: scratch.url });
    const storesOf = (database: Database): Stores =>
      createStores(database, {
        clock,
        secrets: fakeSecrets(),
        log: fakeLog(),
        oauthTimeLimitMs: 3000,
        siteCacheSeconds: 60,
      });
    instances = [storesOf(scratch.database), storesOf(second)];
  });
  afterAll(async () => {
    await second.close();
    await scratch.close();
  });

  /** The instances take turns. */
  const turn = (number: number): Stores => instances[number % 2 === 0 ? 0 : 1];
  const together = <T>(count: number, work: (stores: Stores, number: number) => Promise<T>): Promise<readonly T[]> =>
    Promise.all(Array.from({ length: count }, (_, number) => work(turn(number), number)));
  const put = async (
    table: 'sites' | 'ideas' | 'votes' | 'arguments',
    row: Readonly<Record<string, unknown>>,
    database = scratch.database,
  ) => {
    await database.rows[table].create(row);
  };
  const newSite = async (): Promise<number> => {
    const row = siteRow();
    await put('sites', row);
    return row.id;
  };
  const enrol = (row: Partial<Omit<UserRow, 'id'>>): Promise<number> =>
    instances[0].inOneTransaction(() => instances[0].users.insert(aNewRow(row)));
  const newPersonId = async (): Promise<number> => {
    const person = await instances[0].inOneTransaction(() =>
      instances[0].persons.ensure('https://oauth.example', `both-${anId()}`, true),
    );
    return person.id;
  };
  const vote = activityTypes.find((type) => type.name === 'vote');
  const walked = async <T>(batches: AsyncIterable<readonly T[]>): Promise<readonly T[]> => {
    const all: T[] = [];
    for await (const batch of batches) all.push(...batch);
    return all;
  };

  it('make one person and one row of somebody who comes to both at once', async () => {
    const siteId = await newSite();
    const externalId = `both-${anId()}`;
    const comings = await Promise.allSettled(
      Array.from({ length: 10 }, async (_, number) => {
        const { persons, users, inOneTransaction } = turn(number);
        return inOneTransaction(async () => {
          const { id: personId } = await persons.ensure('https://oauth.example', externalId, true);
          await users.insert(aNewRow({ siteId, personId }));
          return personId;
        });
      }),
    );
    const refused = comings.flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : []));
    expect(refused).toHaveLength(9);
    for (const reason of refused) expect(reason).toMatchObject({ code: 'conflict' });
  });

  it('lose no write to one row', async () => {
    const [siteId, personId] = [await newSite(), await newPersonId()];
    const id = await enrol({ siteId, personId, extraData: {} });
    await together(20, ({ users, inOneTransaction }, number) =>
      inOneTransaction(async () => {
        const before = (await users.personOf(siteId, id, 'locked'))?.rows[0];
        if (before === undefined) throw new Error('the row is gone');
        await users.save([
          { before, after: { ...before, extraData: { ...before.extraData, [`key${number}`]: true } } },
        ]);
      }),
    );
    expect(Object.keys((await instances[1].users.find(siteId, id))?.extraData ?? {})).toHaveLength(20);
  });

  it('that take the last two rows of a person: one of them sees that it was the last', async () => {
    for (let round = 0; round < 5; round += 1) {
      const personId = await newPersonId();
      const siteIds = [await newSite(), await newSite()] as const;
      const ids = [
        await enrol({ siteId: siteIds[0], personId }),
        await enrol({ siteId: siteIds[1], personId }),
      ] as const;
      const left = await together(2, ({ users, inOneTransaction }, number) =>
        inOneTransaction(async () => {
          const index = number === 0 ? 0 : 1;
          const rows = (await users.personOf(siteIds[index], ids[index], 'locked'))?.rows ?? [];
          const own = rows.filter((row) => row.id === ids[index]);
          await users.save(own.map((before) => ({ before, after: { ...before, personId: null } })));
          return rows.length - own.length;
        }),
      );
      expect([...left].sort()).toEqual([0, 1]);
    }
  });

  it('hold one lease at a time between them', async () => {
    const name = `lease-${anId()}`;
    let [inside, most] = [0, 0];
    await together(6, ({ withLease }) =>
      withLease(name, async () => {
        inside += 1;
        most = Math.max(most, inside);
        await new Promise((resolve) => setTimeout(resolve, 5));
        inside -= 1;
      }),
    );
    expect(most).toBe(1);
  });

  it('share out the outbox, each message once', async () => {
    for (let number = 0; number < 12; number += 1)
      await instances[0].outbox.add({
        topic: 'person.refresh',
        key: `shared-${number}`,
        payload: { personId: number },
      });
    const taken = await together(6, async ({ outbox }) => {
      const keys: string[] = [];
      for (let message = await outbox.claim(); message !== null; message = await outbox.claim()) keys.push(message.key);
      return keys;
    });
    const keys = taken.flat();
    expect(keys).toHaveLength(12);
    expect(new Set(keys).size).toBe(12);
  });

  it('keep a vote waiting while its author is being settled: none slips in between count and operation', async () => {
    if (vote === undefined) throw new Error('there are no votes');
    const siteId = await newSite();
    const userId = await enrol({ siteId });
    const author = await enrol({ siteId });
    const ideas = [anIdea({ userId: author, siteId }), anIdea({ userId: author, siteId })] as const;
    for (const idea of ideas) await put('ideas', idea);
    await put('votes', aVote({ userId, ideaId: ideas[0].id }));
    const events: string[] = [];
    let late: Promise<void> = Promise.resolve();
    const { users, activities, inOneTransaction } = instances[0];
    const counts = await inOneTransaction(async () => {
      await users.personOf(siteId, userId, 'locked');
      const seen = await walked(activities.references(vote, [userId], 'locked'));
      // Outside of this unit, as another instance would; no await: it has to wait for us.
      late = outside(async () => {
        await put('votes', aVote({ userId, ideaId: ideas[1].id }), second);
        events.push('the late vote is in');
      });
      await new Promise((resolve) => setTimeout(resolve, 200));
      const done = await activities.applyChangeSet(vote, {
        removeAllOf: [userId],
        removeHiddenOf: [],
        anonymizeOf: [],
      });
      events.push('settled');
      return [seen.length, done.removed];
    });
    await late;
    expect(counts).toEqual([1, 1]);
    expect(events).toEqual(['settled', 'the late vote is in']);
  });

  it('keep whoever changes a vote waiting that a plan has read', async () => {
    if (vote === undefined) throw new Error('there are no votes');
    const siteId = await newSite();
    const [userId, author] = [await enrol({ siteId }), await enrol({ siteId })];
    const idea = anIdea({ userId: author, siteId });
    await put('ideas', idea);
    const [near, far] = [anId(), 1_000_000_000 + anId()];
    for (const id of [near, far]) await put('votes', aVote({ id, userId, ideaId: idea.id }));
    const events: string[] = [];
    let late: Promise<unknown> = Promise.resolve();
    await instances[0].inOneTransaction(async () => {
      await walked(instances[0].activities.references(vote, [userId], 'locked'));
      late = outside(async () => {
        await second.change(sql`UPDATE votes SET ip = NULL WHERE id = ${far}`);
        events.push('changed');
      });
      await new Promise((resolve) => setTimeout(resolve, 200));
      events.push('planned');
    });
    await late;
    expect(events).toEqual(['planned', 'changed']);
  });

  it('keep an argument waiting while its idea is being removed, and removing does not fail for it', async () => {
    const siteId = await newSite();
    const userId = await enrol({ siteId });
    const other = await enrol({ siteId });
    const idea = anIdea({ userId, siteId });
    await put('ideas', idea);
    let late: Promise<unknown> = Promise.resolve();
    const { users, activities, inOneTransaction } = instances[0];
    await inOneTransaction(async () => {
      const rows = (await users.personOf(siteId, userId, 'locked'))?.rows ?? [];
      await activities.removeAllOf([userId]);
      late = outside(() => put('arguments', anArgument({ userId: other, ideaId: idea.id }), second)).catch(
        (error: unknown) => error,
      );
      await new Promise((resolve) => setTimeout(resolve, 100));
      await users.remove(rows);
    });
    expect(await late).toBeInstanceOf(Error);
    expect(await users.find(siteId, userId)).toBeNull();
  });
});

/** A context in which nothing is ambient: what runs there is no part of the unit of work that started it. */
const elsewhere = new AsyncResource('elsewhere');
const outside = (work: () => Promise<void>): Promise<void> => elsewhere.runInAsyncScope(work);
