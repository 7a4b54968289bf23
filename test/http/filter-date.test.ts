import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { filterDate } from '../../src/http/requests/filter.ts';
import { json, list } from './support/listing.ts';

/** user-api.md §3 "List": dates as RFC 3339 or a day, read in TIME_ZONE where they name no offset. */
const amsterdam = 'Europe/Amsterdam';
const hourMs = 3_600_000;

describe('a moment in a filter', () => {
  test.each([
    ['2024-06-01T12:00:00Z', '2024-06-01T12:00:00.000Z'],
    ['2024-06-01t12:00:00z', '2024-06-01T12:00:00.000Z'],
    ['2024-06-01 12:00:00.250Z', '2024-06-01T12:00:00.250Z'],
    ['2024-06-01T12:00:00+02:00', '2024-06-01T10:00:00.000Z'],
    ['2024-06-01T12:00:00-05:30', '2024-06-01T17:30:00.000Z'],
    ['2024-06-01T00:30:00+14:00', '2024-05-31T10:30:00.000Z'],
    ['2024-02-29T23:59:59-00:00', '2024-02-29T23:59:59.000Z'],
  ])('means what its offset says, wherever we are: %s', (text, instant) => {
    for (const zone of [amsterdam, 'UTC', 'America/New_York', 'Asia/Kathmandu'])
      expect(filterDate(text, zone)).toBe(instant);
  });

  test.each([
    ['2024-01-15T12:00:00', amsterdam, '2024-01-15T11:00:00.000Z'],
    ['2024-06-01T12:00:00', amsterdam, '2024-06-01T10:00:00.000Z'],
    ['2024-06-01T00:30:00.5', amsterdam, '2024-05-31T22:30:00.500Z'],
    ['2024-06-01T12:00:00', 'America/New_York', '2024-06-01T16:00:00.000Z'],
    ['2024-06-01T12:00:00', 'Asia/Kathmandu', '2024-06-01T06:15:00.000Z'],
    // The clocks go from 02:00 to 03:00, and from 03:00 back to 02:00.
    ['2024-03-31T01:59:59', amsterdam, '2024-03-31T00:59:59.000Z'],
    ['2024-03-31T03:00:00', amsterdam, '2024-03-31T01:00:00.000Z'],
    ['2024-10-27T01:59:59', amsterdam, '2024-10-26T23:59:59.000Z'],
    ['2024-10-27T03:00:00', amsterdam, '2024-10-27T02:00:00.000Z'],
  ])('that names no offset is what the clocks of TIME_ZONE show: %s in %s', (text, zone, instant) => {
    expect(filterDate(text, zone)).toBe(instant);
  });

  test('that the clocks leave out or show twice is within the hour of it', () => {
    const skipped = filterDate('2024-03-31T02:30:00', amsterdam);
    const twice = filterDate('2024-10-27T02:30:00', amsterdam);

    expect(['2024-03-31T00:30:00.000Z', '2024-03-31T01:30:00.000Z']).toContain(skipped);
    expect(['2024-10-27T00:30:00.000Z', '2024-10-27T01:30:00.000Z']).toContain(twice);
  });
});

describe('a day in a filter', () => {
  test.each([
    ['2024-06-01', amsterdam, '2024-05-31T22:00:00.000Z', 24],
    ['2024-01-01', amsterdam, '2023-12-31T23:00:00.000Z', 24],
    ['2024-03-31', amsterdam, '2024-03-30T23:00:00.000Z', 23],
    ['2024-10-27', amsterdam, '2024-10-26T22:00:00.000Z', 25],
    ['2024-06-01', 'UTC', '2024-06-01T00:00:00.000Z', 24],
    ['2024-03-10', 'America/New_York', '2024-03-10T05:00:00.000Z', 23],
    ['2024-02-29', 'Pacific/Kiritimati', '2024-02-28T10:00:00.000Z', 24],
  ])('is the whole day in TIME_ZONE: %s in %s', (day, zone, from, hours) => {
    const before = new Date(Date.parse(from) + hours * hourMs).toISOString();

    expect(filterDate(day, zone)).toEqual({ from, before });
  });

  test('ends where the next one begins, all the year round', () => {
    for (const zone of [amsterdam, 'America/New_York', 'Australia/Lord_Howe', 'Africa/Casablanca']) {
      const days = Array.from({ length: 366 }, (_none, at) =>
        new Date(Date.UTC(2024, 0, 1 + at)).toISOString().slice(0, 10),
      );
      const read = days.map((day) => filterDate(day, zone) as { from: string; before: string });

      expect(read.slice(1).map(({ from }) => from)).toEqual(read.slice(0, -1).map(({ before }) => before));
      expect(read.filter(({ from, before }) => from >= before)).toEqual([]);
    }
  });
});

