import { dumped, type DumpedRow } from '../support/dump.ts';
import { startRecordedWorld, type RecordedWorld } from '../support/recorded-world.ts';
import { refreshKey } from '../../src/use-cases/person-keys.ts';
import { sql } from '../../src/db/sql.ts';
import { until } from '../support/until.ts';
import type { Topic } from '../../src/ports/outbox.ts';

let world: RecordedWorld;
beforeAll(async () => {
  // The outbox is looked at so rarely that the tests say when.
  world = await startRecordedWorld({}, { oauthTimeLimitMs: 2500, outboxSeconds: 3600 });
});
beforeEach(async () => {
  await world.oauth.proxy.behave('pass');
  world.oauth.proxy.forgetCalls();
});
afterAll(() => world.close());

const outbox = () => world.container.ports.outbox;
const topics = async () => (await outbox().waiting()).map(({ topic }) => topic).sort();
/** From now on the OAuth server answers, and the lease of a write whose end nobody knew has run out. */
const answersAgain = async () => {
  await world.oauth.proxy.behave('pass');
  world.later(8);
};
/** What the dispatcher does, without its pauses. */
const deliverAll = () =>
  until('an empty outbox', async () => {
    await outbox().retry();
    while ((await world.container.deliver()) !== null);
    return (await outbox().waiting()).length === 0;
  });
/** Delivers the one that waits under this topic, and answers what came of it. */
const deliver = async (topic: Topic) => {
  const waiting = (await outbox().waiting()).find((message) => message.topic === topic);
  return world.container.deliver({ topic, key: waiting?.key ?? '' });
};
/** Until `/metrics` says that one delivery came to this: what it found is kept for half a second. */
const countedOnce = (topic: Topic, outcome: string) =>
  until(`${topic} is counted as ${outcome}`, async () => {
    const text = await (await fetch(`${world.url}/metrics`)).text();
    const line = text.split('\n').find((one) => one.includes(`topic="${topic}",outcome="${outcome}"`));
    return line?.split(' ').at(-1) === '1';
  });
const rowsOf = async (table: string, where: (row: DumpedRow) => boolean) =>
  [...((await dumped(world.container.database)).get(table)?.values() ?? [])].filter(where);
const there = (externalId: number) => world.oauth.server.people().find(({ id }) => id === externalId);

