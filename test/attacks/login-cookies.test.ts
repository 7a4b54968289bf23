import { request } from 'node:http';
import { startSentences, type SentenceWorld } from '../journeys/sentences/support/world.ts';

/**
 * A login takes back those of its cookies that a browser has had longest. Whoever sent hundreds was answered as many, each of which cost as
 * much as all before it: forty such requests of 14 kB, from anybody, held the event loop for two seconds; and of a head of 80 kB a proxy
 * makes a 502, so that a neighbouring host could keep somebody from logging in. Source: docs/reference/neighbours.md "Cost".
 */
const site = 11;
let s: SentenceWorld;
beforeAll(async () => {
  s = await startSentences({ [site]: { config: { allowedDomains: ['127.0.0.1'] } } });
});
afterAll(() => s.close());

const prefix = 'civitas-login-';

/** Begins a login as a browser that has these cookies; answers those that it is told to keep or to give up. */
const begun = (held: readonly string[]): Promise<{ readonly status: number; readonly cookies: readonly string[] }> =>
  new Promise((resolve, reject) => {
    const address = `${s.world.url}/oauth/site/${site}/login?redirectUrl=${encodeURIComponent('http://127.0.0.1/')}`;
    const headers = { cookie: held.map((name) => `${name}=x`).join('; ') };
    request(address, { headers, maxHeaderSize: 1_000_000 }, (answer) => {
      answer.resume();
      resolve({ status: answer.statusCode ?? 0, cookies: answer.headers['set-cookie'] ?? [] });
    })
      .once('error', reject)
      .end();
  });
const taken = (cookies: readonly string[]): readonly string[] =>
  cookies.filter((one) => one.includes('Max-Age=0')).map((one) => one.slice(0, one.indexOf('=')));

test('whoever has hundreds of them is told of a few at a time, until few are left', async () => {
  let held = Array.from({ length: 600 }, (_none, number) => prefix + number.toString(36));
  const { status, cookies } = await begun(held);
  expect(status).toBe(302);
  expect(cookies.length).toBeLessThanOrEqual(21);

  // Those that it has had longest.
  expect(taken(cookies)).toEqual(held.slice(0, 20));
  held = held.slice(-30);
  for (let logins = 0; logins < 2; logins += 1) {
    const gone = taken((await begun(held)).cookies);
    held = [...held.filter((name) => !gone.includes(name)), `${prefix}new-${logins}`];
  }
  expect(held).toHaveLength(10);
});
