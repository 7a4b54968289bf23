import { onBehalfOf } from '../../src/platform/turns.ts';
import { startSentences, user, type SentenceWorld } from '../journeys/sentences/support/world.ts';
import { until } from '../support/until.ts';

/**
 * A preview is read in a snapshot, which has a connection from its beginning to its end, and takes half a second of somebody who contributed
 * a hundred thousand votes. Two hundred of a member by themself held all ten, and visitors of another site were told that it is busy; sixty
 * kept them waiting for five seconds. Source: docs/reference/neighbours.md "Cost".
 */
const [ours, theirs] = [11, 12] as const;
const many = 40;
let s: SentenceWorld;
beforeAll(async () => {
  s = await startSentences({ [ours]: {}, [theirs]: {} });
});
afterAll(() => s.close());

const previewOf = (site: number, id: number) => s.get(id, `${user(site, id)}/will-anonymize?view=summary`);

/** While many previews of somebody are under way, none of which ends before `work` does; answers how many have begun by then, and their statuses. */
const whilePreviewed = async (id: number, work: () => Promise<void>) => {
  const { ports } = s.world.container;
  let [begun, isOver] = [0, false];
  const references = ports.sideTables.references.bind(ports.sideTables);
  const slowly = jest.spyOn(ports.sideTables, 'references').mockImplementation(async (subjects, ...asked) => {
    if (subjects.users.some(({ userId }) => userId === id)) {
      begun += 1;
      await until('others were answered', () => isOver);
    }
    return references(subjects, ...asked);
  });
  const snapshots = jest.spyOn(ports, 'inOneSnapshot');
  const previews = Array.from({ length: many }, () => previewOf(ours, id));
  try {
    await until(
      'each of them is about to be read, and some are',
      () => snapshots.mock.calls.length === many && begun > 0,
    );
    await work();
    isOver = true;
    return { begun, statuses: new Set((await Promise.all(previews)).map(({ status }) => status)) };
  } finally {
    isOver = true;
    await Promise.allSettled(previews);
    slowly.mockRestore();
    snapshots.mockRestore();
  }
};

test('many previews of a member by themself are in nobody’s way who looks, previews or changes at another site', async () => {
  const busy = (await s.person({ at: { [ours]: 'member' } })).at[ours]!;
  const other = (await s.person({ at: { [theirs]: 'member' } })).at[theirs]!;
  // They are known, so that nothing is asked about them any more.
  expect((await previewOf(ours, busy)).status).toBe(200);
  expect((await previewOf(theirs, other)).status).toBe(200);
  const seen: number[] = [];

  const { begun, statuses } = await whilePreviewed(busy, async () => {
    seen.push((await s.get(null, user(theirs, other))).status);
    seen.push((await previewOf(theirs, other)).status);
    seen.push((await s.put(other, user(theirs, other), { firstName: 'Noor' })).status);
  });

  expect(seen).toEqual([200, 200, 200]);
  expect(begun).toBeLessThanOrEqual(2);
  expect(statuses).toEqual(new Set([200]));
});

test('nor do jobs wait for them, nor plans that had a turn of their own', async () => {
  const { ports } = s.world.container;
  const busy = (await s.person({ at: { [ours]: 'member' } })).at[ours]!;
  const colleague = { site: String(ours), caller: 'colleague', isVerified: true };
  const seen: string[] = [];
  await whilePreviewed(busy, async () => {
    let isOver = false;
    const theirsToo = onBehalfOf(colleague, () =>
      ports.inOneSnapshot(async () => {
        seen.push('the last place');
        await until('others were answered', () => isOver);
      }),
    );
    await until('all places are taken', () => seen.length === 1);
    await ports.inOneSnapshot(() => Promise.resolve(seen.push('job')));
    await onBehalfOf(colleague, () => ports.inOneSnapshot(() => Promise.resolve(seen.push('plan')), { hadTurn: true }));
    isOver = true;
    await theirsToo;
  });
  expect(seen).toEqual(['the last place', 'job', 'plan']);
});

test('whoever waited for their turn, and is logged out meanwhile, is shown nothing', async () => {
  const { ports } = s.world.container;
  const busy = (await s.person({ at: { [ours]: 'member' } })).at[ours]!;
  expect((await previewOf(ours, busy)).status).toBe(200);
  const { statuses } = await whilePreviewed(busy, () => ports.sessions.endOfUsers([busy]));
  // Those that had begun, and those that waited.
  expect(statuses).toEqual(new Set([200, 401]));
});
