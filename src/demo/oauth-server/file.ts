import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { isJsonObject } from '../../domain/json.ts';
import type { PersonRow, State } from './state.ts';

/** The kept state; null where there is no file yet. A file that cannot be read is told, and left as it is. */
export const load = (file: string): State | null => {
  if (!existsSync(file)) return null;
  const kept = parsed(readFileSync(file, 'utf8'));
  if (!isState(kept)) {
    throw new Error(
      `${file} does not hold the people of a development OAuth server; it was left as it is: move it away`,
    );
  }
  return { ...kept, people: kept.people.map(withText) };
};

/** A file of before extraData was kept as text. */
const withText = (row: PersonRow): PersonRow => {
  const extraData: unknown = row.extraData;
  return isJsonObject(extraData) ? { ...row, extraData: JSON.stringify(extraData) } : row;
};

/** Whole or not at all, also when the process is killed meanwhile; readable by its owner only, as it holds a signing key. */
export const save = (file: string, state: State): void => {
  mkdirSync(dirname(file), { recursive: true });
  const beside = `${file}.${process.pid}.new`;
  const handle = openSync(beside, 'w', 0o600);
  try {
    writeSync(handle, JSON.stringify(state));
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
  renameSync(beside, file);
};

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
};

const isState = (kept: unknown): kept is State =>
  isJsonObject(kept) &&
  typeof kept['nextId'] === 'number' &&
  typeof kept['signingKey'] === 'string' &&
  [kept['people'], kept['roles'], kept['tokens']].every((rows) => Array.isArray(rows) && rows.every(isJsonObject));
