import { aNewRow, aVote, anIdea } from '../support/builders.ts';
import { dumped, type Dump } from '../support/dump.ts';
import { endSite, type EndedSite } from '../support/ended-site.ts';
import { startProgram, type Program } from '../support/program.ts';
import { startRecordedWorld, type RecordedWorld } from '../support/recorded-world.ts';
import { sql } from '../../src/db/sql.ts';
import { until } from '../support/until.ts';

let world: RecordedWorld;
let ended: EndedSite;
const programs: Program[] = [];
beforeAll(async () => {
  // This process only answers: the runs are carried on with by programs of their own.
  world = await startRecordedWorld({}, { outboxSeconds: 3600 });
  ended = await endSite(world, 2);
});
afterAll(async () => {
  await Promise.all(programs.map((program) => program.stop()));
  await world.close();
});

let lastIdea = 700_000;
/** People who are nowhere else, each with a vote. */
const enrol = async (count: number): Promise<void> => {
  const { ports, database } = world.container;
  const idea = anIdea({ id: (lastIdea += 1000), userId: 2, siteId: 2 });
  await database.rows.ideas.create(idea);
  await ports.inOneTransaction(async () => {
    for (let at = 0; at < count; at += 1) {
      const person = await ports.persons.ensure(world.oauth.url, `${lastIdea + at}`, false);
      const userId = await ports.users.insert(aNewRow({ siteId: 2, personId: person.id, email: `u${at}@example.org` }));
      await database.rows.votes.create(aVote({ id: lastIdea + at, userId, ideaId: idea.id }));
    }
  });
};
const start = async (): Promise<Program> => {
  const program = await startProgram({ env: world.env });
  programs.push(program);
  return program;
};
const settled = (dump: Dump) =>
  [...(dump.get('civitas_audit')?.values() ?? [])].filter(({ disposition }) => disposition === 'anonymized');
const anonymizedAt = (dump: Dump) =>
  [...(dump.get('users')?.values() ?? [])].filter((row) => row['siteId'] === '2' && row['anonymizedAt'] !== null);
const votesOf = (dump: Dump, ids: ReadonlySet<unknown>) =>
  [...(dump.get('votes')?.values() ?? [])].filter(({ userId }) => ids.has(userId));
const visited = async (): Promise<number> => settled(await dumped(world.container.database)).length;

/** Each person is wholly anonymized, with one audit row and one record of the run; or untouched, with neither. */
const isWhole = (dump: Dump, runId: number): void => {
  const ids = new Set(anonymizedAt(dump).map(({ id }) => id));
  const audited = settled(dump).map(({ userId }) => userId);
  const recorded = [...(dump.get('civitas_anonymization_run_people')?.values() ?? [])].filter(
    (row) => row['runId'] === String(runId) && row['outcome'] === 'anonymized',
  );
  expect([...audited].sort()).toEqual([...ids].sort());
  expect(recorded.map(({ userId }) => userId).sort()).toEqual([...ids].sort());
  expect(votesOf(dump, ids)).toEqual([]);
};

describe('a run over a site whose instance is killed', () => {
  it('leaves everybody whole or untouched, and another instance carries it to its end', async () => {
    await enrol(60);
    const address = await ended.begin();
    const runId = Number(address.split('/').at(-1));
    const first = await start();
    await until('ten are done', async () => (await visited()) >= 10);
    first.signal('SIGKILL');
    await first.ended;

    const interrupted = await dumped(world.container.database);
    isWhole(interrupted, runId);
    expect(anonymizedAt(interrupted).length).toBeLessThan(70);
    // What the dead instance held runs out after half a minute.
    await world.container.database.change(
      sql`UPDATE civitas_anonymization_runs SET claimedUntil = ${new Date(0)} WHERE id = ${runId}`,
    );
    await start();
    const run = await ended.done(address);

    expect(run.outcomes).toEqual({ anonymized: 75, 'left-out;reason=admin-of-the-site': 1 });
    isWhole(await dumped(world.container.database), runId);
  });
});

