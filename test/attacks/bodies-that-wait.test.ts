import { personLeaseName } from '../../src/use-cases/person-keys.ts';
import { startSentences, user, type SentenceWorld } from '../journeys/sentences/support/world.ts';
import type { Answer } from '../support/recorded-world.ts';
import { until } from '../support/until.ts';

/**
 * A large body is worked on in its sender's turn, of which there are two (one, embedded). The turn lasts until the call is answered: also
 * while it waits for a person whom others change, or for the OAuth server, where nothing of the body costs anybody anything. So two members
 * of one site, with nothing but their own name to change, kept all other sites from saving a config.
 * Source: docs/reference/neighbours.md "Cost".
 */
const [ours, theirs] = [11, 12] as const;
let s: SentenceWorld;
beforeAll(async () => {
  s = await startSentences({ [ours]: {}, [theirs]: {} });
});
afterEach(() => s.world.oauth.proxy.behave('pass'));
afterAll(() => s.close());

/** More than is read at once; nobody knows the key, so that it is overlooked. */
const large = 'x'.repeat(20_000);
const config = { config: { cms: { page: large } } };

test('two members whose own changes wait for their turn at themselves keep no other site from saving its config', async () => {
  const { ports } = s.world.container;
  const members = [await s.person({ at: { [ours]: 'member' } }), await s.person({ at: { [ours]: 'member' } })];
  const other = (await s.person({ at: { [theirs]: 'editor' } })).at[theirs]!;
  // They are known, so that nothing is asked about them any more.
  expect((await s.put(other, `/api/site/${theirs}`, { title: 'Bekend' })).status).toBe(200);
  const leases = members.map(({ externalId }) =>
    personLeaseName(ports.secrets, { issuer: s.world.oauth.url, externalId: String(externalId) }),
  );
  const order: string[] = [];
  const whileHeld = (names: readonly string[], work: () => Promise<void>): Promise<void> => {
    const [name, ...others] = names;
    return name === undefined ? work() : ports.withLease(name, () => whileHeld(others, work));
  };

  let waiting: readonly Promise<Answer>[] = [];
  await whileHeld(leases, async () => {
    waiting = members.map(async ({ at }) => {
      const answer = await s.put(at[ours]!, user(ours, at[ours]!), { lastName: 'Nieuw', large });
      order.push('member');
      return answer;
    });
    await new Promise((resolve) => setTimeout(resolve, 400));
    const { status } = await s.put(other, `/api/site/${theirs}`, config);
    order.push(`other ${status}`);
  });
  await Promise.all(waiting);

  expect(order[0]).toBe('other 200');
});

test('nor do they while the OAuth server is slow to answer about them', async () => {
  const members = [await s.person({ at: { [ours]: 'member' } }), await s.person({ at: { [ours]: 'member' } })];
  const other = (await s.person({ at: { [theirs]: 'editor' } })).at[theirs]!;
  expect((await s.put(other, `/api/site/${theirs}`, { title: 'Bekend' })).status).toBe(200);
  const asked = new RegExp(`^GET /api/admin/user/(${members.map(({ externalId }) => externalId).join('|')})$`);
  await s.world.oauth.proxy.behave('hang', asked);
  const before = s.world.oauth.proxy.calls(asked);
  const order: string[] = [];

  const waiting = members.map(async ({ at }) => {
    await s.put(at[ours]!, user(ours, at[ours]!), { lastName: 'Nieuw', large });
    order.push('member');
  });
  await until('the OAuth server is asked about one of them', () => s.world.oauth.proxy.calls(asked) > before);
  await new Promise((resolve) => setTimeout(resolve, 400));
  const { status } = await s.put(other, `/api/site/${theirs}`, config);
  order.push(`other ${status}`);
  await Promise.all(waiting);

  expect(order[0]).toBe('other 200');
});
