import { createConnection } from 'mysql2/promise';
import { openDatabase, type Reading } from '../../src/db/database.ts';
import { sql } from '../../src/db/sql.ts';
import { unitOfWork } from '../../src/db/unit-of-work.ts';
import { user } from '../journeys/sentences/support/world.ts';
import type { Somebody } from '../journeys/sentences/support/people.ts';
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
