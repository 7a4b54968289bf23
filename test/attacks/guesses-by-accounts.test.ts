import { setTimeout as pause } from 'node:timers/promises';
import { personLeaseName } from '../../src/use-cases/person-keys.ts';
import { until } from '../support/until.ts';
import type { Somebody } from '../journeys/sentences/support/people.ts';
import { startSentences, user, users, type SentenceWorld } from '../journeys/sentences/support/world.ts';

/** Addresses that several accounts of one site have looked up. Source: docs/reference/neighbours.md "A taken address". */
const [ours, theirs, others] = [11, 12, 13] as const;
/** Of one caller, and of all staff of a site. */
const [most, mostOfSite] = [3, 9] as const;
let s: SentenceWorld;
beforeAll(async () => {
  s = await startSentences({ [ours]: {}, [theirs]: {}, [others]: {} });
});
afterAll(() => s.close());

let last = 0;
const anAddress = () => `iemand${(last += 1)}@elders.example`;
const editorsAt = (siteId: number, count: number): Promise<readonly Somebody[]> =>
  Promise.all(Array.from({ length: count }, () => s.person({ at: { [siteId]: 'editor' } })));
/** Who was added at a site: the row through which addresses are tried. */
const addedAt = async (siteId: number): Promise<string> =>
  user(siteId, (await s.post('admin', users(siteId), { email: anAddress() })).body.id as number);
const limited = { LIMIT_FAILURES: String(10 * most) };
/** Counts are those of a minute of the clock. */
beforeEach(() => until('enough of a minute is left', () => Date.now() % 60_000 < 45_000));

test.each(['one after the other', 'at once'])(
  'six editors of one site, %s, were told six times as much as one',
  async (how) => {
    const taken = await s.person({ at: { [theirs]: 'member' } });
    const row = await addedAt(ours);
    const editors = await editorsAt(ours, 6);
    await s.beside(limited, async (url) => {
      const call = s.world.at(url);
      const guess = (editor: Somebody) => call(editor.at[ours]!, 'PUT', row, { email: taken.email });
      const tries = editors.flatMap((editor) => Array.from({ length: most }, () => editor));
      const answers = [];
      if (how === 'at once') answers.push(...(await Promise.all(tries.map(guess))));
      else for (const editor of tries) answers.push(await guess(editor));

      const statuses = answers.map(({ status }) => status).sort();
      expect(statuses).toEqual([...Array(mostOfSite).fill(409), ...Array(6 * most - mostOfSite).fill(429)]);
      // No address is looked up for anybody there any more, free or not; all else goes on.
      const [another] = await editorsAt(ours, 1);
      expect((await call(another!.at[ours]!, 'POST', users(ours), { email: anAddress() })).status).toBe(429);
      expect((await call(another!.at[ours]!, 'PUT', row, { city: 'Assen' })).status).toBe(200);
      // Nor does it stand in the way of another site, or of who serves all of them.
      const [elsewhere] = await editorsAt(others, 1);
      expect((await call(elsewhere!.at[others]!, 'POST', users(others), { email: anAddress() })).status).toBe(201);
      expect((await call('editor', 'POST', users(ours), { email: anAddress() })).status).toBe(201);
    });
  },
);

test('one editor who guesses keeps none of their colleagues from adding people', async () => {
  const taken = await s.person({ at: { [theirs]: 'member' } });
  const row = await addedAt(ours);
  const [guesser, ...colleagues] = await editorsAt(ours, 3);
  await s.beside(limited, async (url) => {
    const call = s.world.at(url);
    const guesses = Array.from({ length: 20 }, () => call(guesser!.at[ours]!, 'PUT', row, { email: taken.email }));
    const added = colleagues.flatMap(({ at }) =>
      Array.from({ length: 5 }, () => call(at[ours]!, 'POST', users(ours), { email: anAddress() })),
    );
    expect((await Promise.all(added)).map(({ status }) => status)).toEqual(Array(10).fill(201));
    expect((await Promise.all(guesses)).filter(({ status }) => status === 409)).toHaveLength(most);
  });
});

test('nor do members who send their own address back, however long that takes', async () => {
  const members = await Promise.all(Array.from({ length: 4 }, () => s.person({ at: { [ours]: 'member' } })));
  const [editor] = await editorsAt(ours, 1);
  const { withLease, secrets } = s.world.container.ports;
  const leases = members.map(({ externalId }) =>
    personLeaseName(secrets, { issuer: s.world.oauth.url, externalId: String(externalId) }),
  );
  /** With all of these leases held, so that whoever writes one of the members waits. */
  const holding = (names: readonly string[], work: () => Promise<void>): Promise<void> => {
    const [name, ...others] = names;
    return name === undefined ? work() : withLease(name, () => holding(others, work));
  };
  await s.beside(limited, async (url) => {
    const call = s.world.at(url);
    let ended = 0;
    const save = async ({ at, email }: Somebody): Promise<void> => {
      await call(at[ours]!, 'PUT', user(ours, at[ours]!), { email, city: 'Assen' });
      ended += 1;
    };
    const saves: Promise<void>[] = [];
    await holding(leases, async () => {
      saves.push(...members.flatMap((member) => Array.from({ length: most }, () => save(member))));
      // They are there within milliseconds.
      await pause(400);
      expect((await call(editor!.at[ours]!, 'POST', users(ours), { email: anAddress() })).status).toBe(201);
      expect(ended).toBe(0);
    });
    await Promise.all(saves);
  });
});
