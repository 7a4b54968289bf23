import type { Io } from './io.ts';

/** How far a long work is; `of` null: nobody knows of how many. */
export interface Step {
  readonly work: string;
  readonly done: number;
  readonly of: number | null;
}
export interface Progress {
  readonly tell: (step: Step) => void;
  readonly end: () => void;
}

/** At a terminal a bar with rate and remaining time in one line that is written over, ten times a second at most; else nothing. */
export const progressAt = (
  { err, show }: Pick<Io, 'err' | 'show'>,
  now: () => number = () => performance.now(),
): Progress => {
  let begun: { readonly work: string; readonly at: number; readonly done: number } | null = null;
  let shownAt = -Infinity;
  return {
    tell: (step) => {
      if (begun?.work !== step.work) {
        begun = { work: step.work, at: now(), done: step.done };
        shownAt = -Infinity;
      }
      const isLast = step.done === step.of;
      if (now() - shownAt < 100 && !isLast) return;
      shownAt = now();
      show(barText(step, step.done - begun.done, (now() - begun.at) / 1000, err.columns));
    },
    end: () => {
      show('');
    },
  };
};

const number = new Intl.NumberFormat('en');

/** `done` of them since the work began, in so many seconds. Cut off where the terminal ends. */
export const barText = ({ work, done, of }: Step, since: number, seconds: number, columns: number): string => {
  const rate = seconds >= 1 && since > 0 ? since / seconds : null;
  const rateText = rate === null ? [] : [`${rate >= 10 ? number.format(Math.round(rate)) : rate.toFixed(1)}/s`];
  if (of === null || of === 0)
    return [done === 0 ? work : `${work}: ${number.format(done)}`, ...rateText].join(', ').slice(0, columns - 1);
  const share = Math.min(1, done / of);
  const left = rate === null || done >= of ? [] : [`${durationText((of - done) / rate)} left`];
  const facts = [`${number.format(done)} of ${number.format(of)}`, ...rateText, ...left].join(', ');
  const room = Math.min(30, columns - work.length - facts.length - 6);
  const bar = room < 5 ? '' : ` [${'#'.repeat(Math.round(share * room)).padEnd(room, '.')}]`;
  return `${work}${bar} ${facts}`.slice(0, columns - 1);
};

const durationText = (seconds: number): string => {
  if (seconds < 90) return `${Math.ceil(seconds)} s`;
  return seconds < 5400 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`;
};
