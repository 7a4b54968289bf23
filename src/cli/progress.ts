import type { OnProgress, Progress } from '../db/adoption/report.ts';
import type { Log } from '../ports/platform.ts';

const pauseMs = 5_000;

/** Says how far a long work is: at a terminal in one line that is written over, else in the log, every few seconds. */
export const tellProgress = (
  terminal: { readonly isTTY?: boolean; write(text: string): unknown },
  log: Pick<Log, 'info'>,
  now: () => number = Date.now,
): { readonly onProgress: OnProgress; readonly end: () => void } => {
  let toldAt = now();
  let isOpen = false;
  return {
    onProgress: (progress) => {
      if (terminal.isTTY === true) {
        isOpen = true;
        terminal.write(`\r\u001b[K${lineOf(progress)}`);
      } else if (now() - toldAt >= pauseMs) {
        toldAt = now();
        log.info({ ...progress }, 'adopting');
      }
    },
    end: () => {
      if (isOpen) terminal.write('\r\u001b[K');
      isOpen = false;
    },
  };
};

const lineOf = ({ work, done, of }: Progress): string => {
  if (of === null) return done === 0 ? work : `${work}: ${done} rows`;
  return `${work}: ${done} of ${of}`;
};
