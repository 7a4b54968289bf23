/** What a run says of itself while it runs; on stderr, so that the table can be kept by itself. */
export interface Progress {
  say(line: string): void;
  /** A bar, where there is a terminal; else a line now and then. */
  share(what: string, done: number, total: number): void;
  /** The bar goes. */
  clear(): void;
}

const width = 30;
const everyMs = 5_000;

export const progressOn = (stream: NodeJS.WriteStream): Progress => {
  const startedAt = performance.now();
  let lastLineAt = -everyMs;
  const seconds = (): string => `${((performance.now() - startedAt) / 1000).toFixed(0).padStart(4)} s`;
  const clear = (): void => {
    if (stream.isTTY) stream.write('\r\u001B[K');
  };
  const say = (line: string): void => {
    clear();
    stream.write(`${seconds()}  ${line}\n`);
  };
  return {
    clear,
    say,
    share: (what, done, total) => {
      const part = total === 0 ? 1 : done / total;
      const percent = `${Math.floor(part * 100)} %`;
      if (stream.isTTY) {
        const bar = '█'.repeat(Math.round(part * width)).padEnd(width, '░');
        stream.write(`\r\u001B[K${seconds()}  ${bar} ${percent} ${what}`);
      } else if (performance.now() - lastLineAt > everyMs) {
        lastLineAt = performance.now();
        say(`${percent} ${what}`);
      }
    },
  };
};
