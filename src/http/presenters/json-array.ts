import { nextTurn } from '../../platform/clock.ts';

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
