import type { JSX } from 'preact';
import type { Disposition } from '../figures.ts';

/** Up to so many are drawn one by one, and can be counted; more are one bar. */
const countable = 24;
const width = 320;

/**
 * So many of one kind, drawn as what becomes of them; `most`: of the longest bar of the picture, which is as long as there is room.
 * What it shows stands beside it in figures, so that it is nothing to a screen reader.
 */
export const Bar = ({
  n,
  most,
  disposition,
}: {
  readonly n: number;
  readonly most: number;
  readonly disposition: Disposition;
}): JSX.Element => (
  <svg
    viewBox={`0 0 ${width} 20`}
    preserveAspectRatio="xMinYMid meet"
    aria-hidden="true"
    data-n={n}
    data-disposition={disposition}
  >
    {piecesOf(n, most).map(({ x, length }) => (
      <Piece key={x} x={x} length={length} disposition={disposition} />
    ))}
  </svg>
);

/** One piece by itself, where there is nothing to compare it with. */
export const One = ({ disposition }: { readonly disposition: Disposition }): JSX.Element => (
  <svg class="one" viewBox="0 0 32 20" aria-hidden="true">
    <Piece x={1} length={29} disposition={disposition} />
  </svg>
);

/** Where each piece begins, and how long it is. */
export const piecesOf = (n: number, most: number): readonly { readonly x: number; readonly length: number }[] => {
  if (most > countable) return n === 0 ? [] : [{ x: 1, length: Math.max(6, (n / most) * (width - 2)) }];
  const room = Math.min(32, (width - 2) / most);
  return Array.from({ length: n }, (_, index) => ({ x: 1 + index * room, length: room - 3 }));
};

const Piece = ({
  x,
  length,
  disposition,
}: {
  readonly x: number;
  readonly length: number;
  readonly disposition: Disposition;
}): JSX.Element => {
  const middle = x + length / 2;
  return (
    <>
      <rect class={disposition} x={x} y={1.5} width={length} height={17} rx={2} stroke-width={1.5} />
      {disposition === 'goes' && length > 8 ? (
        <path class="crosses" d={`M${middle - 4} 6l8 8m0 -8l-8 8`} stroke-width={1.5} fill="none" />
      ) : null}
    </>
  );
};

/** What bars are filled with; once a page. */
export const Patterns = (): JSX.Element => (
  <svg class="unseen" width={0} height={0} aria-hidden="true">
    <pattern id="stripes" width={6} height={6} patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
      <line class="stripe" x1={0} y1={0} x2={0} y2={6} stroke-width={5} />
    </pattern>
    <pattern id="dots" width={5} height={5} patternUnits="userSpaceOnUse">
      <circle class="dot" cx={2.5} cy={2.5} r={1.2} />
    </pattern>
  </svg>
);
