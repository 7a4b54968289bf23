import { setTimeout as pause } from 'node:timers/promises';
import { createConnection } from 'mysql2/promise';
import type { Somebody } from '../journeys/sentences/support/people.ts';
import { user } from '../journeys/sentences/support/world.ts';
import { until } from '../support/until.ts';
import { startInstances, type Instances } from './support/instances.ts';
import type { Node } from './support/nodes.ts';
import { mustHold } from './support/promises.ts';
import { writings } from './support/proxies.ts';

/**
 * Another program (an OpenStad API) writes votes at other nodes while somebody is anonymized: what it commits between the plan and the
 * commit, or just after, is seen by neither. Nothing of it may stay.
 */
const [voting, ended] = [11, 12];

describe.each(writings)('writing nodes: %s', (writing) => {
  let all: Instances;
  beforeAll(async () => {
    all = await startInstances(writing, { [voting]: { config: { votes: { isActive: true } } }, [ended]: {} });
  });
  afterAll(() => all.close());

  test('votes of somebody, written at other nodes while they are anonymized, are gone soon, or without their address', async () => {
    const persons: Somebody[] = [];
    for (let index = 0; index < 20; index += 1)
      persons.push(await all.s.person({ at: { [voting]: 'member', [ended]: 'member' } }));
    await all.cluster.inSync();
    let written = 0;
    const gone: Somebody[] = [];
    for (const person of persons) {
      const voters = all.cluster.nodes.slice(1).map((node) => votingAt(node, all.database, Object.values(person.at)));
      await pause(20);
      const { status } = await all.calls[0]!('admin', 'PUT', `${user(voting, person.at[voting]!)}/do-anonymizeall`);
      if (status === 200) gone.push(person);
      await pause(100);
      for (const { stop } of voters) written += await stop();
    }

    expect(gone.length).toBeGreaterThan(persons.length / 4);
    expect(written).toBeGreaterThan(persons.length);
    // What came when nobody looked any more is found by the job, a minute later.
    all.s.world.later(61);
    await all.s.world.container.jobs.find(({ name }) => name === 'late-contributions')!.run(() => false);
    await until('nothing is left of their votes', () => hasNone(all, gone), 20_000).catch(() => undefined);
    await mustHold(all, { scenario: '20 people anonymized while votes of theirs are written', gone });
  });
});

/** A vote of each row now and then, as somebody clicks; answers how many the node took. */
const votingAt = (
  node: Node,
  database: string,
  userIds: readonly number[],
): { readonly stop: () => Promise<number> } => {
  let stopped = false;
  let written = 0;
  const work = async (): Promise<void> => {
    const connection = await createConnection({ uri: node.url(database) });
    while (!stopped) {
      for (const userId of userIds)
        await connection
          .query(
            `INSERT INTO votes (ideaId, userId, opinion, ip, createdAt, updatedAt) VALUES (1, ${userId}, 'yes', '192.0.2.9', NOW(), NOW())`,
          )
          // Another node was quicker: then it is not written.
          .then(
            () => (written += 1),
            () => undefined,
          );
      await pause(150 + Math.random() * 300);
    }
    await connection.end();
  };
  const running = work();
  return {
    stop: async () => {
      stopped = true;
      await running;
      return written;
    },
  };
};

const hasNone = async ({ cluster, database }: Instances, persons: readonly Somebody[]): Promise<boolean> => {
  await cluster.inSync();
  const ids = (site: number): string => persons.map(({ at }) => at[site]).join(', ');
  const left = await cluster.nodes[0].ask(
    `SELECT id FROM ${database}.votes WHERE userId IN (${ids(voting)}) OR (userId IN (${ids(ended)}) AND ip IS NOT NULL)`,
  );
  return left.length === 0;
};
