import { join } from 'node:path';
import type { Load } from '../children/load.ts';
import { startChild, type Child } from '../children/child.ts';
import { fillCity } from '../city/fill.ts';
import { shapeOf, type CitySize, type Shape } from '../city/shape.ts';
import { nameOf, type Work } from '../city-run.ts';
import type { Floors } from '../floors.ts';
import { driveExactly } from '../measure.ts';
import { prepare, type Prepared } from '../prepared.ts';
import { reasonOf } from '../reason.ts';
import { median } from '../report/numbers.ts';
import type { Run } from '../report/run.ts';
import { growthCases } from './growth-cases.ts';
import type { GrowthLine } from './growth-lines.ts';

interface Place {
  readonly shape: Shape;
  readonly prepared: Prepared;
}
/** The cities: parts of the whole, with as many sites. */
const parts = [1000, 100, 10, 1];
const fewestAtSite = 10;

/** The same questions to cities of growing size, in turn, each on a program of its own. */
export const measureGrowth = async (work: Work, size: CitySize): Promise<Grown> => {
  const closing: (() => Promise<void>)[] = [];
  try {
    const places: Place[] = [];
    for (const city of citiesOf(size)) places.push(await placeOf(work, city, closing));
    const load = startChild<Load>(join(work.built, 'test/bench/children/load.js'));
    closing.push(load.stop);
    return await askAll(work, places, load);
  } finally {
    for (const close of closing.reverse()) await close();
  }
};

const citiesOf = (size: CitySize): readonly CitySize[] => {
  const sizes = parts.map((part) => Math.max(Math.round(size.users / part), fewestAtSite * size.sites));
  const share = size.users === 0 ? 0 : size.votes / size.users;
  // The largest is the city of the other cases, big site and all, so that it need not be built twice.
  return [...new Set(sizes)].map((users) =>
    users === size.users ? size : { ...size, users, votes: Math.round(users * share), big: 0 },
  );
};

const placeOf = async (
  { built, ground, progress, pace, keep }: Work,
  city: CitySize,
  closing: (() => Promise<void>)[],
): Promise<Place> => {
  const plot = await ground.open(nameOf(city));
  closing.push(plot.close);
  const shape = shapeOf(city);
  progress.say(`growth: a city of ${city.users.toLocaleString('en')} users`);
  await fillCity(plot.database, shape, progress);
  if (!keep) closing.push(plot.drop);
  const order = { built, plot, shape, cases: growthCases, crowds: [], floors: none, effort: pace };
  const prepared = await prepare(order);
  closing.push(prepared.stage.close);
  return { shape, prepared };
};

/** Growth is measured against oneself. */
const none: Pick<Floors, 'show'> = { show: () => Promise.resolve([]) };

interface Grown {
  readonly lines: readonly GrowthLine[];
  readonly missing: Run['missing'];
}

const askAll = async (work: Work, places: readonly Place[], load: Child<Load>): Promise<Grown> => {
  const lines: GrowthLine[] = [];
  const missing: { name: string; why: string }[] = [];
  for (const [index, { name, title }] of growthCases.entries()) {
    const why = places.flatMap(({ prepared }) => prepared.leftOut.filter(({ it }) => it.name === name))[0]?.why;
    try {
      if (why !== undefined) throw new Error(why);
      const times = await timesOf(work, places, load, index);
      lines.push({ name, title, points: places.map(({ shape }, place) => pointOf(shape, times, place)) });
    } catch (error) {
      missing.push({ name: `growth of ${name}`, why: reasonOf(error) });
    }
  }
  work.progress.clear();
  return { lines, missing };
};

/** Of one case: by city, round by round. */
const timesOf = async (
  { progress, pace }: Work,
  places: readonly Place[],
  load: Child<Load>,
  index: number,
): Promise<readonly (readonly number[])[]> => {
  const name = growthCases[index]?.name ?? '';
  const times: number[][] = places.map(() => []);
  // The first round warms up.
  const rounds = pace.rounds + 1;
  for (let round = 0; round < rounds; round += 1) {
    progress.share(`growth: ${name}, round ${round}`, index * rounds + round, growthCases.length * rounds);
    for (const [place, { prepared }] of places.entries()) {
      const one = prepared.ready.find(({ it }) => it.name === name);
      if (one === undefined) continue;
      const count = one.plan.dealing === 'once' ? pace.once : pace.growthRequests;
      const { p50 } = await driveExactly(load, prepared.stage.url, one, count);
      if (round > 0) times[place]?.push(p50);
    }
  }
  return times;
};

const pointOf = (shape: Shape, times: readonly (readonly number[])[], place: number): GrowthLine['points'][number] => {
  const [smallest = [], its = []] = [times[0], times[place]];
  return {
    usersAtSite: Math.floor(shape.size.users / shape.size.sites),
    users: shape.size.users,
    milliseconds: median(its),
    growth: median(its.map((time, round) => time / (smallest[round] ?? NaN))),
  };
};
