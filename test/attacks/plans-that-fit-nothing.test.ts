import { whileHeld } from './support/while-held.ts';
import { startSentences, user, type SentenceWorld } from '../journeys/sentences/support/world.ts';

/**
 * Whoever anonymizes with a plan that is none (`If-Match: "none"`) is refused, as often as they like. The plan that it is compared with was
 * made behind the locks: of somebody with a hundred thousand votes it takes half a second, and a person and their site's staff held all
 * turns of units of work, each waiting for the other's rows, so that changes at other sites took seconds. On the embedded database one
 * member was enough, as a unit holds the only writer. Source: docs/reference/neighbours.md "Cost".
 */
const ours = 11;
let s: SentenceWorld;
beforeAll(async () => {
  s = await startSentences({ [ours]: {} });
});
afterAll(() => s.close());

const anonymize = (who: number, headers: Record<string, string>) =>
  s.put(who, `${user(ours, who)}/do-anonymize?view=summary`, {}, headers);

const summaryOf = async (who: number, whom: number): Promise<{ readonly digest: string }> =>
  (await s.get(who, `${user(ours, whom)}/will-anonymize?view=summary`)).body as { readonly digest: string };

test('is told so while somebody else holds the rows: nothing is written, so that nothing has to be waited for', async () => {
  const { id, at } = await s.person({ at: { [ours]: 'member' } });
  const who = at[ours]!;
  const seen = await summaryOf(who, who);

  const { status, body } = await whileHeld(
    s,
    () => s.world.container.ports.users.person(id, 'locked'),
    () => anonymize(who, { 'If-Match': '"none"' }),
  );

  // Who waited for them was told that others are busy, after some seconds.
  expect([status, body.type, body.current]).toEqual([412, '/problems/plan-changed', seen]);
  expect((await anonymize(who, { 'If-Match': `"${seen.digest}"` })).status).toBe(200);
});

test('what fitted before the locks is compared again behind them', async () => {
  const { ports } = s.world.container;
  const { at } = await s.person({ at: { [ours]: 'member' } });
  const moderator = (await s.person({ at: { [ours]: 'moderator' } })).at[ours]!;
  const who = at[ours]!;
  const ideaId = await s.idea({ siteId: ours, userId: moderator });
  const { digest } = await summaryOf(who, who);
  const [snapshot, transaction] = [ports.inOneSnapshot, ports.inOneTransaction];
  const order: string[] = [];
  const snapshots = jest.spyOn(ports, 'inOneSnapshot').mockImplementation(async (work, options) => {
    const result = await snapshot(work, options);
    order.push('fits');
    return result;
  });
  const units = jest.spyOn(ports, 'inOneTransaction').mockImplementation(async (work) => {
    if (order.at(-1) === 'fits') {
      await s.vote({ ideaId, userId: who });
      order.push('votes');
    }
    return transaction(work);
  });
  const { status, body } = await anonymize(who, { 'If-Match': `"${digest}"` });
  snapshots.mockRestore();
  units.mockRestore();

  expect([order, status, body.type]).toEqual([['fits', 'votes'], 412, '/problems/plan-changed']);
  expect(body.current).toEqual(await summaryOf(who, who));
  expect((await s.row(who))?.anonymizedAt).toBeNull();
});

test('who did it meanwhile under the same key is answered as before, though it is the plan no more', async () => {
  const { ports } = s.world.container;
  const who = (await s.person({ at: { [ours]: 'member' } })).at[ours]!;
  const moderator = (await s.person({ at: { [ours]: 'moderator' } })).at[ours]!;
  const seen = await summaryOf(moderator, who);
  const headers = { 'If-Match': `"${seen.digest}"`, 'Idempotency-Key': 'twice' };
  const call = () => s.put(moderator, `${user(ours, who)}/do-anonymize?view=summary`, {}, headers);
  const snapshot = ports.inOneSnapshot;
  const firsts: number[] = [];
  const snapshots = jest.spyOn(ports, 'inOneSnapshot').mockImplementation(async (work, options) => {
    snapshots.mockRestore();
    firsts.push((await call()).status);
    return snapshot(work, options);
  });
  const { status, body, headers: told } = await call();

  expect([firsts, status, told.get('idempotency-replayed'), body]).toEqual([[200], 200, 'true', seen]);
});
