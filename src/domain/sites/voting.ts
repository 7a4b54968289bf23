import type { SiteConfig } from './site.ts';

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

/** Whether a text can be read as one of these dates, and names a day that there is: 30 February would be read as 1 March. */
export const isMoment = (text: string): boolean => instantOf(text, 'UTC') !== null && namesItsDay(text);

/** Whether a 29, 30 or 31 that is written is the day that it is read as. */
const namesItsDay = (text: string): boolean => {
  const colon = text.indexOf(':');
  const day = colon === -1 ? text : text.slice(0, colon).replace(/T?\d{1,2}$/i, '');
  const read = new Date(`${day} UTC`).getUTCDate();
  return (day.match(/\d+/g) ?? []).map(Number).every((number) => number < 29 || number > 31 || number === read);
};

/** A time with `Z` or `+02:00` behind it says itself in which zone it is. */
const offset = /\d(?:Z| ?(?:GMT|UTC))$|:\d{2}(?:\.\d+)? ?[+-]\d{2}:?\d{2}$/i;

/** Milliseconds since the epoch, to the second; null for what is no date. */
const instantOf = (text: string | null, timeZone: string): number | null => {
  if (text === null) return null;
  const written = text.trim();
  if (offset.test(written)) return toSecond(Date.parse(written));
  // Left alone, Date.parse would read every spelling but ISO 8601 in the machine's own zone.
  const asUtc = toSecond(Date.parse(`${written.replace(/(?<=\d)T(?=\d)/i, ' ')} UTC`));
  if (asUtc === null) return null;
  return instantIn(timeZone, asUtc);
};

/** From the year 1 to 9999: what a date can hold beyond that, no clock of a zone can show. */
const toSecond = (instant: number): number | null =>
  instant >= earliest && instant < latest ? Math.floor(instant / 1000) * 1000 : null;
const [earliest, latest] = [Date.parse('0001-01-02T00:00:00Z'), Date.parse('9999-12-31T00:00:00Z')];

/** The instant at which the clocks of a zone (an IANA name) show what UTC's clocks show at `wallClock`; in milliseconds. */
export const instantIn = (timeZone: string, wallClock: number): number => {
  // The offset at the guess may differ from the one at the answer around a change of the clocks: ask twice.
  const guess = wallClock - offsetAt(wallClock, timeZone);
  return wallClock - offsetAt(guess, timeZone);
};

/** How far the zone's clocks are ahead of UTC at an instant, in milliseconds. */
const offsetAt = (instant: number, timeZone: string): number => {
  const shown = clockOf(timeZone).formatToParts(instant);
  const part = (type: Intl.DateTimeFormatPartTypes): number =>
    Number(shown.find((one) => one.type === type)?.value ?? 0);
  const date = new Date(0);
  // Date.UTC would put years before 100 into the twentieth century.
  date.setUTCFullYear(part('year'), part('month') - 1, part('day'));
  date.setUTCHours(part('hour'), part('minute'), part('second'));
  return date.getTime() - Math.floor(instant / 1000) * 1000;
};

/** Making one costs as much as asking it a hundred times. */
const clockOf = (timeZone: string): Intl.DateTimeFormat => {
  const known = clocks.get(timeZone);
  if (known !== undefined) return known;
  const made = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  clocks.set(timeZone, made);
  return made;
};
const clocks = new Map<string, Intl.DateTimeFormat>();
