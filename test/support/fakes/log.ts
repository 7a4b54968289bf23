import type { Log } from '../../../src/ports/platform.ts';

export interface LogLine {
  readonly level: 'info' | 'warn' | 'error';
  readonly facts: Readonly<Record<string, unknown>>;
  readonly line: string;
}
export interface FakeLog extends Log {
  readonly lines: readonly LogLine[];
}

/** Keeps every line for the test to read. */
export const fakeLog = (): FakeLog => {
  const lines: LogLine[] = [];
  const keep =
    (level: LogLine['level']): Log['info'] =>
    (facts, line) => {
      lines.push({ level, facts, line });
    };
  return { lines, info: keep('info'), warn: keep('warn'), error: keep('error') };
};
