import type { Ports } from '../ports/index.ts';

/** Whether what was read from the OAuth server at that moment still counts as fresh; null: it never was read. Source: oauth-server.md §3. */
export const isFresh = ({ clock, settings }: Pick<Ports, 'clock' | 'settings'>, at: Date | null): boolean =>
  secondsSince(clock, at) <= settings.freshSeconds;

/** Infinity for never. */
export const secondsSince = (clock: Pick<Ports['clock'], 'now'>, at: Date | null): number =>
  at === null ? Infinity : (clock.now().getTime() - at.getTime()) / 1000;
