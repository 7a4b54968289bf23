import { startSentences, user, users, type SentenceWorld } from '../journeys/sentences/support/world.ts';
import { endSite } from '../support/ended-site.ts';
import { until } from '../support/until.ts';

const [one, two, other, ended, too] = [11, 12, 13, 14, 15] as const;
let s: SentenceWorld;
beforeAll(async () => {
  s = await startSentences({ [one]: {}, [two]: {}, [other]: {}, [ended]: {}, [too]: {} });
});
afterAll(() => s.close());

test('changes, previews and plans of a few sites together leave a connection to who looks at another', async () => {
  const { ports } = s.world.container;
  const member = async (site: number) => (await s.person({ at: { [site]: 'member' } })).at[site]!;
  const changing = [
    ...(await Promise.all(Array.from({ length: 4 }, async () => [one, await member(one)] as const))),
    ...(await Promise.all(Array.from({ length: 2 }, async () => [two, await member(two)] as const))),
  ];
  const previewing = await Promise.all(Array.from({ length: 3 }, async () => [one, await member(one)] as const));
  const plans = [await endSite(s.world, ended), await endSite(s.world, too)];
  const planned = [await member(ended), await member(too)];
  const seen = await member(other);
  expect((await s.get(null, user(other, seen))).status).toBe(200);
  for (const [site, id] of [...changing, ...previewing]) expect((await s.get(id, user(site, id))).status).toBe(200);

  const ids = new Set([...changing, ...previewing].map(([, id]) => id).concat(planned));
  let [begun, isOver] = [0, false];
  const references = ports.sideTables.references.bind(ports.sideTables);
  const slowly = jest.spyOn(ports.sideTables, 'references').mockImplementation(async (subjects, ...asked) => {
    if (subjects.users.some(({ userId }) => ids.has(userId))) {
      begun += 1;
      await until('others were answered', () => isOver);
    }
    return references(subjects, ...asked);
  });
  const work = [
    ...changing.map(([site, id]) => s.put(id, `${user(site, id)}/do-anonymize?view=summary`)),
    ...previewing.map(([site, id]) => s.get(id, `${user(site, id)}/will-anonymize?view=summary`)),
    ...plans.map(({ siteId, adminId }) => s.put(adminId, `/api/site/${siteId}/will-anonymize-all-users`)),
  ];
  try {
    await Promise.race([
      until('all are under way', () => begun >= 11).catch(() => undefined),
      new Promise((resolve) => setTimeout(resolve, 6000)),
    ]);
    const from = performance.now();
    const { status } = await s.get(null, `${users(other)}/${seen}`);
    const tookMs = performance.now() - from;
    expect([status, tookMs < 2000]).toEqual([200, true]);
  } finally {
    isOver = true;
    await Promise.allSettled(work);
    slowly.mockRestore();
  }
});
