import { visitor, type Actor } from '../../src/domain/actor.ts';
import { Fault } from '../../src/domain/fault.ts';
import { addWithdrawal, writtenAbout } from '../../src/use-cases/outbox/identity-cleanup.ts';
import { removeLeftBehind } from '../../src/use-cases/person-sync/remove-left-behind.ts';
import { createUser } from '../../src/use-cases/users/create-user.ts';
import { fixedTokens, startRecordedWorld, type RecordedWorld } from '../support/recorded-world.ts';
import { until } from '../support/until.ts';
import { personThere } from './sentences/support/people.ts';

/** What waited longer than it is good for, as the OAuth server was away: nobody is forgotten there, and nobody is stuck here. */
let world: RecordedWorld;
beforeAll(async () => {
  world = await startRecordedWorld({}, { outboxSeconds: 3600, oauthTimeLimitMs: 3000 });
});
afterAll(() => world.close());

/** Our ports, as they were some days ago. */
const portsOf = (daysAgo: number) => {
  const { ports } = world.container;
  const now = (): Date => new Date(world.clock.now().getTime() - daysAgo * 86_400_000);
  return { ...ports, clock: { ...ports.clock, now } };
};
const deliverAll = () =>
  until('an empty outbox', async () => {
    const { outbox } = world.container.ports;
    await outbox.retry();
    while ((await world.container.deliver()) !== null);
    return (await outbox.waiting()).length === 0;
  });
const leftBehind = async (): Promise<readonly unknown[]> => {
  const { body } = await world.call('admin', 'GET', '/api/user/drift?kind=left-behind&pageSize=1000');
  return (body.records as { readonly personId: number }[]).map(({ personId }) => personId);
};
const personOf = (externalId: number) =>
  world.container.ports.persons.byExternalId(world.oauth.url, String(externalId));
/** Somebody of whom no row is left here. */
const somebodyGone = async (state: 'active' | 'removing') => {
  const externalId = await personThere(world, { email: `weg${Math.random()}@example.org` });
  const { ports } = world.container;
  const person = await ports.inOneTransaction(async () => {
    const made = await ports.persons.ensure(world.oauth.url, String(externalId), true);
    await ports.persons.setState(made.id, state);
    return made;
  });
  return { externalId, person };
};

/** They were made; of the role there was no reply, and the intent stays. */
const lostCreation = async (email: string, daysAgo: number): Promise<number> => {
  const ports = portsOf(daysAgo);
  const [site] = await ports.sites.readNow([1]);
  const admin: Actor = { ...visitor, userId: fixedTokens.admin, reach: { kind: 'everywhere', role: 'admin' } };
  const update = () => Promise.reject(new Fault('oauth-unreachable', { mayHaveHappened: true }));
  const lost = createUser({ ...ports, identity: { ...ports.identity, update } });
  await expect(lost({ actor: admin, site: site!, change: { email } })).rejects.toMatchObject({
    code: 'oauth-unreachable',
  });
  // Its lease has run out.
  world.later(9);
  return world.oauth.server.people().find((one) => one.email === email)!.id;
};

describe('the intent of a creation that is older than a day', () => {
  test('whom it made at the OAuth server is told of, and an operator removes them', async () => {
    const externalId = await lostCreation('te-oud@example.org', 2);

    await deliverAll();

    const person = await personOf(externalId);
    expect(person).not.toBeNull();
    expect(await leftBehind()).toEqual([person!.id]);
    expect(world.log()).toMatch(/"level":"error"[^\n]*was made at the OAuth server for a creation/);
    expect(await removeLeftBehind(world.container.ports, world.container.deliver)(person!.id)).toBe('done');
    expect(world.oauth.server.people().some(({ id }) => id === externalId)).toBe(false);
    expect(await leftBehind()).toEqual([]);
  });

  test('who is at another site by now is left alone', async () => {
    const email = 'toch-gekomen@example.org';
    await lostCreation(email, 2);
    expect((await world.call('admin', 'POST', '/api/site/2/user', { email })).status).toBe(201);
    const waiting = await world.container.ports.outbox.waiting();
    expect(waiting.map(({ topic }) => topic)).toContain('user.create');

    await deliverAll();

    expect(await leftBehind()).toEqual([]);
  });
});

describe('a message without an operation that is older than a week', () => {
  test('a removal: the person can come back, and is told of', async () => {
    const { person, externalId } = await somebodyGone('removing');
    await removeLeftBehind(portsOf(8), () => Promise.resolve(null))(person.id);

    await deliverAll();

    expect((await personOf(externalId))?.state).toBe('active');
    expect(await leftBehind()).toContain(person.id);
  });

  test('a withdrawal: likewise', async () => {
    const { person, externalId } = await somebodyGone('active');
    const ports = portsOf(8);
    const wish = { personId: person.id, siteIds: [1], operations: [], ...writtenAbout(ports, person) };
    await ports.inOneTransaction(() => addWithdrawal(ports.outbox, wish, 'free'));

    await deliverAll();

    expect((await personOf(externalId))?.state).toBe('active');
    expect(await leftBehind()).toContain(person.id);
  });

  test('a withdrawal beside a removal that waits: that one says', async () => {
    const { person, externalId } = await somebodyGone('removing');
    const ports = portsOf(8);
    const wish = { personId: person.id, siteIds: [1], operations: [], ...writtenAbout(ports, person) };
    await ports.inOneTransaction(() => addWithdrawal(ports.outbox, wish, 'free'));
    await removeLeftBehind(world.container.ports, () => Promise.resolve(null))(person.id);

    await world.container.deliver({ topic: 'person.withdraw-values', key: `person-${person.id}` });

    expect((await personOf(externalId))?.state).toBe('removing');
    expect(await leftBehind()).not.toContain(person.id);
    await deliverAll();
  });
});
