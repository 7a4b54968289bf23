import { readFileSync, writeFileSync } from 'node:fs';
import { buildBench } from './build.ts';
import { cases } from './cases/index.ts';
import { crowds } from './cases/crowds.ts';
import { measureCity } from './city-run.ts';
import { findGround } from './ground.ts';
import { measureGrowth } from './growth/growth.ts';
import { writeDrawing } from './growth/drawing.ts';
import { optionsOf, type Options } from './options.ts';
import { paceOf, sizeOf, wantsGrowth } from './pace.ts';
import { progressOn } from './progress.ts';
import { reasonOf } from './reason.ts';
import { reportOf, writeDocument } from './report/document.ts';
import { machine } from './report/machine.ts';
import type { Run } from './report/run.ts';
import { twoWorkers } from './workers.ts';

/** `npm run bench`: see docs/performance.md. */
const bench = async (options: Options): Promise<void> => {
  const progress = progressOn(process.stderr);
  const ground = await findGround(options.database);
  progress.say(`on ${ground.title}`);
  const built = await buildBench();
  const work = { built: built.folder, ground, progress, pace: paceOf(options), keep: options.keep };
  const isWanted = ({ name }: { readonly name: string }): boolean =>
    options.case.length === 0 || options.case.includes(name);
  const size = sizeOf(options);
  try {
    const city = options.growthOnly
      ? { lines: [], crowds: [], workers: null, missing: [] }
      : await measureCity({ ...work, keep: options.keep || wantsGrowth(options) }, size, {
          cases: cases.filter(isWanted),
          crowds: crowds.filter(isWanted),
          workers: isWanted(twoWorkers),
        });
    const growth = wantsGrowth(options) ? await grown(work, size) : { lines: [], missing: [] };
    const run: Run = {
      ...{ when: new Date().toISOString(), machine: machine(), node: process.version, ground: ground.title },
      ...{ size, rounds: work.pace.rounds, seconds: work.pace.seconds },
      ...{ lines: city.lines, crowds: city.crowds, workers: city.workers, growth: growth.lines },
      missing: [...city.missing, ...growth.missing],
    };
    process.stdout.write(`${reportOf(run, earlier(options))}\n`);
    if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify(run, null, 2)}\n`);
    if (options.write) {
      await writeDocument(run);
      if (run.growth.length > 0) writeDrawing(run.growth);
    }
    if (run.missing.some(({ why }) => why !== 'not there yet')) process.exitCode = 1;
  } finally {
    await ground.close();
    await built.remove();
  }
};

/** What was measured before must not be lost when growth cannot be. */
const grown = (...[work, size]: Parameters<typeof measureGrowth>): ReturnType<typeof measureGrowth> =>
  measureGrowth(work, size).catch((error: unknown) => ({
    lines: [],
    missing: [{ name: 'growth', why: reasonOf(error) }],
  }));

const earlier = ({ compare }: Options): Run | null =>
  compare === undefined ? null : (JSON.parse(readFileSync(compare, 'utf8')) as Run);

await bench(optionsOf(process.argv));
