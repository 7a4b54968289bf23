import type { SiteConfig } from './site-config.ts';

/**
 * Whether a site's voting is active: `isActive` true, or not said while now lies between `isActiveFrom` and `isActiveTo`.
 * Dates without an offset are read in `timeZone` (an IANA name). Source: anonymization.md §2.
 */
export const isVotingActive = (votes: SiteConfig['votes'], now: Date, timeZone: string): boolean => {
  if (votes.isActive !== null) return votes.isActive;
  const from = instantOf(votes.isActiveFrom, timeZone);
  const to = instantOf(votes.isActiveTo, timeZone);
  return from !== null && to !== null && from <= now.getTime() && now.getTime() <= to;
};

const written = /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?)?$/;

/** Milliseconds since the epoch, or null for what is no date. */
const instantOf = (text: string | null, timeZone: string): number | null => {
  if (text === null) return null;
  const parts = written.exec(text.trim());
  if (parts === null) {
    const absolute = Date.parse(text);
    return Number.isNaN(absolute) ? null : absolute;
  }
  const [year, month, day, hour, minute, second] = parts.slice(1).map((part) => Number(part || 0));
  const asUtc = Date.UTC(year ?? 0, (month ?? 1) - 1, day, hour, minute, second);
  // The offset at the guess may differ from the one at the answer around a change of the clocks: ask twice.
  const guess = asUtc - offsetAt(asUtc, timeZone);
  return asUtc - offsetAt(guess, timeZone);
};

/** How far the zone's clocks are ahead of UTC at an instant, in milliseconds. */
const offsetAt = (instant: number, timeZone: string): number => {
  const shown = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  }).formatToParts(instant);
  const part = (type: Intl.DateTimeFormatPartTypes): number =>
    Number(shown.find((one) => one.type === type)?.value ?? 0);
  return Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second')) - instant;
};
