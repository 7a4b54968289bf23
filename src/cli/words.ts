import { InvalidArgumentError } from 'commander';
import { isScope, scopes, type Scope } from '../domain/actor.ts';
import { isJsonObject, type Json, type JsonObject } from '../domain/json.ts';
import { pageLanguages, type PageLanguage } from '../http/requests/headers.ts';
import { personOutcomes, runStates, type PersonOutcome, type RunState } from '../ports/runs.ts';

/** How words of a command line are read; each throws InvalidArgumentError, which commander tells with exit code 2. */

export const id = (text: string): number => {
  if (!/^[1-9]\d{0,14}$/.test(text)) throw new InvalidArgumentError('an id is a positive number');
  return Number(text);
};
export const ids = (text: string): readonly number[] => text.split(',').map((one) => id(one.trim()));

/** A user as they are named: `1/101`, `site.example/101`, or the id of the user alone. */
export interface UserName {
  /** An id or a domain; null: wherever the user is. */
  readonly site: string | null;
  readonly userId: number;
}
export const userName = (text: string): UserName => {
  const [first = '', second, ...more] = text.split('/');
  if (more.length > 0 || first === '' || !/^[1-9]\d{0,14}$/.test(second ?? first))
    throw new InvalidArgumentError(
      'a person is named by SITE/USER, or by the id of a user: 1/101, site.example/101, 101',
    );
  return second === undefined ? { site: null, userId: id(first) } : { site: first, userId: id(second) };
};

export const upTo =
  (most: number) =>
  (text: string): number => {
    if (!/^[1-9]\d{0,8}$/.test(text) || Number(text) > most)
      throw new InvalidArgumentError(`a number from 1 to ${most}`);
    return Number(text);
  };

/** Of a page. */
export const language = (text: string): PageLanguage => {
  const known = pageLanguages.find((one) => one === text);
  if (known === undefined) throw new InvalidArgumentError(`pages are in ${pageLanguages.join(' or ')}`);
  return known;
};

/** As a header has it, or bare. */
export const digest = (text: string): string => {
  const bare = text.trim().replace(/^"(.*)"$/, '$1');
  if (!/^[\w-]{10,128}$/.test(bare))
    throw new InvalidArgumentError('the digest of a preview, as `person preview` prints it');
  return bare;
};

/** Source: anonymization.md §5. */
export const ticket = (text: string): string => {
  if (!/^[A-Za-z0-9#/_.-]{1,40}$/.test(text))
    throw new InvalidArgumentError('the number of a ticket: at most 40 letters, digits and #/_.-');
  return text;
};

export const clientName = (text: string): string => {
  if (text.trim() === '' || text.length > 255) throw new InvalidArgumentError('1 to 255 characters');
  return text.trim();
};

export const scopesIn = (text: string): readonly Scope[] =>
  text.split(/[\s,]+/).map((word) => {
    if (!isScope(word)) throw new InvalidArgumentError(`the scopes are ${scopes.join(', ')}`);
    return word;
  });

/** A run over a list has 22 characters, one over a site a number. */
export const runName = (text: string): string => {
  if (!/^[\w-]{22}$/.test(text) && !/^[1-9]\d{0,14}$/.test(text))
    throw new InvalidArgumentError('a run is named as `run list` shows it');
  return text;
};

export const jsonObject = (text: string): JsonObject => {
  try {
    const value = JSON.parse(text) as Json;
    if (isJsonObject(value)) return value;
  } catch {
    // Said below.
  }
  throw new InvalidArgumentError('a JSON object, as {"role":"anonymous"}');
};

export const outcomeOfRun = (text: string): PersonOutcome => oneOf(personOutcomes, text);
export const stateOfRun = (text: string): RunState => oneOf(runStates, text);

const oneOf = <T extends string>(words: readonly T[], text: string): T => {
  const found = words.find((word) => word === text);
  if (found === undefined) throw new InvalidArgumentError(`one of ${words.join(', ')}`);
  return found;
};
