import { sql } from '../../src/db/sql.ts';
import { atRest } from '../support/crashing/afterwards.ts';
import { isWrite, type Lane } from '../support/crashing/crashes.ts';
import { startInstance, type Answer, type Instance, type Request } from '../support/crashing/instance.ts';
import { stepsToKillAt } from '../support/crashing/durable-steps.ts';
import { onAll, openLanes, type Lanes } from '../support/crashing/lanes.ts';
import { difference, samePicture } from '../support/crashing/picture.ts';
import { progress } from '../support/crashing/progress.ts';
import type { Kept } from '../support/crashing/stage.ts';
import { everywhere, onlyHere } from '../support/crashing/stories.ts';

jest.setTimeout(600_000);

let opened: Lanes;
beforeAll(async () => {
  opened = await openLanes();
});
afterAll(() => opened.close());

const base = '/api/anonymization-run';
/** Somebody at three sites, and somebody at one, each everywhere. */
const planning = ({ stage }: Lane): Request => ({
  method: 'POST',
  path: base,
  headers: { 'Idempotency-Key': 'once' },
  body: {
    users: [everywhere, onlyHere].map(({ externalId }) => stage.settled.get(externalId)![0]!.id),
    everywhere: true,
  },
});
const starting = ({ headers }: Answer): Request => ({
  method: 'POST',
  path: `${headers.get('location') ?? ''}/start`,
  headers: { 'If-Match': headers.get('etag') ?? '' },
});
const mustBe = (answer: Answer, ...statuses: readonly number[]): Answer => {
  if (!statuses.includes(answer.status)) throw new Error(`${answer.status}: ${answer.text}`);
  return answer;
};
/** What a world comes to in which `prepare` was done; and what that answered. */
const after = async <T>(
  { stage }: Lane,
  prepare: (instance: Instance) => Promise<T>,
): Promise<{ readonly kept: Kept; readonly answered: T }> => {
  const instance = await startInstance(await stage.reset());
  const answered = await prepare(instance);
  await instance.stop();
  return { kept: await stage.keep(), answered };
};
const planned = (lane: Lane) => after(lane, async ({ call }) => starting(mustBe(await call(planning(lane)), 201)));
const begun = (lane: Lane) =>
  after(lane, async ({ call }) => mustBe(await call(starting(mustBe(await call(planning(lane)), 201))), 202));

/** How many runs there are, and how many people stand on their lists. */
const written = async ({ container: { database } }: Instance): Promise<readonly [runs: number, people: number]> => {
  const count = async (table: 'civitas_anonymization_runs' | 'civitas_anonymization_run_people') =>
    Number(
      (table === 'civitas_anonymization_runs'
        ? await database.select(sql`SELECT COUNT(*) AS n FROM civitas_anonymization_runs`)
        : await database.select(sql`SELECT COUNT(*) AS n FROM civitas_anonymization_run_people`))[0]?.['n'] ?? 0,
    );
  return [await count('civitas_anonymization_runs'), await count('civitas_anonymization_run_people')];
};

describe('the anonymization of a list of people, killed at any of its steps', () => {
  it('is done as if nobody had been killed, once a new program has come to rest', async () => {
    const lanes = await Promise.all(
      opened.lanes.map(async (lane) => {
        const { kept } = await begun(lane);
        const env = await lane.stage.reset(kept);
        const { steps } = await lane.victims.workOnSites({ env, killAt: 0 });
        return { ...lane, kept, steps, done: (await atRest(lane.stage, env)).picture };
      }),
    );
    const { steps } = lanes[0]!;
    expect(steps.filter((step) => step.startsWith('database: COMMIT')).length).toBeGreaterThan(1);
    expect(steps.filter(isWrite).length).toBeGreaterThan(2);

    const half: unknown[] = [];
    let tried = 0;
    let killed = 0;
    const chosen = stepsToKillAt(steps);
    const told = progress(() => `list of people: ${tried} of ${chosen.length} steps`);
    await onAll(lanes, chosen.length, async ({ stage, victims, kept, done }, nth) => {
      const step = chosen[nth - 1] ?? 0;
      const env = await stage.reset(kept);
      if ((await victims.workOnSites({ env, killAt: step })).killed) killed += 1;
      tried += 1;
      const { picture } = await atRest(stage, env);
      if (!samePicture(picture, done)) half.push({ step, name: steps[step - 1], found: difference(picture, done) });
      told.tick();
    });

    expect(half).toEqual([]);
    expect(killed).toBeGreaterThanOrEqual(chosen.length - 1);
  });
});

describe('planning a list, killed at any of its steps', () => {
  it('has written down the whole list, or nothing; and one list when it is asked again under its key', async () => {
    const [lane] = opened.lanes as readonly [Lane, Lane];
    const request = planning(lane);
    const { steps } = await lane.victims.serve({ env: await lane.stage.reset(), killAt: 0 }, request);
    expect(steps.filter(isWrite).length).toBeGreaterThan(2);
    const odd: unknown[] = [];
    const chosen = stepsToKillAt(steps);
    await onAll(opened.lanes, chosen.length, async ({ stage, victims }, nth) => {
      const step = chosen[nth - 1] ?? 0;
      const env = await stage.reset();
      await victims.serve({ env, killAt: step }, request);
      await stage.quiet();
      const instance = await startInstance(env);
      const left = await written(instance);
      const { status } = await instance.call(request);
      const again = await written(instance);
      await instance.stop();
      const isWhole = left[0] === 0 ? left[1] === 0 && status === 201 : left.join() === '1,2' && status === 200;
      if (!isWhole || again.join() !== '1,2') odd.push({ step, name: steps[step - 1], left, again, status });
    });
    expect(odd).toEqual([]);
  });
});

describe('starting a list, killed at any of its steps', () => {
  it('has begun it or not, and begins it once when it is asked again', async () => {
    const lanes = await Promise.all(
      opened.lanes.map(async (lane) => {
        const { kept, answered: request } = await planned(lane);
        const env = await lane.stage.reset(kept);
        const { steps } = await lane.victims.serve({ env, killAt: 0 }, request);
        return { ...lane, kept, request, steps };
      }),
    );
    const { steps } = lanes[0]!;
    expect(steps.filter(isWrite).length).toBeGreaterThan(0);
    const odd: unknown[] = [];
    const chosen = stepsToKillAt(steps);
    await onAll(lanes, chosen.length, async ({ stage, victims, kept, request }, nth) => {
      const step = chosen[nth - 1] ?? 0;
      const env = await stage.reset(kept);
      await victims.serve({ env, killAt: step }, request);
      await stage.quiet();
      const instance = await startInstance(env);
      const { status } = await instance.call(request);
      await instance.container.jobs.find(({ name }) => name === 'work-on-runs')?.run(() => false);
      const { text } = await instance.call({ method: 'GET', path: request.path.replace(/\/start$/, '') });
      await instance.stop();
      const run = JSON.parse(text) as { state: string; outcomes: object };
      const isDone = status === 202 && run.state === 'done' && JSON.stringify(run.outcomes) === '{"anonymized":2}';
      if (!isDone) odd.push({ step, name: steps[step - 1], status, run });
    });
    expect(odd).toEqual([]);
  });
});
