import { changesBetween, dumped } from '../support/dump.ts';
import { timeLimitBeside, type Misbehaviour } from '../support/misbehaving-server.ts';
import { startRecordedWorld, type RecordedWorld } from '../support/recorded-world.ts';
import { until } from '../support/until.ts';

let world: RecordedWorld;
beforeAll(async () => {
  world = await startRecordedWorld({}, { outboxSeconds: 1 });
});
afterAll(() => world.close());

const isThere = (externalId: number): boolean => world.oauth.server.people().some(({ id }) => id === externalId);
const isKnownHere = async (externalId: number): Promise<boolean> =>
  [...((await dumped(world.container.database)).get('civitas_persons')?.values() ?? [])].some(
    (person) => person['externalId'] === String(externalId),
  );
const one = (id: number): string => `/api/site/1/user/${id}`;

const troubles: readonly {
  readonly mode: Misbehaviour;
  readonly status: number;
  /** People of one row, for the test to remove. */
  readonly anonymized: number;
  readonly deleted: number;
}[] = [
  { mode: 'refuse', status: 502, anonymized: 114, deleted: 124 },
  { mode: 'hang', status: 504, anonymized: 129, deleted: 138 },
  { mode: 'json-500', status: 502, anonymized: 139, deleted: 5001 },
];
const externalIdOf = (id: number): number => ({ 114: 1007, 124: 1011, 129: 1013, 138: 1017, 139: 1018 })[id] ?? id;

describe.each(troubles)('while the OAuth server says $mode', ({ mode, status, anonymized, deleted }) => {
  // A circuit that the test before opened is closed by a new start.
  const restart = () => world.restart({ outboxSeconds: 1, oauthTimeLimitMs: timeLimitBeside(mode, 1500) });
  beforeEach(async () => {
    await world.oauth.proxy.behave('pass');
    await restart();
  });

  it('reads go on', async () => {
    await world.oauth.proxy.behave(mode);

    for (const path of ['', '/activity', '/will-anonymize', '/will-anonymizeall'])
      expect((await world.call('admin', 'GET', `${one(101)}${path}`)).status).toBe(200);
    for (const path of ['', '?page=0'])
      expect((await world.call('admin', 'GET', `/api/site/1/user${path}`)).status).toBe(200);
    expect((await world.call(101, 'GET', one(101))).status).toBe(200);
  });

  it(`PUT and POST are refused in time with ${status}, and change nothing`, async () => {
    const before = await dumped(world.container.database);
    const people = world.oauth.server.people();
    await world.oauth.proxy.behave(mode);

    const answers = [
      await world.call('admin', 'PUT', one(101), { firstName: 'Anders', extraData: { bio: 'Anders' } }),
      await world.call(101, 'PUT', one(101), { city: 'Elders' }),
      await world.call('admin', 'POST', '/api/site/1/user', { email: 'nieuw@example.org' }),
      await world.call('admin', 'POST', '/api/site/2/user', { email: 'u1001@example.org' }),
      await world.call('admin', 'GET', one(101), undefined, { 'cache-control': 'no-cache' }),
    ];

    expect(answers.map((answer) => answer.status)).toEqual(answers.map(() => status));
    for (const { body } of answers) expect(body.mayHaveHappened).toBe(false);
    const changed = changesBetween(before, await dumped(world.container.database));
    // Which messages have ended is remembered, so that none counts twice.
    expect(changed.filter(({ table }) => table !== 'civitas_idempotency_keys')).toEqual([]);
    expect(world.oauth.server.people()).toEqual(people);
  });

  it('do-anonymize and DELETE succeed, and the removals are done once it is back, after a restart too', async () => {
    await world.oauth.proxy.behave(mode);

    const did = await world.call('admin', 'PUT', `${one(anonymized)}/do-anonymize`);
    const gone = await world.call('admin', 'DELETE', one(deleted));

    for (const answer of [did, gone])
      expect([answer.status, answer.headers.get('x-oauth-removal')]).toEqual([200, 'pending']);
    expect((await world.call('admin', 'GET', one(anonymized))).body.email).toBeNull();
    expect((await world.call('admin', 'GET', one(deleted))).status).toBe(404);

    await restart();
    expect([anonymized, deleted].map((id) => isThere(externalIdOf(id)))).toEqual([true, true]);
    await world.oauth.proxy.behave('pass');
    await until('both to be gone', () => ![anonymized, deleted].some((id) => isThere(externalIdOf(id))));
    await until('an empty outbox', async () => (await world.container.ports.outbox.waiting()).length === 0);
    expect(await isKnownHere(externalIdOf(anonymized))).toBe(false);
  });
});

describe('when the OAuth server fails again and again', () => {
  it('callers are told 503 with Retry-After at once, reads and anonymizing go on, and it heals', async () => {
    await world.restart();
    await world.oauth.proxy.behave('refuse');

    const statuses: number[] = [];
    for (let attempt = 0; attempt < 15; attempt += 1)
      statuses.push((await world.call('admin', 'PUT', one(101), { firstName: `Poging ${attempt}` })).status);
    const refused = await world.call('admin', 'PUT', one(101), { firstName: 'Nog eens' });

    expect(new Set(statuses)).toEqual(new Set([502, 503]));
    expect([refused.status, refused.body.type]).toEqual([503, '/problems/oauth-circuit-open']);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await world.call('admin', 'GET', one(101))).body.firstName).toBe('Bram');
    const did = await world.call('admin', 'PUT', `${one(5003)}/do-anonymizeall`);
    expect([did.status, did.headers.get('x-oauth-removal')]).toEqual([200, 'pending']);

    await world.oauth.proxy.behave('pass');
    await until('the removal', async () => {
      await world.container.ports.outbox.retry();
      return !isThere(5003);
    });
    expect((await world.call('admin', 'PUT', one(101), { firstName: 'Weer' })).status).toBe(200);
  });
});
