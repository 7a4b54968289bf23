import { clean, type Output } from './io.ts';

export type Cell = string | number | Date | null;

/** At a terminal columns that stand under each other; through a pipe one line a row, with tabs between. */
export const tableText = (output: Output, head: readonly string[], rows: readonly (readonly Cell[])[]): string =>
  output.isTerminal ? aligned(output, head, rows) : tabbed(head, rows);

const tabbed = (head: readonly string[], rows: readonly (readonly Cell[])[]): string => tabbedLines([head, ...rows]);

const tabbedLines = (rows: readonly (readonly Cell[])[]): string =>
  rows
    .map((cells) => cells.map((cell) => (cell instanceof Date ? cell.toISOString() : clean(String(cell ?? '')))))
    .map((cells) => `${cells.join('\t')}\n`)
    .join('');

const aligned = (output: Output, head: readonly string[], rows: readonly (readonly Cell[])[]): string => {
  const texts = rows.map((cells) => cells.map(shown));
  const widths = head.map((name, at) => Math.max(width(name), ...texts.map((cells) => width(cells[at] ?? ''))));
  const isNumber = head.map((_, at) => rows.some((cells) => typeof cells[at] === 'number'));
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, at) => {
        const space = ' '.repeat(Math.max(0, (widths[at] ?? 0) - width(cell)));
        return isNumber[at] === true ? space + cell : cell + space;
      })
      .join('  ')
      .trimEnd();
  return [output.paint('bold', line(head)), ...texts.map(line)].map((text) => `${text}\n`).join('');
};

const shown = (cell: Cell): string => {
  if (cell === null) return '–';
  return cell instanceof Date ? momentText(cell) : clean(String(cell));
};

/** To the second, in UTC. */
export const momentText = (moment: Date): string => `${moment.toISOString().slice(0, 19).replace('T', ' ')}Z`;

const signs = new Intl.Segmenter();
const width = (text: string): number => [...signs.segment(text)].length;

/** Facts by name, one a line. */
export const factsText = (output: Output, facts: readonly (readonly [name: string, value: Cell])[]): string => {
  if (!output.isTerminal) return tabbedLines(facts);
  const widest = Math.max(...facts.map(([name]) => width(name)));
  return facts.map(([name, value]) => `${output.paint('dim', name.padEnd(widest))}  ${shown(value)}\n`).join('');
};