describe('what is no date', () => {
  test.each([
    ...['2023-02-29', '2024-02-30', '2024-13-01', '2024-00-10', '2024-04-31', '2024-01-00', '0000-01-01'],
    ...['2024-02-30T12:00:00Z', '2024-06-01T24:00:00Z', '2024-06-01T12:60:00Z', '2024-06-01T12:00:61'],
    ...['2024-06-01T12:00:00+24:00', '2024-06-01T12:00:00+0200', '2024-06-01T12:00', '2024-06-01T', '2024-6-1'],
    ...['2024-06', '2024', '01-06-2024', '+012024-06-01', '20240601', 'yesterday', '', ' 2024-06-01', '2024-06-01\n'],
    ...['1717200000000', 'June 1, 2024'],
  ])('is 400 and names the filter: %j', async (text) => {
    const answers = [
      await list(`page=0&filter=${json({ createdAt: text })}`),
      await list(`page=0&filter=${json({ createdAt: ['2024-01-01', text] })}`),
      await list(`page=0&filter=${json({ lastLogin: { '!=': text } })}`),
    ];

    expect(answers.map(({ status, pointer }) => [status, pointer])).toEqual(answers.map(() => [400, 'filter']));
  });
});

test('a request means the same whatever TZ the process runs under', async () => {
  const texts = ['2024-06-01', '2024-03-31', '2024-10-27', '2024-03-10', '2024-06-01T00:30:00', '2024-03-31T03:00:00'];
  const here = texts.map((text) => filterDate(text, amsterdam));

  for (const timeZone of ['America/New_York', 'Asia/Tokyo', 'UTC', amsterdam])
    expect([timeZone, readUnder(timeZone, texts)]).toEqual([timeZone, here]);
  expect((await list(`page=0&filter=${json({ createdAt: '2024-06-01' })}`)).command['conditions']).toEqual([
    {
      field: 'createdAt',
      is: 'equal',
      values: [{ from: '2024-05-31T22:00:00.000Z', before: '2024-06-01T22:00:00.000Z' }],
    },
  ]);
});

/** What a process whose own clocks are another zone's makes of these texts. */
const readUnder = (timeZone: string, texts: readonly string[]): unknown => {
  const file = JSON.stringify(join(process.cwd(), 'src/http/requests/filter.ts'));
  const program = `import { filterDate } from ${file};
    const texts = ${JSON.stringify(texts)};
    const own = new Date(2024, 5, 1).getTimezoneOffset();
    process.stdout.write(JSON.stringify({ own, read: texts.map((text) => filterDate(text, ${JSON.stringify(amsterdam)})) }));`;
  const hooks = join(process.cwd(), 'test/support/typescript-hooks.mjs');
  const printed = execFileSync(process.execPath, ['--import', hooks, '--input-type=module', '-e', program], {
    encoding: 'utf8',
    env: { ...process.env, TZ: timeZone },
  });
  const { own, read } = JSON.parse(printed) as { own: number; read: unknown };
  // That the child's clocks are that zone's at all.
  expect([timeZone, own]).toEqual([timeZone, offsets[timeZone]]);
  return read;
};
const offsets: Readonly<Record<string, number>> = {
  'America/New_York': 240,
  'Asia/Tokyo': -540,
  UTC: 0,
  [amsterdam]: -120,
};
