export interface Clock {
  now(): Date;
  /** What the promise gives within `ms`, else undefined; the promise itself goes on, and its later failure is not lost (logged by the caller's own handler). */
  within<T>(promise: Promise<T>, ms: number): Promise<T | undefined>;
  /** A fraction in [0, 1) for spreading pauses. */
  spread(): number;
}
