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
