import { serverErrors, type ServerError } from '../../src/db/dialects/mysql-errors.ts';
import { code, table } from './table.ts';

const outcomes: Readonly<Record<ServerError[1], string>> = {
  again: 'run again, for 10 s; then 503, `busy`',
  locked: 'run again once; then 503, `busy`',
  'not-ready': '503',
  'too-slow': '503, `busy`',
  duplicate: 'what the call says of it',
  'referred-to': '409',
};
const notes = {
  'undoes-commit': 'also at COMMIT',
  'leaves-server': 'all connections are made anew',
} as const;

/** What the database may answer, and what becomes of it. */
export const databaseErrors = (): string =>
  table(
    ['error', 'it says', 'what callers see', 'met on'],
    serverErrors.map(([number, kind, name, says, tried, note]) => [
      `${number} ${code(name)}`,
      says,
      note === undefined ? outcomes[kind] : `${outcomes[kind]}; ${notes[note]}`,
      tried === 'documentation' ? 'untested' : tried,
    ]),
  );
