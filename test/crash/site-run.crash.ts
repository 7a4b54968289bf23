import { atRest } from '../support/crashing/afterwards.ts';
import { isWrite, type Lane } from '../support/crashing/crashes.ts';
import { startInstance } from '../support/crashing/instance.ts';
import { onAll, openLanes, type Lanes } from '../support/crashing/lanes.ts';
import { difference, samePicture } from '../support/crashing/picture.ts';
import { progress } from '../support/crashing/progress.ts';
import type { Kept } from '../support/crashing/stage.ts';

jest.setTimeout(600_000);

let opened: Lanes;
beforeAll(async () => {
  opened = await openLanes([{ externalId: 400, siteIds: [3] }]);
});
afterAll(() => opened.close());

/** The site of the small world that has ended, with a run begun and nobody visited. */
const begun = async ({ stage }: Lane): Promise<Kept> => {
  const { call, stop } = await startInstance(await stage.reset());
  const { status } = await call({ method: 'PUT', path: '/api/site/3/do-anonymize-all-users' });
  await stop();
  if (status !== 202) throw new Error(`not begun: ${status}`);
  return stage.keep();
};
const prepared = async (lane: Lane) => {
  const start = await begun(lane);
  const env = await lane.stage.reset(start);
  const { steps } = await lane.victims.workOnSites({ env, killAt: 0 });
  return { ...lane, start, steps, done: (await atRest(lane.stage, env)).picture };
};

describe('the anonymization of a whole site, killed at any of its steps', () => {
  it('is done as if nobody had been killed, once a new program has come to rest', async () => {
    const lanes = await Promise.all(opened.lanes.map(prepared));
    const { steps } = lanes[0]!;
    expect(steps.filter((step) => step.startsWith('database: COMMIT')).length).toBeGreaterThan(2);
    expect(steps.filter(isWrite).length).toBeGreaterThan(2);

    const half: unknown[] = [];
    let tried = 0;
    let killed = 0;
    const told = progress(() => `whole site: ${tried} of ${steps.length} steps`);
    await onAll(lanes, steps.length, async ({ stage, victims, start, done }, step) => {
      const env = await stage.reset(start);
      if ((await victims.workOnSites({ env, killAt: step })).killed) killed += 1;
      tried += 1;
      const { picture } = await atRest(stage, env);
      if (!samePicture(picture, done)) half.push({ step, name: steps[step - 1], found: difference(picture, done) });
      told.tick();
    });

    expect(half).toEqual([]);
    expect(killed).toBeGreaterThanOrEqual(steps.length - 1);
  });
});
