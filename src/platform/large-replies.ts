/** Waits for its turn, and answers how to give it back. Rejects when the signal ends the wait, and where too many wait already. */
export type TakeTurn = (signal: AbortSignal) => Promise<() => void>;

/** Each keeps a connection from those who want little. */
const maxWaiting = 3;

/** One at a time, in the order of asking: replies of megabytes must not fill the memory however many come at once. */
export const turnByTurn = (): TakeTurn => {
  const waiting: (() => void)[] = [];
  let isTaken = false;
  const giveBack = (): void => {
    const next = waiting.shift();
    if (next === undefined) isTaken = false;
    else next();
  };
  return async (signal) => {
    signal.throwIfAborted();
    if (!isTaken) {
      isTaken = true;
      return giveBack;
    }
    if (waiting.length >= maxWaiting) throw new Error('too many wait for their turn');
    await new Promise<void>((resolve, reject) => {
      const leave = (): void => {
        waiting.splice(waiting.indexOf(taken), 1);
        reject(new Error('the time was over before its turn'));
      };
      const taken = (): void => {
        signal.removeEventListener('abort', leave);
        resolve();
      };
      signal.addEventListener('abort', leave, { once: true });
      waiting.push(taken);
    });
    return giveBack;
  };
};
