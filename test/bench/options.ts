import { Command, InvalidArgumentError } from 'commander';
import { cases } from './cases/index.ts';
import { crowds } from './cases/crowds.ts';
import { fewestSites } from './city/shape.ts';
import { twoWorkers } from './workers.ts';

export interface Options {
  readonly quick: boolean;
  /** Names; empty: all. */
  readonly case: readonly string[];
  readonly users?: number;
  readonly sites: number;
  readonly votes?: number;
  readonly big?: number;
  readonly growth: boolean;
  readonly growthOnly: boolean;
  readonly rounds?: number;
  readonly seconds?: number;
  readonly seed: number;
  readonly database: string;
  readonly json?: string;
  readonly compare?: string;
  readonly write: boolean;
  readonly keep: boolean;
}

const number =
  (least: number) =>
  (text: string): number => {
    const value = Number(text);
    if (!Number.isFinite(value) || value < least) throw new InvalidArgumentError(`must be a number from ${least}.`);
    return value;
  };

const names = [...cases, ...crowds, twoWorkers].map(({ name }) => name);
const another = (name: string, before: readonly string[]): readonly string[] => {
  if (!names.includes(name)) throw new InvalidArgumentError(`must be one of: ${names.join(', ')}.`);
  return [...before, name];
};

/** The tests' server, or one on this machine. */
export const defaultDatabase = (): string => process.env['TEST_DATABASE_URL'] ?? 'mysql://root@127.0.0.1:3306';

export const optionsOf = (argv: readonly string[]): Options =>
  new Command('npm run bench --')
    .description(
      'Measures the API beside the floors of its own stack. Makes its own database and drops it afterwards; touches no other.',
    )
    .option('--quick', 'everything in less than two minutes; figures for a first look', false)
    .option('--case <name>', 'only this one; can be repeated', another, [])
    .option('--users <n>', 'users of the city; above 100,000 growth is measured too', number(100))
    .option('--sites <n>', 'sites that they share evenly', number(fewestSites), 100)
    .option('--votes <n>', 'votes in the city; default: one a user', number(0))
    .option('--big <n>', 'users of one site more', number(1000))
    .option('--growth', 'also measure how cases grow, from a thousandth of the city to the whole', false)
    .option('--growth-only', 'only that', false)
    .option('--rounds <n>', 'rounds; default 5', number(1))
    .option('--seconds <n>', 'how long each target is driven a round; default 2', number(0.1))
    .option('--seed <n>', 'another city of the same size', number(0), 1)
    .option('--database <address>', 'mysql://user:password@host:port, or embedded', defaultDatabase())
    .option('--json <file>', 'write what was seen')
    .option('--compare <file>', 'show it beside what an earlier run wrote')
    .option('--write', 'write the report into docs/performance.md, and the drawing of growth beside it', false)
    .option('--keep', 'keep the databases: the next run of the same size finds its city', false)
    .parse(argv)
    .opts<Options>();
