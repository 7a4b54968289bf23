let last: Promise<void> = Promise.resolve();

/**
 * Resolves in another turn of the event loop, after whatever came meanwhile from sockets. Whoever has much to do waits for it
 * between pieces of about a millisecond. One is let on a turn: ten who do so hold the loop no longer than one.
 */
export const nextTurn = (): Promise<void> => {
  last = last.then(
    () =>
      new Promise((resolve) => {
        setImmediate(resolve);
      }),
  );
  return last;
};
