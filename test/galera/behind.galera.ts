import { setTimeout as pause } from 'node:timers/promises';
import { createConnection, type Connection } from 'mysql2/promise';
import { openDatabase, type Reading } from '../../src/db/database.ts';
import { sql } from '../../src/db/sql.ts';
import { unitOfWork } from '../../src/db/unit-of-work.ts';
import { user } from '../journeys/sentences/support/world.ts';
import type { Somebody } from '../journeys/sentences/support/people.ts';
import { until } from '../support/until.ts';
import { startInstances, type Instances } from './support/instances.ts';
import type { Node } from './support/nodes.ts';

/** A node that has not applied yet what others committed, and what other programs commit at other nodes meanwhile. Source: docs/adr/0030. */
let all: Instances;
const [voting, closed] = [11, 12] as const;
beforeAll(async () => {
  all = await startInstances('several', {
    [voting]: { config: { votes: { isActive: true } } },
    [closed]: { config: { votes: { isActive: false } } },
  });
});
afterAll(() => all.close());

const somebody = async (): Promise<Somebody> => {
  const one = await all.s.person({ at: { [voting]: 'member', [closed]: 'member' } });
  await all.cluster.inSync();
  return one;
};
const at = (one: Somebody, site: number): number => one.at[site]!;
/** While it holds, the node applies nothing that others commit, as in a backup. */
const heldBack = async (node: Node, work: () => Promise<void>): Promise<void> => {
  const connection = await createConnection(node.url(''));
  try {
    await connection.query('FLUSH TABLES WITH READ LOCK');
    await work();
  } finally {
    await connection.end();
  }
};
const anonymizeAtFirst = (one: Somebody) =>
  all.calls[0]!('admin', 'PUT', `${user(voting, at(one, voting))}/do-anonymizeall?view=summary`);
const viewAtSecond = (one: Somebody) => all.calls[1]!(at(one, voting), 'GET', user(voting, at(one, voting)));

const mustBeConflict = (error: unknown): void => {
  if ((error as { readonly errno?: number }).errno !== 1213) throw error;
};

test('a node that is behind lets nobody in who is anonymized', async () => {
  const one = await somebody();
  expect((await viewAtSecond(one)).status).toBe(200);
  await heldBack(all.cluster.nodes[1], async () => {
    expect((await anonymizeAtFirst(one)).status).toBe(200);
    // The proxy may have led it to another node, which knows; else it cannot say.
    const behind = await viewAtSecond(one);
    expect([401, 503]).toContain(behind.status);
    expect(behind.headers.get('retry-after')).toBe(behind.status === 503 ? '5' : null);
  });
  await until('it has caught up', async () => (await viewAtSecond(one)).status === 401);
});

test('what must be current waits for the node, for three seconds; everything else is read as it is there', async () => {
  const one = await somebody();
  const beside = openDatabase({ url: all.cluster.nodes[1].url(all.database) });
  try {
    const ask = (reading: Reading) =>
      beside.select(sql`SELECT anonymizedAt FROM users WHERE id = ${at(one, voting)}`, reading);
    await heldBack(all.cluster.nodes[1], async () => {
      await anonymizeAtFirst(one);
      expect(await ask({})).toEqual([{ anonymizedAt: null }]);
      const begun = performance.now();
      await expect(ask({ current: true })).rejects.toMatchObject({ code: 'not-ready' });
      await expect(
        unitOfWork(beside, { info: () => undefined, warn: () => undefined }).inOneTransaction(() => ask({})),
      ).rejects.toMatchObject({ code: 'not-ready' });
      expect(performance.now() - begun).toBeGreaterThan(5000);
    });
    expect(await ask({ current: true })).toEqual([{ anonymizedAt: expect.any(String) }]);
  } finally {
    await beside.close();
  }
});

test('what is committed at other nodes while somebody is anonymized goes as well, and is told', async () => {
  const { database } = all;
  const others = await Promise.all(all.cluster.nodes.slice(1).map((node) => createConnection(node.url(database))));
  let [late, aWhileMs] = [0, 50];
  for (let round = 0; round < 20; round += 1) {
    const [one, other] = [await somebody(), await somebody()];
    const ideas = await Promise.all(
      Array.from({ length: 6 }, (_none, index) => {
        const siteId = index % 2 === 0 ? voting : closed;
        return all.s.idea({ siteId, userId: at(other, siteId) });
      }),
    );
    await all.cluster.inSync();
    let isOver = false;
    const vote = async (connection: Connection): Promise<void> => {
      // A few: whoever votes all the time at one node keeps an anonymization at another from its end for as long.
      for (let index = 0; index < 4 && !isOver; index += 1) {
        await pause(Math.random() * aWhileMs);
        const now = all.s.world.clock.now().toISOString().slice(0, 19).replace('T', ' ');
        await connection
          .query(
            `INSERT INTO votes (ideaId, userId, opinion, ip, createdAt, updatedAt) VALUES (?, ?, 'yes', '192.0.2.9', ?, ?)`,
            [ideas[index % ideas.length], at(one, index % 2 === 0 ? voting : closed), now, now],
          )
          // Another node was quicker: the other program would say so to whoever votes.
          .catch(mustBeConflict);
      }
    };
    const voters = Promise.all(others.map(vote));
    const begun = performance.now();
    const done = await anonymizeAtFirst(one);
    // So that they come while the next is under way, however busy the machine is.
    aWhileMs = (performance.now() - begun) / 4;
    isOver = true;
    await voters;
    expect(done.status).toBe(200);
    late += (done.body as { readonly late?: number }).late ?? 0;
    await all.cluster.inSync();
    // Whoever wrote when the second look was over wrote in the name of somebody who was anonymized before: that is the job's.
    all.s.world.later(61);
    await all.s.world.container.jobs.find(({ name }) => name === 'late-contributions')!.run(() => false);
    const left = await all.cluster.nodes[0].ask(
      `SELECT userId, ip FROM \`${database}\`.votes WHERE userId IN (${at(one, voting)}, ${at(one, closed)}) AND (ip IS NOT NULL OR userId = ${at(one, voting)})`,
    );
    expect(left).toEqual([]);
  }
  await Promise.all(others.map((connection) => connection.end()));
  expect(late).toBeGreaterThan(0);
}, 300_000);
