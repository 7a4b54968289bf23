import { sql } from '../../src/db/sql.ts';
import { verifyAudit } from '../../src/use-cases/audit/verify-audit.ts';
import { dumped } from '../support/dump.ts';
import { endSite } from '../support/ended-site.ts';
import { startRecordedWorld, type Answer, type RecordedWorld } from '../support/recorded-world.ts';
import { until } from '../support/until.ts';

/** people.md §1 "Forgotten": who stood on a list is not kept for ever. */
let world: RecordedWorld;
beforeAll(async () => {
  world = await startRecordedWorld({}, { outboxSeconds: 1 });
});
afterAll(() => world.close());

const look = (location: string) => world.call('admin', 'GET', `${location}?page=0&pageSize=100`);
const ended = async (users: readonly number[]): Promise<string> => {
  const planned = await world.call('admin', 'POST', '/api/anonymization-run', { users, everywhere: true });
  const location = planned.headers.get('location') ?? '';
  await world.call('admin', 'POST', `${location}/start`, undefined, { 'if-match': planned.headers.get('etag') ?? '' });
  await isOver(location);
  return location;
};
const isOver = (location: string) =>
  until('it is done, and nobody is to be removed', async () => {
    const { body } = await look(location);
    return body.state === 'done' && body.awaitingRemoval === 0;
  });
/** As if all runs had ended so many days ago; what happens by itself each hour happens. */
const daysLater = async (days: number): Promise<void> => {
  const { database, jobs, ports } = world.container;
  const then = new Date(ports.clock.now().getTime() - days * 86_400_000);
  await database.change(sql`UPDATE civitas_anonymization_runs SET finishedAt = ${then} WHERE finishedAt IS NOT NULL`);
  await jobs.find(({ name }) => name === 'tidy-up')?.run(() => false);
};
const told = ({ body }: Answer): readonly unknown[] => [body.state, body.outcomes, body.progress, body.planned];
const rowsOfPeople = async (): Promise<number> =>
  (await dumped(world.container.database)).get('civitas_anonymization_run_people')?.size ?? 0;

describe('of a run that ended', () => {
  it('who stood on its list is gone after thirty days; how many came to what, receipts and the audit are not', async () => {
    const location = await ended([111, 114, 2]);
    await world.call('admin', 'DELETE', '/api/site/1/user/114');
    const before = await look(location);
    await daysLater(29);
    expect((await look(location)).body.people).toEqual(before.body.people);
    await daysLater(31);

    const after = await look(location);
    expect(told(after)).toEqual(told(before));
    expect(after.body.outcomes).toEqual({ anonymized: 2, 'left-out;reason=yourself': 1 });
    expect([before.body.people.metadata.totalCount, after.body.people]).toEqual([
      3,
      {
        metadata: expect.objectContaining({ totalCount: 0, pageCount: 0 }),
        forgotten: 3,
        records: [],
      },
    ]);
    expect(before.body.people.forgotten).toBe(0);
    const { people } = (await world.call('admin', 'GET', `${location}?page=0&outcome=left-out`)).body;
    expect([people.forgotten, people.records]).toEqual([1, []]);
    expect(Date.parse(before.body.peopleKeptUntil)).toBeGreaterThan(Date.now());
    expect(Date.parse(after.body.peopleKeptUntil)).toBeLessThan(Date.now());
    expect(await rowsOfPeople()).toBe(0);
    const records = before.body.people.records as readonly { readonly operation?: string }[];
    const operations = records.flatMap(({ operation }) => operation ?? []);
    expect(operations).toHaveLength(2);
    for (const operation of operations) {
      const { status, body } = await world.call('admin', 'GET', `/api/operation/${operation}`);
      expect([status, body.state]).toEqual([200, 'done']);
    }
    expect((await verifyAudit(world.container.ports)()).findings.filter(({ kind }) => kind !== 'unsealed')).toEqual([]);
    const steered = await world.call('admin', 'POST', `${location}/resume`);
    expect([steered.status, steered.body.rule]).toEqual([409, 'run-is-done']);
  });

  it('over a whole site it is the same', async () => {
    const site = await endSite(world, 5);
    const address = await site.begin();
    await isOver(address);
    const before = await look(address);
    await daysLater(31);
    const after = await look(address);
    expect([after.body.outcomes, after.body.people.records]).toEqual([before.body.outcomes, []]);
    expect(after.body.people.forgotten).toBe(before.body.people.records.length);
    expect(before.body.people.records.length).toBeGreaterThan(0);
    expect(await rowsOfPeople()).toBe(0);
  });

  it('nobody is forgotten while a list is paused', async () => {
    const planned = await world.call('admin', 'POST', '/api/anonymization-run', { users: [120, 124] });
    const location = planned.headers.get('location') ?? '';
    await daysLater(31);
    expect((await look(location)).body.people.records).toHaveLength(2);
  });
});
