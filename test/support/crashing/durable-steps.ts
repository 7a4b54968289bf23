import { isWrite } from './crashes.ts';

/**
 * At which steps to kill: all of them, or with CRASH_STEPS=durable those before and behind which the database, or another machine, holds
 * something else: a commit, a write by itself, a call. Between these nothing that a kill leaves differs.
 */
export const stepsToKillAt = (steps: readonly string[]): readonly number[] => {
  const all = steps.map((_step, at) => at + 1);
  if (process.env['CRASH_STEPS'] !== 'durable') return all;
  const durable = new Set<number>();
  let isInside = false;
  for (const [at, step] of steps.entries()) {
    if (/^database: BEGIN|^database: START/.test(step)) isInside = true;
    const isEnd = step.startsWith('database: COMMIT');
    if (isEnd || !step.startsWith('database:') || (!isInside && isWrite(step))) {
      durable.add(at + 1);
      durable.add(Math.min(at + 2, steps.length));
    }
    if (isEnd) isInside = false;
  }
  return all.filter((step) => durable.has(step));
};
