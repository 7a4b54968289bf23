import { get, type IncomingMessage } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { startRecordedWorld, type RecordedWorld } from '../support/recorded-world.ts';

let world: RecordedWorld;
const more = 4000;
beforeAll(async () => {
  world = await startRecordedWorld({}, { outboxSeconds: 3600 });
  await world.call(null, 'GET', '/api/site/1');
  // Together more than a connection's buffers hold.
  const note = 'Woont hier al jaren en denkt graag mee. '.repeat(200);
  const now = new Date();
  const made = Array.from({ length: more }, (_none, index) => ({
    ...{ id: 10_000 + index, siteId: 1, role: 'member', complete: true, slot: 0, profileWithheld: false },
    ...{ firstName: 'Iemand', lastName: `Nummer ${(index * 7919) % more}`, extraData: { note } },
    ...{ lastLogin: now, createdAt: now, updatedAt: now },
  }));
  for (let from = 0; from < more; from += 200)
    await world.container.database.rows.users.bulkCreate(made.slice(from, from + 200));
});
afterAll(() => world.close());

const path = '/api/site/1/user';
const opened = (): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    get(world.url + path, { agent: false, headers: { 'x-authorization': 'fixed-admin' } }, resolve).on('error', reject);
  });
const whole = (answer: IncomingMessage): Promise<unknown> =>
  new Promise((resolve, reject) => answer.resume().on('end', resolve).on('error', reject));
/** Until no statement comes any more. */
const atRest = async (): Promise<number> => {
  for (let before = -1; ;) {
    const now = world.statements();
    if (now === before) return now;
    before = now;
    await pause(500);
  }
};

describe('everybody at a site of some thousands', () => {
  it('comes once each, in the order of ids, and in another order if asked', async () => {
    const byId: readonly { id: number }[] = (await world.call('admin', 'GET', path)).body;
    const ids = byId.map(({ id }) => id);
    expect(ids.length).toBeGreaterThan(more);
    expect(ids).toEqual([...new Set(ids)].sort((one, other) => one - other));
    const { body } = await world.call('admin', 'GET', `${path}?sort=lastName_desc`);
    const byName = body as readonly { readonly id: number; readonly lastName: string | null }[];
    expect(byName.map(({ id }) => id).sort((one, other) => one - other)).toEqual(ids);
    const names = byName.flatMap(({ id, lastName }) => (id < 10_000 || lastName === null ? [] : [lastName]));
    expect(names).toEqual([...names].sort().reverse());
  });

  it('is read from the database no faster than the client takes it', async () => {
    const before = world.statements();
    const answer = await opened();
    answer.pause();
    const stalled = await atRest();
    expect(stalled - before).toBeLessThan(more / 50);

    await whole(answer);
    expect(answer.complete).toBe(true);
    expect(world.statements() - before).toBeGreaterThan(more / 50);
  });

  it('is not read any further for a client that has gone', async () => {
    const before = world.statements();
    const answer = await opened();
    await new Promise((resolve) => answer.once('data', resolve));
    answer.destroy();
    const gone = await atRest();
    expect(gone - before).toBeLessThan(more / 50);

    expect((await world.call('admin', 'GET', '/api/site/1/user/10000')).status).toBe(200);
    expect(world.log()).not.toContain('"level":"error"');
  });

  it('lets other requests come in between', async () => {
    const answer = await opened();
    const events: string[] = [];
    const list = whole(answer).then(() => events.push('list'));
    for (let view = 0; view < 3; view += 1) {
      await world.call('admin', 'GET', '/api/site/1/user/10000');
      events.push('view');
    }
    await list;
    expect(events).toEqual(['view', 'view', 'view', 'list']);
  });
});
