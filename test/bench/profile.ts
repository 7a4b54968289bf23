import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { buildBench } from './build.ts';
import { cases } from './cases/index.ts';
import { fillCity } from './city/fill.ts';
import { shapeOf } from './city/shape.ts';
import { startChild } from './children/child.ts';
import type { Load } from './children/load.ts';
import { nameOf } from './city-run.ts';
import { findGround } from './ground.ts';
import { measureApi } from './measure.ts';
import { defaultDatabase } from './options.ts';
import { prepare } from './prepared.ts';
import { flameOf } from './profile/flame.ts';
import { treeOf } from './profile/frames.ts';
import { hottestOf } from './profile/hottest.ts';
import { progressOn } from './progress.ts';

const names = cases.map(({ name }) => name);
const command = new Command('npm run profile --')
  .description(
    `Drives one case and writes where the API's processor time went, into ./data/profiles: a flame graph (.svg), the hottest functions (.txt), and the profile itself (.cpuprofile, for speedscope or a browser's tools).\nCases: ${names.join(', ')}.`,
  )
  .argument('<case>')
  .option('--seconds <n>', 'how long', Number, 5)
  .option('--connections <n>', 'how many', Number, 20)
  .option('--users <n>', 'users of the city', Number, 10_000)
  .option('--database <address>', 'mysql://user:password@host:port, or embedded', defaultDatabase())
  .parse();
interface Asked {
  readonly seconds: number;
  readonly connections: number;
  readonly users: number;
  readonly database: string;
}

const profile = async (name: string, { seconds, connections, users, database }: Asked): Promise<void> => {
  const it = cases.find((one) => one.name === name);
  if (it === undefined) return command.error(`there is no case ${name}: ${names.join(', ')}`);
  const progress = progressOn(process.stderr);
  const ground = await findGround(database);
  progress.say(`on ${ground.title}`);
  const closing: (() => Promise<void>)[] = [ground.close];
  try {
    const built = await buildBench();
    closing.push(built.remove);
    const size = { users, sites: 20, big: users, votes: users, seed: 1 };
    const plot = await ground.open(`profile_${nameOf(size)}`);
    closing.push(plot.drop);
    const shape = shapeOf(size);
    await fillCity(plot.database, shape, progress);
    const load = startChild<Load>(join(built.folder, 'test/bench/children/load.js'));
    closing.push(load.stop);
    // What can be done only once has people for some hundreds of requests.
    const effort = { rounds: 1, connections: [connections], once: 100 };
    const floors = { show: () => Promise.resolve([]) };
    const order = { built: built.folder, plot, shape, cases: [it], crowds: [], floors, effort };
    const { stage, ready } = await prepare(order);
    closing.push(stage.close);
    const [one] = ready;
    if (one === undefined) throw new Error(`${name}: not there yet`);
    progress.say('warming up');
    await measureApi({ load, stage, serverTime: () => null }, one, { connections, seconds: 2, once: 100 });
    progress.say('profiling');
    await stage.api.ask('profile');
    const burst = { connections, seconds, once: 100 };
    const { driven, apiMicros } = await measureApi({ load, stage, serverTime: () => null }, one, burst);
    const seen = await stage.api.ask('profiled');
    const tree = treeOf(seen, built.folder);
    const title = `${it.title}: ${driven.requests} requests, ${(apiMicros ?? 0).toFixed(0)} µs of processor time each (while profiled)`;
    const file = join('data', 'profiles', name);
    mkdirSync(join('data', 'profiles'), { recursive: true });
    writeFileSync(`${file}.cpuprofile`, JSON.stringify(seen));
    writeFileSync(`${file}.svg`, flameOf(tree, title));
    const words = `${title}\n\n${hottestOf(tree)}`;
    writeFileSync(`${file}.txt`, words);
    process.stdout.write(`${words}\n${file}.svg, ${file}.txt, ${file}.cpuprofile\n`);
  } finally {
    for (const close of closing.reverse()) await close();
  }
};

await profile(command.args[0] ?? '', command.opts<Asked>());
