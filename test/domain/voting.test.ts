import { siteConfigOf } from '../../src/domain/sites/site.ts';
import { isVotingActive } from '../../src/domain/sites/voting.ts';
import type { JsonObject } from '../../src/domain/json.ts';

const isActive = (votes: JsonObject, now: string, timeZone = 'Europe/Amsterdam') =>
  isVotingActive(siteConfigOf({ votes }).votes, new Date(now), timeZone);
const noon = '2024-06-01T12:00:00Z';

describe('what the site says of its voting', () => {
  const open = { isActiveFrom: '2024-01-01', isActiveTo: '2024-12-31' };
  const over = { isActiveFrom: '2023-01-01', isActiveTo: '2023-12-31' };

  it.each([
    [{ isActive: true }, true],
    [{ isActive: true, ...over }, true],
    [{ isActive: false, ...open }, false],
    [{ isActive: null, ...open }, true],
    [{ ...open }, true],
    [{ ...over }, false],
    [{ isActive: null }, false],
    [{}, false],
    [{ isActiveFrom: '2024-01-01' }, false],
    [{ isActiveTo: '2024-12-31' }, false],
    [{ isActiveFrom: 'soon', isActiveTo: '2024-12-31' }, false],
    [{ isActiveFrom: '2024-01-01', isActiveTo: '2024-13-01' }, false],
    [{ isActiveFrom: '', isActiveTo: null }, false],
    [{ isActiveFrom: '2024-12-31', isActiveTo: '2024-01-01' }, false],
    [{ isActiveFrom: '275760-09-13', isActiveTo: '275760-09-13' }, false],
    [{ isActiveFrom: '-271821-04-20', isActiveTo: '+275760-09-13T00:00:00Z' }, false],
    [{ isActiveFrom: '10000-01-01', isActiveTo: '0000-01-01' }, false],
  ] as const)('%j is active: %s', (votes, active) => {
    expect(isActive(votes, noon)).toBe(active);
  });
});

/** From which second on voting is active, when it begins at `from`. */
const begins = (from: string, instant: string, timeZone?: string) => {
  const votes = { isActiveFrom: from, isActiveTo: '2099-01-01' };
  const before = new Date(new Date(instant).getTime() - 1).toISOString();
  return !isActive(votes, before, timeZone) && isActive(votes, instant, timeZone);
};

describe('when it begins', () => {
  it.each([
    ['2024-01-15', '2024-01-14T23:00:00Z'],
    ['2024-07-15', '2024-07-14T22:00:00Z'],
    ['2024-01-15 09:30', '2024-01-15T08:30:00Z'],
    ['2024-07-15T09:30:10', '2024-07-15T07:30:10Z'],
    ['2024-07-15T09:30:10.500', '2024-07-15T07:30:10Z'],
    [' 2024-7-5 9:30 ', '2024-07-05T07:30:00Z'],
    ['July 5, 2024 09:30', '2024-07-05T07:30:00Z'],
    ['2024-07-15T09:30:00Z', '2024-07-15T09:30:00Z'],
    ['2024-07-15T09:30:00+02:00', '2024-07-15T07:30:00Z'],
    ['2024-07-15 09:30:00 +0200', '2024-07-15T07:30:00Z'],
    ['2024-07-15T09:30:00.000-05:00', '2024-07-15T14:30:00Z'],
  ])('%s in Amsterdam is %s', (from, instant) => {
    expect(begins(from, instant)).toBe(true);
  });

  it.each([
    // The clocks go forward from 02:00 to 03:00 …
    ['2024-03-31 01:59:59', '2024-03-31T00:59:59Z'],
    ['2024-03-31 02:30', '2024-03-31T01:30:00Z'],
    ['2024-03-31 03:00', '2024-03-31T01:00:00Z'],
    // … and back from 03:00 to 02:00.
    ['2024-10-27 01:59:59', '2024-10-26T23:59:59Z'],
    ['2024-10-27 03:00', '2024-10-27T02:00:00Z'],
  ])('%s, when the clocks change, is %s', (from, instant) => {
    expect(begins(from, instant)).toBe(true);
  });

  it('an hour that is there twice is one of the two', () => {
    const from = '2024-10-27 02:30';
    expect(begins(from, '2024-10-27T00:30:00Z') || begins(from, '2024-10-27T01:30:00Z')).toBe(true);
  });

  it.each([
    ['America/New_York', '2024-07-15T04:00:00Z'],
    ['Asia/Kolkata', '2024-07-14T18:30:00Z'],
    ['Pacific/Kiritimati', '2024-07-14T10:00:00Z'],
    ['UTC', '2024-07-15T00:00:00Z'],
  ])('2024-07-15 in %s is %s', (timeZone, instant) => {
    expect(begins('2024-07-15', instant, timeZone)).toBe(true);
  });
});

it('ends with the last second that it names', () => {
  const votes = { isActiveFrom: '2024-01-01', isActiveTo: '2024-05-31 23:59:59' };
  expect(isActive(votes, '2024-05-31T21:59:59Z')).toBe(true);
  expect(isActive(votes, '2024-05-31T22:00:00Z')).toBe(false);
});
