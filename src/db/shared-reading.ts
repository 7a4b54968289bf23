/**
 * One reading at a time, for who must not be answered by one that began before they asked: all who ask while it is under way share
 * the next one.
 */
export const sharedReading = <T>(read: () => Promise<T>): (() => Promise<T>) => {
  let underWay: Promise<T> | null = null;
  let next: Promise<T> | null = null;

  const begin = (): Promise<T> => {
    next = null;
    underWay = read().finally(() => {
      underWay = null;
    });
    return underWay;
  };

  return () => {
    if (next !== null) return next;
    if (underWay === null) return begin();
    next = underWay.then(begin, begin);
    return next;
  };
};
