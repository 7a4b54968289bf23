import type { Ports } from '../ports/index.ts';
import type { Clock } from '../ports/platform.ts';

/** Whether what was read from the OAuth server at that moment still counts as fresh; null: it never was read. Source: oauth-server.md §3. */
export const isFresh = ({ clock, settings }: Pick<Ports, 'clock' | 'settings'>, at: Date | null): boolean =>
  secondsSince(clock, at) <= settings.freshSeconds;

/** Infinity for never. */
export const secondsSince = (clock: Pick<Ports['clock'], 'now'>, at: Date | null): number =>
  at === null ? Infinity : (clock.now().getTime() - at.getTime()) / 1000;

/** What is known for a while only; bounded in number: what was kept first is forgotten first. */
interface ShortMemory<T> {
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
