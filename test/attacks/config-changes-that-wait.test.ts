import { startSentences, type SentenceWorld } from '../journeys/sentences/support/world.ts';
import { statementsAtRest } from './support/at-rest.ts';
import { until } from '../support/until.ts';

/**
 * A change of a config is worked out in its sender's turn, of which there are two (one, embedded). What it waits for besides is nobody
 * else's business: the lease on the domain that it takes, or credentials that are tried at a slow machine kept all others from theirs.
 * Source: docs/reference/neighbours.md "Cost".
 */
const [ours, theirs] = [11, 12] as const;
let s: SentenceWorld;
beforeAll(async () => {
  s = await startSentences({ [ours]: {}, [theirs]: {} });
});
afterEach(() => s.world.oauth.proxy.behave('pass'));
afterAll(() => s.close());

const config = (word: string) => ({ cms: { word } });
/** Two at our site, each of whom waits with what they change, and one elsewhere who is done before them. */
const isInNoWay = async (
  waits: (call: typeof s.put) => readonly Promise<unknown>[],
  areWaiting: () => Promise<void>,
) => {
  const other = (await s.person({ at: { [theirs]: 'editor' } })).at[theirs]!;
  expect((await s.put(other, `/api/site/${theirs}`, { title: 'Bekend' })).status).toBe(200);
  const order: string[] = [];
  const waiting = waits(s.put).map((call) => call.then(() => order.push('waited')));
  await areWaiting();
  const { status } = await s.put(other, `/api/site/${theirs}`, { config: config('other') });
  order.push(`other ${status}`);
  return { order, waiting };
};

test('those who take a domain that others are taking', async () => {
  const { withLease, secrets } = s.world.container.ports;
  const domain = 'begeerd.localhost';
  const admins = [await s.person({ at: { [ours]: 'admin' } }), await s.person({ at: { [ours]: 'admin' } })];
  const name = `site-domain:${secrets.fingerprint('site domain lease', domain)}`;
  const before = s.world.statements();
  const { order, waiting } = await withLease(name, () =>
    isInNoWay(
      (put) => admins.map(({ at }) => put(at[ours]!, `/api/site/${ours}`, { domain, config: config('admin') })),
      async () => {
        await statementsAtRest(s.world, before);
      },
    ),
  );
  await Promise.all(waiting);
  expect(order[0]).toBe('other 200');
});

test('platform admins whose credentials are tried at a machine that hangs', async () => {
  await s.world.oauth.proxy.behave('hang', /./);
  const before = s.world.oauth.proxy.calls(/./);
  const settings = (id: number) => ({
    'auth-server-url': s.world.oauth.url,
    'auth-client-id': `peer-client-${id}`,
    'auth-client-secret': `another-secret-${id}`,
  });
  const { order, waiting } = await isInNoWay(
    (put) => [
      put('admin', `/api/site/${ours}`, { config: { oauth: { one: settings(13) } } }),
      put('admin', `/api/site/${ours}`, { config: { oauth: { two: settings(14) } } }),
    ],
    () => until('credentials are tried', () => s.world.oauth.proxy.calls(/./) > before),
  );
  await s.world.oauth.proxy.behave('pass');
  await Promise.all(waiting);
  expect(order[0]).toBe('other 200');
});
