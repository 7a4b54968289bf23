/** Waits for its turn, and answers how to give it back. Rejects when the signal ends the wait. */
export type TakeTurn = (signal: AbortSignal) => Promise<() => void>;

/** One at a time, in the order of asking: replies of megabytes must not fill the memory however many come at once. */
export const turnByTurn = (): TakeTurn => {
  const waiting: (() => void)[] = [];
  let isTaken = false;
  const giveBack = (): void => {
    const next = waiting.shift();
    if (next === undefined) isTaken = false;
    else next();
  };
  return (signal) =>
    new Promise((resolve, reject) => {
      const taken = (): void => {
        signal.removeEventListener('abort', leave);
        resolve(giveBack);
      };
      const leave = (): void => {
        waiting.splice(waiting.indexOf(taken), 1);
        reject(new Error('the time was over before its turn'));
      };
      if (signal.aborted) {
        reject(new Error('the time is over'));
        return;
      }
      signal.addEventListener('abort', leave, { once: true });
      if (isTaken) {
        waiting.push(taken);
        return;
      }
      isTaken = true;
      taken();
    });
};
