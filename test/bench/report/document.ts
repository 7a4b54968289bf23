import { readFileSync, writeFileSync } from 'node:fs';
import { format, resolveConfig } from 'prettier';
import { tablesOf } from './tables.ts';
import { targetsTable } from './targets.ts';
import type { Run } from './run.ts';

export const documentFile = 'docs/performance.md';
const begin = '<!-- results: written by `npm run bench -- --write` -->';
const end = '<!-- /results -->';

/** The run between its marks in docs/performance.md, in the place of the one before. */
export const writeDocument = async (run: Run): Promise<void> => {
  const text = readFileSync(documentFile, 'utf8');
  const [head, tail] = [text.split(begin)[0], text.split(end)[1]];
  if (head === undefined || tail === undefined || head === text) throw new Error(`${documentFile} has lost its marks`);
  const whole = `${head}${begin}\n\n${reportOf(run, null)}\n\n${drawn(run)}${end}${tail}`;
  writeFileSync(documentFile, await format(whole, { ...(await resolveConfig(documentFile)), parser: 'markdown' }));
};

export const reportOf = (run: Run, before: Run | null): string =>
  [headOf(run), targetsTable(run), tablesOf(run, before)].join('\n\n');

const drawn = ({ growth }: Run): string =>
  growth.length === 0 ? '' : '![Growth of the time of a request with the size of a site](growth.svg)\n\n';

const headOf = ({ when, machine, node, ground, size, rounds, seconds }: Run): string =>
  [
    `${when.slice(0, 10)}, on ${machine}; Node ${node}; ${ground}.`,
    `City: ${count(size.users)} users on ${size.sites} sites, one more site of ${count(size.big)}, ${count(size.votes)} votes.`,
    `${rounds} round${rounds === 1 ? '' : 's'} of ${seconds} s each. The load generator and the database share the cores with what is measured.`,
  ].join(' ');

const count = (number: number): string => number.toLocaleString('en');
