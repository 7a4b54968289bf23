import { gzipSync } from 'node:zlib';
import { startRecordedWorld, type RecordedWorld } from '../support/recorded-world.ts';

let world: RecordedWorld;
beforeAll(async () => {
  world = await startRecordedWorld();
});
afterAll(() => world.close());

const send = (path: string, body: string | Buffer, headers: Readonly<Record<string, string>> = {}) =>
  fetch(world.url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : new Uint8Array(body),
  });
const zipped = { 'content-encoding': 'gzip' };

describe('a visitor with three hundred bytes of gzip', () => {
  it.each([
    ['one long key over a list of 66,000', `{"${'k'.repeat(130_000)}":[${'0,'.repeat(65_999)}0]}`],
    ['a list of 130,000', `{"a":[${'0,'.repeat(129_000)}0]}`],
    ['130,000 lists in one another', `${'['.repeat(130_000)}${']'.repeat(130_000)}`],
    ['130,000 commas that are no JSON', ','.repeat(130_000)],
    ['20,000 keys', `{${Array.from({ length: 20_000 }, (_none, at) => `"${at}":0`).join(',')}}`],
  ])('is refused %s while it is read', async (_what, body) => {
    const answer = await send('/oauth/token', gzipSync(body, { level: 9 }), zipped);

    expect([answer.status, await answer.json()]).toEqual([
      422,
      {
        error: 'invalid_request',
        error_description: expect.stringMatching(/^The body (?:holds more|is nested deeper) than/),
      },
    ]);
  });

  it('is refused more than the limit, which counts what was unpacked', async () => {
    expect((await send('/oauth/token', gzipSync(' '.repeat(10_000_000)), zipped)).status).toBe(413);
  });
});

describe('a visitor with a form', () => {
  const form = { 'content-type': 'application/x-www-form-urlencoded' };

  it.each(['/oauth/token', '/oauth/site/1/backchannel-logout'])('of 128,000 fields is refused at %s', async (path) => {
    expect((await send(path, 'a&'.repeat(128_000), form)).status).toBe(422);
  });
});

describe('a visitor with a header of commas and one quote', () => {
  it('is not shown a page', async () => {
    const answer = await fetch(`${world.url}/oauth/site/1/login?redirectUrl=x`, {
      headers: { accept: `text/html,"${','.repeat(12_000)}` },
    });

    expect([answer.status, answer.headers.get('content-type')]).toEqual([
      400,
      'application/problem+json; charset=utf-8',
    ]);
  });
});

describe('a visitor who filters', () => {
  it('by a year of days is refused, as each row would be compared with each', async () => {
    const days = Array.from({ length: 365 }, (_none, at) => new Date(at * 86_400_000).toISOString().slice(0, 10));
    const asked = (count: number) => {
      const filter = JSON.stringify({ createdAt: days.slice(0, count) });
      return world.call(null, 'GET', `/api/site/1/user?page=0&filter=${encodeURIComponent(filter)}`);
    };

    expect([(await asked(31)).status, (await asked(32)).status, (await asked(365)).status]).toEqual([200, 400, 400]);
  });
});

describe('a visitor who was shown the address of a receipt', () => {
  it('reads it at that address only, as another that is read alike is none', async () => {
    const did = await world.call('admin', 'PUT', '/api/site/1/user/111/do-anonymize?view=summary');
    const address = /<(.+)>/.exec(did.headers.get('link') ?? '')?.[1] ?? 'none';
    const read = async (path: string) => (await world.call(null, 'GET', path)).status;

    expect(await read(address)).toBe(200);
    for (const other of [`${address}a`, `${address}ag`, `${address}-`, address.slice(0, -1)])
      expect([other.length - address.length, await read(other)]).toEqual([other.length - address.length, 404]);
  });
});

it('asks the database by /metrics and /health/ready, which no limit counts, a few times a second at most', async () => {
  const before = world.statements();
  const asked = Array.from({ length: 200 }, (_none, at) =>
    fetch(world.url + (at % 2 === 0 ? '/metrics' : '/health/ready')),
  );
  expect((await Promise.all(asked)).map(({ status }) => status)).toEqual(Array.from({ length: 200 }, () => 200));

  // Two each, and as many again for each half second that it took; 400 without.
  expect(world.statements() - before).toBeLessThan(100);
});
