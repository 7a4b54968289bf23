/** A Markdown table as prettier writes it: every column as wide as its widest cell. */
export const table = (head: readonly string[], rows: readonly (readonly string[])[]): string => {
  const cells = [head, ...rows].map((row) => row.map((cell) => cell.replaceAll('|', '\\|')));
  const widths = head.map((_, column) => Math.max(3, ...cells.map((row) => widthOf(row[column] ?? ''))));
  const line = (row: readonly string[]): string =>
    `| ${widths.map((width, column) => padded(row[column] ?? '', width)).join(' | ')} |`;
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`;
  const [first = [], ...others] = cells;
  return [line(first), rule, ...others.map(line)].join('\n');
};

/** In characters, not in UTF-16 units. */
const widthOf = (text: string): number => Array.from(text).length;
const padded = (text: string, width: number): string => text + ' '.repeat(width - widthOf(text));

export const code = (text: string): string => `\`${text}\``;
export const codes = (texts: readonly string[]): string => (texts.length === 0 ? '–' : texts.map(code).join(', '));

/** What stands at the top of a page that nobody writes by hand. */
export const generated = (title: string, from: string, intro: string, ...parts: readonly string[]): string =>
  `${[`# ${title}`, `<!-- Written by \`npm run docs\` from ${from}: change that, not this. -->`, intro, ...parts].join('\n\n')}\n`;
