import { raw, sql } from '../../src/db/sql.ts';
import { createSecrets } from '../../src/platform/secrets.ts';
import { runStore } from '../../src/db/stores/run-store.ts';
import type { PeopleRun, RunStore } from '../../src/ports/runs.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { fakeClock } from '../support/fakes/clock.ts';

/**
 * While an installation is renewed, processes of the version before still work on runs. What they send is written here as they send it:
 * of a run over a list, which they would take for one over a whole site, nothing of it may find anything.
 */
let scratch: TestDatabase;
let runs: RunStore;
const clock = fakeClock();
beforeAll(async () => {
  scratch = await openTestDatabase();
  runs = runStore(scratch.database, { clock, secrets: createSecrets([Buffer.alloc(32, 7).toString('base64')]) });
});
afterAll(() => scratch.close());

const planned = (): Promise<PeopleRun> => {
  const asker = { actorId: 5, everywhere: false, operator: null, statedReason: null };
  const where = { forSiteId: 1, siteIds: [1], extent: 'this-site' } as const;
  return runs.plan({ ...asker, ...where, plan: { digest: 'd' } }, [
    { userId: 7, siteId: 1, digest: 'd-7', refusal: null },
  ]);
};
const stateOf = async ({ id }: PeopleRun) =>
  (await scratch.database.select(sql`SELECT state, mac, claim FROM civitas_anonymization_runs WHERE id = ${id}`))[0];

describe('a run over a list of people', () => {
  it('is claimed by no older process, planned, running or paused', async () => {
    const { select, change } = scratch.database;
    const run = await planned();
    const claims = async (): Promise<number> => {
      const free = await select(
        sql`SELECT id FROM civitas_anonymization_runs WHERE state = 'running' AND (claimedUntil IS NULL OR claimedUntil <= ${clock.now()}) AND 1 = 1 ORDER BY claimedUntil, id LIMIT 8`,
      );
      const taken = await change(
        sql`UPDATE civitas_anonymization_runs SET claim = 'old', claimedUntil = ${new Date(clock.now().getTime() + 30_000)} WHERE id = ${run.id} AND state = 'running' AND (claimedUntil IS NULL OR claimedUntil <= ${clock.now()})`,
      );
      return free.length + taken;
    };
    expect(await claims()).toBe(0);
    await runs.start(run.id, run);
    expect(await claims()).toBe(0);
    await runs.pause(run.id, 'asked');
    expect(await claims()).toBe(0);
  });

  it('is found at no site by one, nor as open at any', async () => {
    const { select } = scratch.database;
    const run = await planned();
    await runs.start(run.id, run);
    for (const siteId of [1, 7])
      expect(
        await select(sql`SELECT id FROM civitas_anonymization_runs WHERE id = ${run.id} AND siteId = ${siteId}`),
      ).toEqual([]);
    expect(await select(sql`SELECT id FROM civitas_anonymization_runs WHERE openSiteId = ${1}`)).toEqual([]);
    expect(await select(raw('SELECT id FROM civitas_anonymization_runs WHERE openSiteId = 0'))).toEqual([]);
  });

  it('keeps its state and its MAC, whatever one would set', async () => {
    const { change } = scratch.database;
    const run = await planned();
    await runs.start(run.id, run);
    const before = await stateOf(run);
    const paused = await change(
      sql`UPDATE civitas_anonymization_runs SET state = 'paused', mac = 'v1.x.y', reason = 'asked', claim = NULL, claimedUntil = NULL WHERE id = ${run.id} AND state = 'running' AND mac = ${String(before?.['mac'])}`,
    );
    const recorded = await change(
      sql`UPDATE civitas_anonymization_runs SET claim = 'old', workedMs = workedMs + 1 WHERE id = ${run.id} AND claim = 'old' AND state = 'running'`,
    );
    expect([paused, recorded]).toEqual([0, 0]);
    expect(await stateOf(run)).toEqual(before);
    expect(before).toMatchObject({ state: 'going', claim: null });
  });

  it('leaves whole sites as they were written: an older process reads what this one wrote', async () => {
    const secrets = createSecrets([Buffer.alloc(32, 7).toString('base64')]);
    const run = await runs.begin({
      ...{
        siteId: 4,
        actorId: 5,
        everywhere: true,
        statedReason: 'Zaak-1',
        plan: { digest: 'd' },
        planned: 2,
        lastUserId: 9,
      },
    });
    const [row] = await scratch.database.select(sql`SELECT mac FROM civitas_anonymization_runs WHERE id = ${run.id}`);
    const text = JSON.stringify([
      ...['1', run.id, 4, 5, true, 'Zaak-1', 'running', '{"digest":"d"}', 2, 9, run.startedAt.toISOString()],
    ]);
    expect(secrets.macKey('site run', text, String(row?.['mac']))).toBe(0);
  });
});
