import { nextTurn } from '../../platform/clock.ts';
import { byActivity, type ActivityPlural } from '../../activity-types/index.ts';
import type { ActivityRow, ActivityType } from '../../activity-types/definition.ts';

/**
 * JSON written piece by piece, the same bytes as JSON.stringify's: for lists of hundreds, where what stands in each item is
 * written once and dates, which JSON.stringify asks for a text one by one, cost a quarter.
 */
export const valueText = (value: unknown): string => {
  if (value === null || value === undefined) return 'null';
  if (typeof value === 'string') return quoted(value);
  if (typeof value === 'number' && Number.isFinite(value)) return String(value);
  if (typeof value === 'boolean') return value ? 'true' : 'false';
  if (value instanceof Date) return dateText(value);
  return JSON.stringify(value);
};

export const listText = (items: readonly string[]): string => `[${items.join(',')}]`;

/** Only what JSON has to escape goes the long way. */
const quoted = (text: string): string => (escaped.test(text) ? JSON.stringify(text) : `"${text}"`);
/** Quotes, backslashes, control characters and (as half of one is escaped) surrogates. */
const escaped = /[^ !#-[\]-\ud7ff\ue000-\uffff]/;

/** ISO 8601 as `toJSON` writes it, in a quarter of its time. */
const dateText = (date: Date): string => {
  const year = date.getUTCFullYear();
  // Years that take a sign, and no dates at all.
  if (!(year >= 1000 && year <= 9999)) return JSON.stringify(date);
  const day = `${year}-${two(date.getUTCMonth() + 1)}-${two(date.getUTCDate())}`;
  const time = `${two(date.getUTCHours())}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())}`;
  return `"${day}T${time}.${String(date.getUTCMilliseconds()).padStart(3, '0')}Z"`;
};

const twoDigits = Array.from({ length: 100 }, (_none, number) => String(number).padStart(2, '0'));
const two = (number: number): string => twoDigits[number] ?? '';

/** How long the loop is held at a time, in ms. */
const sliceMs = 1;

/** A JSON array in pieces: of each batch a millisecond's work at a time, with others' turns in between. */
export async function* jsonArray<T>(
  batches: AsyncIterable<readonly T[]> | Iterable<readonly T[]>,
  textOf: (item: T) => string,
): AsyncGenerator<string, void, undefined> {
  let before = '[';
  for await (const batch of batches) {
    let piece = '';
    let until = 0;
    for (const item of batch) {
      if (performance.now() >= until) {
        if (piece !== '') yield piece;
        piece = '';
        // Also before the first: reading the batch was a piece of work, too.
        await nextTurn();
        until = performance.now() + sliceMs;
      }
      piece += before + textOf(item);
      before = ',';
    }
    // Nothing is kept for the next batch: whoever has hung up by now is not read for any more.
    if (piece !== '') yield piece;
  }
  yield before === '[' ? '[]' : ']';
}

/** A contribution as JSON: the columns that its kind says are shown, and its idea (JSON) where one is given. */
export const contributionText = (type: Kind, row: ActivityRow, idea: string | null = null): string => {
  let text = '';
  for (const { name, before } of shownColumns[type.plural]) text += before + valueText(row[name]);
  return `{${text.slice(1)}${idea === null ? '' : `,"idea":${idea}`}}`;
};

type Kind = ActivityType<string, ActivityPlural>;

/** Looked up once, as lists hold hundreds. */
const shownColumns = byActivity((type) =>
  Object.entries<ActivityType['columns'][string]>(type.columns).flatMap(([name, column]) =>
    column.shown ? [{ name, before: `,${JSON.stringify(name)}:` }] : [],
  ),
);
