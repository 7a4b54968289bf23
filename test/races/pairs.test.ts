import { setTimeout as pause } from 'node:timers/promises';
import { disagreements } from '../support/crashing/agreement.ts';
import { startInstance, type Instance } from '../support/crashing/instance.ts';
import { comeToRest } from '../support/crashing/rest.ts';
import { mailOf, type Inhabitant, type RowAt } from '../support/crashing/small-world.ts';
import { buildStage, type Stage } from '../support/crashing/stage.ts';
import { deedNames, operations, isTrueAnswer, type DeedName } from './deeds.ts';
import { lostDeeds, type Done } from './lost-deeds.ts';

/** Another seed: RACE_SEED=7 npx jest test/races. More rounds: RACE_ROUNDS=20. */
const seed = Number(process.env['RACE_SEED'] ?? 1);
const rounds = Number(process.env['RACE_ROUNDS'] ?? 2);

/** Which rows the two operations name. */
const targets = ['the same row', 'another row', 'the only row'] as const;
const inhabitants: readonly (Inhabitant & { readonly target: (typeof targets)[number] })[] = targets.flatMap(
  (target, kind) =>
    Array.from({ length: rounds }, (_, round) => ({
      externalId: 1000 * (kind + 1) + round,
      siteIds: target === 'the only row' ? [1] : [1, 2],
      target,
    })),
);
const pairs = deedNames.flatMap((first, at) => deedNames.slice(at).map((second) => [first, second] as const));

let stage: Stage;
let instances: readonly [Instance, Instance];
beforeAll(async () => {
  stage = await buildStage(inhabitants);
});
afterAll(() => stage.close());
beforeEach(async () => {
  const env = await stage.reset();
  instances = [await startInstance(env), await startInstance(env)];
});
afterEach(async () => {
  for (const { stop } of instances) await stop();
});

/** mulberry32: the same delays for the same seed. */
const randomFrom = (start: number) => {
  let state = start;
  return (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
};
const longestDelayMs = 40;

const atOnce = async (
  names: readonly [DeedName, DeedName],
  { externalId, target }: (typeof inhabitants)[number],
  random: () => number,
): Promise<readonly Done[]> => {
  const rows = stage.settled.get(externalId) ?? [];
  const chosen = [rows[0], target === 'another row' ? rows[1] : rows[0]] as readonly [RowAt, RowAt];
  const delays = [random() * longestDelayMs, random() * longestDelayMs] as const;
  const perform = async (which: 0 | 1): Promise<Done> => {
    const [name, mark, at] = [names[which], which === 0 ? 'first' : 'second', chosen[which]];
    await pause(delays[which]);
    return {
      name,
      mark,
      at,
      answer: await instances[which].call(operations[name].request(at, mailOf(externalId), mark)),
    };
  };
  return Promise.all([perform(0), perform(1)]);
};

describe(`two instances, at the same moment (seed ${seed})`, () => {
  it.each(pairs)('%s and %s of one person: both are answered truly, and at rest all agrees', async (first, second) => {
    const random = randomFrom(seed + pairs.findIndex(([one, other]) => one === first && other === second));
    const all: Done[] = [];
    for (const one of inhabitants) all.push(...(await atOnce([first, second], one, random)));
    const { container } = instances[0];
    await comeToRest(container);

    const odd = all.filter(({ name, answer }) => !isTrueAnswer(name, answer));
    expect(odd.map(({ name, answer: { status, text } }) => `${name}: ${status} ${text}`)).toEqual([]);
    expect(await lostDeeds(container, all)).toEqual([]);
    expect(await disagreements(container, stage.oauth().people(), new Set())).toEqual([]);
  });
});