describe('a run over a site with two instances at it', () => {
  it('visits everybody once, is paused for both, and goes on', async () => {
    await enrol(90);
    const address = await ended.begin();
    await start();
    await until('some are done', async () => (await visited()) >= 80);
    const paused = await world.call(ended.adminId, 'PUT', `${address}/pause`);
    expect([paused.status, paused.body.state, paused.body.reason]).toEqual([200, 'paused', 'asked']);
    const still = await visited();
    await new Promise((resolve) => setTimeout(resolve, 1500));
    expect(await visited()).toBe(still);
    expect(still).toBeLessThan(165);
    const resumed = await world.call(ended.adminId, 'PUT', `${address}/resume`);
    expect([resumed.status, resumed.body.state]).toEqual([200, 'running']);
    const run = await ended.done(address);

    expect(run.outcomes).toEqual({ anonymized: 90, 'left-out;reason=admin-of-the-site': 1 });
    const dump = await dumped(world.container.database);
    expect(settled(dump)).toHaveLength(165);
    expect(new Set(settled(dump).map(({ userId }) => userId)).size).toBe(165);
  });
});

describe('lists of people with two instances at them', () => {
  it('visit everybody once, also when one of them is killed', async () => {
    await enrol(60);
    const unvisited = async () =>
      [...((await dumped(world.container.database)).get('users')?.values() ?? [])]
        .filter((row) => row['siteId'] === '2' && row['anonymizedAt'] === null && row['role'] === 'member')
        .map(({ id }) => Number(id));
    const ids = await unvisited();
    const begun = async (users: readonly number[]): Promise<string> => {
      const planned = await world.call(ended.adminId, 'POST', '/api/anonymization-run', { users });
      const address = planned.headers.get('location') ?? '';
      const headers = { 'if-match': planned.headers.get('etag') ?? '' };
      const started = await world.call(ended.adminId, 'POST', `${address}/start`, undefined, headers);
      expect([planned.status, started.status]).toEqual([201, 202]);
      return address;
    };
    const before = await visited();
    await Promise.all(programs.splice(0).map((program) => program.stop()));
    const addresses = [await begun(ids.slice(0, 40)), await begun(ids.slice(40))];
    const first = await start();
    await start();
    await until('some are done', async () => (await visited()) >= before + 10);
    first.signal('SIGKILL');
    await first.ended;
    await world.container.database.change(
      sql`UPDATE civitas_anonymization_runs SET claimedUntil = ${new Date(0)} WHERE kind = 'people'`,
    );
    for (const address of addresses)
      await until(
        'the list is done',
        async () => (await world.call(ended.adminId, 'GET', address)).body.state === 'done',
        120_000,
      );

    const outcomes = await Promise.all(
      addresses.map(async (address) => (await world.call(ended.adminId, 'GET', address)).body.outcomes as unknown),
    );
    expect(outcomes).toEqual([{ anonymized: 40 }, { anonymized: ids.length - 40 }]);
    expect(await unvisited()).toEqual([]);
    const audited = settled(await dumped(world.container.database)).map(({ userId }) => userId);
    expect(new Set(audited).size).toBe(audited.length);
  });
});

describe('previewing a site', () => {
  it('takes as many statements for 190 people as for 40, and for each 200 of them', async () => {
    const site = await endSite(world, 6);
    const { ports } = world.container;
    const enrolAt = (count: number) =>
      ports.inOneTransaction(async () => {
        for (let at = 0; at < count; at += 1) await ports.users.insert(aNewRow({ siteId: 6 }));
      });
    const statements = async (): Promise<number> => {
      const before = world.statements();
      const { status } = await world.call(site.adminId, 'PUT', '/api/site/6/will-anonymize-all-users');
      expect(status).toBe(200);
      return world.statements() - before;
    };
    await enrolAt(40);
    await statements();
    const few = await statements();
    await enrolAt(150);
    expect(await statements()).toBe(few);
    expect(few).toBeLessThanOrEqual(20);
    // Others have their turn between two batches.
    await enrolAt(400);
    expect(await statements()).toBeLessThanOrEqual(3 * few);
  });
});
