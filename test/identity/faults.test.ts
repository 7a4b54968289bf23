import { inspect } from 'node:util';
import type { Faults } from '../../src/domain/fault.ts';
import type { OauthClient } from '../../src/domain/sites/oauth-client.ts';
import { oauthServers } from '../../src/identity/index.ts';
import type { IdentityProvider } from '../../src/ports/identity-provider.ts';
import { wordsOfTheServer, type Misbehaviour } from '../support/misbehaving-server.ts';
import { silentLog, startOauthWorld, type OauthWorld } from '../support/oauth-world.ts';
import { permitted } from '../support/permitted.ts';

/** Each operation × each way for a server to misbehave. */

const reads = ['find', 'findByEmail', 'isAddressFree', 'isNeededElsewhere'] as const;
const writes = ['create', 'update', 'remove'] as const;
type OperationName = (typeof reads)[number] | (typeof writes)[number];

const operations: Readonly<
  Record<OperationName, (identity: IdentityProvider, client: OauthClient) => Promise<unknown>>
> = {
  find: (identity, client) => identity.find(client, '5', ['client-1']),
  findByEmail: (identity, client) => identity.findByEmail(client, 'niels@example.org', ['client-1']),
  isAddressFree: (identity, client) => identity.isAddressFree(client, 'niels@example.org', '5'),
  isNeededElsewhere: (identity, client) => identity.isNeededElsewhere(client, '5', [client], ['client-1']),
  create: (identity, client) => permitted(identity).create(client, { email: 'new@example.org' }),
  update: (identity, client) => permitted(identity).update(client, '5', { firstName: 'Nieuw' }),
  remove: (identity, client) => permitted(identity).remove(client, '5'),
};

/** What comes of it, and whether a write may then have happened. */
const outcomes: Readonly<Record<Exclude<Misbehaviour, 'pass'>, readonly [keyof Faults, boolean]>> = {
  refuse: ['oauth-unreachable', false],
  hang: ['oauth-timeout', true],
  'json-500': ['oauth-refused', true],
  'html-500': ['oauth-refused', true],
  'html-200': ['oauth-refused', true],
  'malformed-json': ['oauth-refused', true],
  '401': ['oauth-refused', false],
  '429': ['oauth-refused', false],
  redirect: ['oauth-refused', true],
  'slow-body': ['oauth-timeout', true],
  drip: ['oauth-timeout', true],
  'huge-body': ['oauth-refused', true],
  reset: ['oauth-unreachable', true],
  'lose-reply': ['oauth-unreachable', true],
};
const modes = Object.keys(outcomes) as Exclude<Misbehaviour, 'pass'>[];

describe('When an OAuth server misbehaves', () => {
  let world: OauthWorld;
  let identity: IdentityProvider & { close(): Promise<void> };
  const logged: unknown[] = [];
  const log = { ...silentLog, warn: (facts: unknown, line: string) => logged.push([facts, line]) };
  /** Only where time is to run out it is short: nine megabytes take longer on a busy machine. */
  const identityFor = (mode: Misbehaviour) =>
    oauthServers({
      allowedHosts: [world.host],
      globalOauthClient: null,
      timeLimitMs: mode === 'pass' || outcomes[mode][0] === 'oauth-timeout' ? 250 : 20_000,
      log,
    });
  beforeEach(async () => {
    logged.length = 0;
    world = await startOauthWorld({
      people: [{ id: 5, email: 'niels@example.org', firstName: 'Niels', roles: { 'client-1': 'member' } }],
    });
    identity = identityFor('pass');
  });
  afterEach(async () => {
    await identity.close();
    await world.close();
  });
  const run = (name: OperationName) => operations[name](identity, world.client());

  describe.each([...reads, ...writes])('%s', (name) => {
    it.each(modes)('throws the right fault on %s, without a word of the server', async (mode) => {
      const [code, unsure] = outcomes[mode];
      await identity.close();
      identity = identityFor(mode);
      await world.proxy.behave(mode);

      const error: unknown = await run(name).catch((thrown: unknown) => thrown);

      const mayHaveHappened = unsure && writes.some((write) => write === name);
      expect(error).toMatchObject({ name: 'Fault', code, facts: { mayHaveHappened } });
      expect(inspect(error, { depth: 9 })).not.toContain(wordsOfTheServer);
      expect(inspect(logged, { depth: 9 })).not.toMatch(new RegExp(`${wordsOfTheServer}|niels|secret-1`, 'i'));
      expect(logged).toHaveLength(1);
    });
  });

  it.each(writes)('%s is asked once, and has happened, when the reply is lost', async (name) => {
    await world.proxy.behave('lose-reply');

    await expect(run(name)).rejects.toMatchObject({ facts: { mayHaveHappened: true } });

    expect(world.proxy.calls(/^POST/)).toBe(1);
    expect(world.server.people()).not.toMatchObject([{ email: 'niels@example.org', firstName: 'Niels' }]);
  });

  it('a read whose connection is dropped is asked once more', async () => {
    await world.proxy.behave('reset', /^GET \/api\/admin\/user\//);

    await expect(identity.find(world.client(), '5', [])).rejects.toMatchObject({ code: 'oauth-unreachable' });

    expect(world.proxy.calls()).toBe(2);
  });

  it('all calls of one operation share one time limit', async () => {
    await world.proxy.behave('hang', /^GET \/api\/admin\/client\//);

    await expect(run('find')).rejects.toMatchObject({ code: 'oauth-timeout', facts: { mayHaveHappened: false } });
  });

  it.each(['json-500', 'html-500', 'hang', '401'] as const)(
    'nobody is called missing, removed or unneeded while %s leaves it open whether the server is well',
    async (mode) => {
      await world.proxy.behave(mode, /^GET \/api\/admin\/roles/);
      const ask = [
        identity.find(world.client(), '424242', []),
        permitted(identity).remove(world.client(), '424242'),
        identity.isNeededElsewhere(world.client(), '424242', [world.client()], []),
      ];

      const answers = await Promise.allSettled(ask);

      expect(answers.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    },
  );

  it.each(['json-500', 'html-500', 'hang', 'malformed-json'] as const)(
    'nobody is called unneeded while a client of ours answers %s',
    async (mode) => {
      await world.proxy.behave(mode, /^GET \/api\/admin\/client\//);

      const answer = identity.isNeededElsewhere(world.client(), '5', [world.client()], ['client-1']);

      await expect(answer).rejects.toMatchObject({ name: 'Fault' });
    },
  );

  it('the time of waiting for another call of the same write is no harm: nothing was sent', async () => {
    await world.proxy.behave('hang', /^GET \/api\/admin\/client\//);

    const change = permitted(identity).update(world.client(), '5', { roles: { 'client-1': 'editor' } });

    await expect(change).rejects.toMatchObject({ code: 'oauth-timeout', facts: { mayHaveHappened: false } });
    expect(world.proxy.calls(/^POST/)).toBe(0);
  });

  it('it is asked again as soon as it is back', async () => {
    const patient = identityFor('refuse');
    const find = () => operations.find(patient, world.client());
    await world.proxy.behave('refuse');
    await expect(find()).rejects.toMatchObject({ code: 'oauth-unreachable' });
    await world.proxy.behave('pass');

    await expect(find()).resolves.toMatchObject({ externalId: '5' });
    await patient.close();
  });
});