describe('a reply of the OAuth server that is lost after the operation', () => {
  it('of a PUT: the caller is told that it may have happened, and the rows follow', async () => {
    await world.oauth.proxy.behave('lose-reply', /^POST \/api\/admin\/user\/1002$/);

    const told = await world.call('admin', 'PUT', '/api/site/1/user/102', {
      firstName: 'Verloren',
      extraData: { bio: 'V' },
    });

    expect([told.status, told.body.mayHaveHappened]).toEqual([502, true]);
    expect(there(1002)?.firstName).toBe('Verloren');
    expect((await world.call('admin', 'GET', '/api/site/1/user/102')).body.firstName).toBe('Cees');
    expect(await topics()).toEqual(['person.refresh']);

    await answersAgain();
    expect(await deliver('person.refresh')).toBe('refreshed');
    expect(await topics()).toEqual([]);
    await countedOnce('person.refresh', 'refreshed');

    expect((await world.call('admin', 'GET', '/api/site/1/user/102')).body).toMatchObject({
      firstName: 'Verloren',
      extraData: { bio: 'V' },
    });
    expect((await world.call('admin', 'GET', '/api/site/2/user/103')).body).toMatchObject({
      firstName: 'Verloren',
      extraData: { bio: 'Bio 2 op site 2' },
    });
    expect(world.oauth.proxy.calls(/^POST \/api\/admin\/user\/1002$/)).toBe(1);
  });

  it('of a PUT: who took an address of theirs before it is not forgotten over it', async () => {
    const [person] = await rowsOf('civitas_persons', (row) => row['externalId'] === '1002');
    const [personId, key] = [Number(person?.['id']), refreshKey(Number(person?.['id']))];
    await outbox().add({ topic: 'person.refresh', key, payload: { personId, freedBy: [77] } });
    await world.oauth.proxy.behave('lose-reply', /^POST \/api\/admin\/user\/1002$/);

    const told = await world.call('admin', 'PUT', '/api/site/1/user/102', { firstName: 'Nog eens' });

    expect([told.status, await outbox().findLocked('person.refresh', key)]).toEqual([502, { personId, freedBy: [77] }]);
    await answersAgain();
    await deliverAll();
  });

  it('of a PUT: who took an address of theirs as it began is not forgotten over it', async () => {
    const [person] = await rowsOf('civitas_persons', (row) => row['externalId'] === '1002');
    const [personId, key] = [Number(person?.['id']), refreshKey(Number(person?.['id']))];
    const own = outbox();
    const [add, addMerged] = [own.add.bind(own), own.addMerged.bind(own)];
    // As late as can be, whichever way the update writes its message.
    const takeBefore = async (payload: object) => {
      if ('byUpdate' in payload) await add({ topic: 'person.refresh', key, payload: { personId, freedBy: [77] } });
    };
    own.add = async (message, ...when) => {
      await takeBefore(message.payload);
      return add(message, ...when);
    };
    own.addMerged = async (message, ...how) => {
      await takeBefore(message.payload);
      return addMerged(message, ...how);
    };
    await world.oauth.proxy.behave('lose-reply', /^POST \/api\/admin\/user\/1002$/);

    const { status } = await world.call('admin', 'PUT', '/api/site/1/user/102', { firstName: 'En weer eens' });

    Object.assign(own, { add, addMerged });
    expect([status, await own.findLocked('person.refresh', key)]).toEqual([502, { personId, freedBy: [77] }]);
    await answersAgain();
    await deliverAll();
  });

  it('of a PUT that is certainly refused: who took an address of theirs during it is not forgotten over it', async () => {
    const [person] = await rowsOf('civitas_persons', (row) => row['externalId'] === '1002');
    const [personId, key] = [Number(person?.['id']), refreshKey(Number(person?.['id']))];
    const { identity } = world.container.ports;
    const update = identity.update.bind(identity);
    const refused = async (taken: boolean) => {
      identity.update = async (permit) => {
        if (taken) await outbox().add({ topic: 'person.refresh', key, payload: { personId, freedBy: [77] } });
        return update(permit);
      };
      await world.oauth.proxy.behave('401', /^POST \/api\/admin\/user\/1002$/);
      const { status } = await world.call('admin', 'PUT', '/api/site/1/user/102', { firstName: `Nee ${taken}` });
      identity.update = update;
      return [status, await outbox().findLocked('person.refresh', key)];
    };
    expect([await refused(false), await refused(true)]).toEqual([
      [502, null],
      [502, { personId, freedBy: [77] }],
    ]);
    await answersAgain();
    await deliverAll();
  });

  it('of a POST: the row is made afterwards, once, and the person is not created again', async () => {
    const email = 'verloren@example.org';
    await world.oauth.proxy.behave('lose-reply', /^POST \/api\/admin\/user$/);

    const told = await world.call('admin', 'POST', '/api/site/1/user', { email, firstName: 'Verloren' });

    expect([told.status, told.body.mayHaveHappened]).toEqual([502, true]);
    expect(await rowsOf('users', (row) => row['email'] === email)).toEqual([]);
    expect(await topics()).toEqual(['user.create']);

    await answersAgain();
    expect(await deliver('user.create')).toBe('created');
    await countedOnce('user.create', 'created');
    await deliverAll();

    expect(await rowsOf('users', (row) => row['email'] === email)).toMatchObject([
      { siteId: '1', firstName: 'Verloren' },
    ]);
    expect(world.oauth.server.people().filter((person) => person.email === email)).toHaveLength(1);
    expect(world.oauth.proxy.calls(/^POST \/api\/admin\/user$/)).toBe(1);
    const again = await world.call('admin', 'POST', '/api/site/1/user', { email });
    expect([again.status, again.body.rule]).toEqual([409, 'already-at-this-site']);
  });

  it('of a POST, while the server is away: it is tried again with growing pauses, and is as old as it is', async () => {
    await world.oauth.proxy.behave('lose-reply', /^POST \/api\/admin\/user$/);
    const told = await world.call('admin', 'POST', '/api/site/1/user', { email: 'weg@example.org' });
    expect([told.status, told.body.mayHaveHappened]).toEqual([502, true]);
    const [begun] = await outbox().waiting();

    await answersAgain();
    await world.oauth.proxy.behave('refuse');
    for (const attempts of [1, 2, 3]) {
      expect(await deliver('user.create')).toBe('pending');
      expect(await outbox().waiting()).toMatchObject([{ attempts, createdAt: begun?.createdAt }]);
    }

    await answersAgain();
    expect(await deliver('user.create')).toBe('created');
    await deliverAll();
  });

  it('of a POST that did nothing: nothing is made afterwards', async () => {
    const email = 'nooit@example.org';
    await world.oauth.proxy.behave('hang', /^POST \/api\/admin\/user$/);

    const told = await world.call('admin', 'POST', '/api/site/1/user', { email });
    expect([told.status, told.body.mayHaveHappened]).toEqual([504, true]);
    await answersAgain();
    expect(await deliver('user.create')).toBe('not-needed');
    expect(await topics()).toEqual([]);
    await countedOnce('user.create', 'not-needed');

    expect(await rowsOf('users', (row) => row['email'] === email)).toEqual([]);
    expect(world.oauth.server.people().filter((person) => person.email === email)).toEqual([]);
  });

  it('of a removal: it is asked again, and the person is gone here and there', async () => {
    await world.oauth.proxy.behave('lose-reply', /\/delete$/);

    const told = await world.call('admin', 'PUT', '/api/site/1/user/5002/do-anonymizeall');

    expect([told.status, told.headers.get('x-oauth-removal')]).toEqual([200, 'pending']);
    // The answer waits for a time limit at most; the call goes on.
    await until('the server has removed the person', () => there(5002) === undefined);
    expect(await rowsOf('civitas_persons', (row) => row['externalId'] === '5002')).toMatchObject([
      { state: 'removing' },
    ]);

    await answersAgain();
    await deliverAll();

    expect(await rowsOf('civitas_persons', (row) => row['externalId'] === '5002')).toEqual([]);
    expect(await rowsOf('civitas_tombstones', () => true)).toHaveLength(1);
  });
});

