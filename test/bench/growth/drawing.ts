import { writeFileSync } from 'node:fs';
import type { GrowthLine } from './growth-lines.ts';

export const drawingFile = 'docs/growth.svg';

/** How the cases grow, for anybody to see which lines are flat. */
export const writeDrawing = (lines: readonly GrowthLine[]): void => {
  writeFileSync(drawingFile, drawingOf(lines));
};

const width = 860;
const height = 440;
const left = 60;
const right = 620;
const top = 50;
const bottom = 380;
/** What was promised. */
const limit = 1.3;
const colours = ['#0b6e4f', '#c1440e', '#2f4b9a', '#8a2f8a', '#a07a00', '#444444', '#0aa'];

const marks = [0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000];

/** Growth upwards, the site's size to the right, ten times as large each step: what grows with the site rises with a slope of one. */
export const drawingOf = (lines: readonly GrowthLine[]): string => {
  const sizes = lines[0]?.points.map(({ usersAtSite }) => usersAtSite) ?? [];
  const seen = lines.flatMap(({ points }) => points.map(({ growth }) => growth));
  const [least, most] = [Math.min(0.5, ...seen), Math.max(10, ...seen) * 1.1];
  const x = (index: number): number => left + ((right - left) * index) / Math.max(1, sizes.length - 1);
  const y = (growth: number): number => bottom - ((bottom - top) * Math.log(growth / least)) / Math.log(most / least);
  const ends = apart(lines.map(({ points }) => y(points.at(-1)?.growth ?? 1)));
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="13">`,
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    text(left, 26, 'Time of a request, over that at the smallest site (median, one connection)', 'start', '#000'),
    ...marks
      .filter((mark) => mark >= least && mark <= most)
      .flatMap((mark) => [
        line(left, y(mark), right, y(mark), '#ddd'),
        text(left - 8, y(mark) + 4, `${mark}×`, 'end', '#555'),
      ]),
    `<path d="M${left} ${y(limit)}H${right}" stroke="#b00" stroke-dasharray="5 4" fill="none"/>`,
    text(left + 6, y(limit) - 6, `${limit}× promised at most`, 'start', '#b00'),
    ...(lines[0]?.points ?? []).map(({ usersAtSite, users }, index) =>
      [
        text(x(index), bottom + 20, usersAtSite.toLocaleString('en'), 'middle', '#000'),
        text(x(index), bottom + 38, `of ${users.toLocaleString('en')}`, 'middle', '#777'),
      ].join('\n'),
    ),
    text((left + right) / 2, bottom + 56, 'users of the site, of the whole table', 'middle', '#555'),
    ...lines.map(({ title, points }, index) => {
      const colour = colours[index % colours.length] ?? '#000';
      const path = points.map(
        ({ growth }, point) => `${point === 0 ? 'M' : 'L'}${x(point).toFixed(1)} ${y(growth).toFixed(1)}`,
      );
      const last = points.at(-1)?.growth ?? 1;
      return [
        `<path d="${path.join('')}" stroke="${colour}" stroke-width="2" fill="none"/>`,
        ...points.map(
          ({ growth }, point) =>
            `<circle cx="${x(point).toFixed(1)}" cy="${y(growth).toFixed(1)}" r="3" fill="${colour}"/>`,
        ),
        text(right + 14, (ends[index] ?? 0) + 4, `${title} ${last.toFixed(2)}×`, 'start', colour),
      ].join('\n');
    }),
    '</svg>',
  ].join('\n')}\n`;
};

const labelHeight = 17;

/** Labels that would cover each other move up, as below them stands what the axis says. */
const apart = (heights: readonly number[]): readonly number[] => {
  const placed = new Map<number, number>();
  let last = bottom + labelHeight;
  for (const [index, height] of [...heights.entries()].sort(([, one], [, other]) => other - one)) {
    last = Math.min(height, last - labelHeight);
    placed.set(index, last);
  }
  return heights.map((height, index) => placed.get(index) ?? height);
};

const line = (x1: number, y1: number, x2: number, y2: number, colour: string): string =>
  `<path d="M${x1} ${y1.toFixed(1)}L${x2} ${y2.toFixed(1)}" stroke="${colour}"/>`;
const text = (x: number, y: number, words: string, anchor: 'start' | 'middle' | 'end', colour: string): string =>
  `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" text-anchor="${anchor}" fill="${colour}">${words.replaceAll('&', '&amp;').replaceAll('<', '&lt;')}</text>`;
