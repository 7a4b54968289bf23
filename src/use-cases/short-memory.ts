import type { Clock } from '../ports/clock.ts';

/** What is known for a while only; bounded in number: what was kept first is forgotten first. */
export interface ShortMemory<T> {
  keep(name: string, value: T, ms: number): void;
  find(name: string): { readonly value: T; readonly secondsLeft: number } | null;
}

export const shortMemory = <T>(clock: Pick<Clock, 'now'>, most = 10_000): ShortMemory<T> => {
  const kept = new Map<string, { readonly value: T; readonly expiresAt: number }>();
  return {
    keep: (name, value, ms) => {
      kept.delete(name);
      kept.set(name, { value, expiresAt: clock.now().getTime() + ms });
      const [first] = kept.keys();
      if (kept.size > most && first !== undefined) kept.delete(first);
    },
    find: (name) => {
      const one = kept.get(name);
      const left = (one?.expiresAt ?? 0) - clock.now().getTime();
      if (one === undefined || left <= 0) {
        kept.delete(name);
        return null;
      }
      return { value: one.value, secondsLeft: left / 1000 };
    },
  };
};
