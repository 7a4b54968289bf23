import { existsSync, readFileSync, rmSync } from 'node:fs';

/** What the scenarios wrote down, as one table at the end of the run: that of docs/operate.md. */
const file = 'node_modules/.cache/civitas-cluster.jsonl';

export default class Table {
  onRunStart() {
    rmSync(file, { force: true });
  }
  onRunComplete() {
    if (!existsSync(file)) return;
    const rows = readFileSync(file, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    const cells = rows.map((row) => [
      ...[
        row.scenario,
        row.writing,
        row.calls,
        row.done,
        row.unavailable,
        row.other,
        seconds(row.awayMs),
        row.longestMs,
        row.left,
      ],
    ]);
    const heads = [
      'scenario',
      'nodes that write',
      'calls',
      '2xx',
      '503',
      'other',
      '503 until (s)',
      'longest (ms)',
      'left over',
    ];
    const widths = heads.map((head, at) => Math.max(head.length, ...cells.map((line) => String(line[at]).length)));
    const isNumber = (at) => at >= 2 && at <= 7;
    const line = (texts) => `| ${texts.map((text, at) => padded(text, widths[at], isNumber(at))).join(' | ')} |`;
    const rule = widths.map((width, at) => (isNumber(at) ? `${'-'.repeat(width - 1)}:` : '-'.repeat(width)));
    process.stdout.write(`\n${[line(heads), line(rule), ...cells.map(line)].join('\n')}\n`);
  }
}
const padded = (text, width, isNumber) => (isNumber ? String(text).padStart(width) : String(text).padEnd(width));
const seconds = (ms) => (ms === 0 || ms === null ? '' : (ms / 1000).toFixed(1));