describe('a person who left one site while the OAuth server was away, and then the other', () => {
  it('is removed whichever message is delivered first', async () => {
    for (const { externalId, rows, first } of [
      { externalId: 1005, rows: ['1/user/109', '5/user/110'], first: 'person.withdraw-values' },
      { externalId: 1009, rows: ['1/user/118', '3/user/119'], first: 'person.remove' },
    ] as const) {
      await world.oauth.proxy.behave('refuse');
      for (const row of rows) {
        const { status } = await world.call('admin', 'PUT', `/api/site/${row}/do-anonymize`);
        expect(status).toBe(200);
      }
      await answersAgain();

      const waiting = (await outbox().waiting()).find(({ topic }) => topic === first);
      expect(await world.container.deliver({ topic: first, key: waiting?.key ?? '' })).toBe('done');
      await deliverAll();

      expect(there(externalId)).toBeUndefined();
      expect(await rowsOf('civitas_persons', (row) => row['externalId'] === String(externalId))).toEqual([]);
    }
  });
});

it('a PUT whose lease ran out while the OAuth server wrote says what is done, follows by itself, and can be repeated', async () => {
  const { identity } = world.container.ports;
  const update = identity.update.bind(identity);
  const slow = jest.spyOn(identity, 'update').mockImplementation(async (permit) => {
    const profile = await update(permit);
    await world.container.database.change(sql`DELETE FROM civitas_leases WHERE name LIKE 'person:%'`);
    return profile;
  });
  const change = { firstName: 'Traag' };
  const told = await world.call('admin', 'PUT', '/api/site/1/user/102', change);
  slow.mockRestore();

  expect([told.status, told.body.type, told.body.detail]).toEqual([
    503,
    '/problems/busy',
    'It is done at the OAuth server, and follows here within a minute.',
  ]);
  expect(there(1002)?.firstName).toBe('Traag');
  const repeated = await world.call('admin', 'PUT', '/api/site/1/user/102', change);
  expect([repeated.status, repeated.body.firstName]).toEqual([200, 'Traag']);
  await deliverAll();
});
