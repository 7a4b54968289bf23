import { sideTableStore } from '../../src/db/stores/side-table-store.ts';
import { raw, sql } from '../../src/db/sql.ts';
import type { SideBatch, SidePosition, SideSubjects, SideTableStore } from '../../src/ports/activity-store.ts';
import { actorNow } from '../../src/use-cases/actor-now.ts';
import type { InTurn } from '../../src/use-cases/commands.ts';
import { exportUser as exportUserOf } from '../../src/use-cases/people/export-user.ts';
import { startSentences, type SentenceWorld } from '../journeys/sentences/support/world.ts';
import { anActor } from '../support/builders.ts';
import { put } from '../support/side-rows.ts';

/**
 * OpenStad's tables that belong to all sites may be large, and one that came after our indexes has none: looking there for what
 * somebody of any site has must not hold everybody. Source: user-api.md §3 "Few at once".
 */
const site = 11;
const [others, rowsAtOnce, tables] = [25_600, 10_000, 2] as const;
let s: SentenceWorld;
beforeAll(async () => {
  s = await startSentences({ [site]: {} });
  const { database } = s.world.container;
  const key = `INTEGER PRIMARY KEY ${database.dialect.name === 'mysql' ? 'AUTO_INCREMENT' : ''}`;
  const stamps = 'createdAt DATETIME, updatedAt DATETIME, deletedAt DATETIME';
  await database.change(
    raw(`CREATE TABLE logs (id ${key}, email VARCHAR(255) NOT NULL, userId INT, extraData TEXT, ${stamps})`),
  );
  await database.change(
    raw(`CREATE TABLE notifications (id ${key}, \`to\` VARCHAR(255) NOT NULL, body TEXT, ${stamps})`),
  );
  const many = `(WITH RECURSIVE up (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM up WHERE i < 160) SELECT a.i FROM up a CROSS JOIN up b) every`;
  await database.change(raw(`INSERT INTO logs (email) SELECT 'an@other.example' FROM ${many}`));
  await database.change(raw(`INSERT INTO notifications (\`to\`) SELECT 'an@other.example' FROM ${many}`));
});
afterAll(() => s.close());

test('twenty exports of one member read whole tables of all sites, beside each other and in one go each', async () => {
  const { ports } = s.world.container;
  const userId = (await s.person({ at: { [site]: 'member' } })).at[site] ?? 0;
  const at = await ports.sites.byId(site);
  if (at === null) throw new Error('the site is there');
  await put(s.world.container.database, 'logs', { email: '', userId });
  let turn = 'none';
  const looks: string[] = [];
  const sideTables: SideTableStore = {
    ...ports.sideTables,
    references: (...asked) => {
      looks.push(turn);
      return ports.sideTables.references(...asked);
    },
  };
  const inTurn: InTurn = async (work, { patient = false, isCheap = false } = {}) => {
    turn = `${isCheap ? 'cheap' : 'costly'}, ${patient ? 'patient' : 'not patient'}`;
    const done = await work();
    turn = 'none';
    return done;
  };
  const actor = await actorNow(ports, anActor({ userId, reach: { kind: 'one-site', siteId: site } }));
  const told: number[] = [];
  for await (const part of exportUserOf({ ...ports, sideTables })({ actor, site: at, userId, inTurn }))
    if (part.of === 'logs') told.push(part.rows.length);
  expect(told).toEqual([1]);
  expect(new Set(looks)).toEqual(new Set(['costly, patient']));
  expect(looks.length).toBeGreaterThanOrEqual(tables * Math.ceil(others / rowsAtOnce));
});

describe('a walk, of an export or a plan, finds the same rows, in the same order', () => {
  const [userId, email] = [777, 'long@ago.example'];
  const subjects: SideSubjects = {
    users: [{ userId, siteId: site, email, externalId: null, anywhere: { email, externalId: null } }],
  };
  const expected = async (): Promise<readonly string[]> => {
    const rows = await s.world.container.database.select(
      sql`SELECT 'logs' AS name, id FROM logs WHERE userId = ${userId} OR email = ${email}
          UNION ALL SELECT 'notifications' AS name, id FROM notifications WHERE \`to\` = ${email} ORDER BY name, id`,
    );
    return rows.map(({ name, id }) => `${String(name)} ${String(id)}`);
  };
  const walked = async () => {
    const { database, ports } = s.world.container;
    // By itself, as what exists is looked up once.
    const store = sideTableStore(database, ports.inOneTransaction);
    const found: string[] = [];
    let steps = 0;
    for (let after: SidePosition | null = null; ; steps += 1) {
      const batch: SideBatch = await store.references(subjects, after, 500);
      expect(batch.found.length).toBeLessThanOrEqual(500);
      found.push(...batch.found.map(({ table, id }) => `${table.table} ${String(id)}`));
      if (batch.next === null) return { found, steps };
      after = batch.next;
    }
  };
  const toMany = (of: number) => sql`UPDATE logs SET userId = ${userId} WHERE id <= ${of}`;

  test('without an index, whether they are few or many', async () => {
    const { database } = s.world.container;
    await put(database, 'notifications', { to: email });
    await database.change(sql`UPDATE logs SET email = ${email} WHERE id IN (1, 10000, 10001, 20000, 25000)`);
    const few = await walked();
    expect(few.found).toEqual(await expected());
    expect(few.steps + 1).toBe(tables * Math.ceil(others / rowsAtOnce));
    await database.change(toMany(1200));
    expect((await walked()).found).toEqual(await expected());
  });

  test('with indexes in one statement, or row by row where they lead to many', async () => {
    const { database } = s.world.container;
    const length = database.dialect.name === 'mysql' ? '(100)' : '';
    for (const index of [
      'logs_userId ON logs (userId)',
      `logs_email ON logs (email${length})`,
      `notifications_to ON notifications (\`to\`${length})`,
    ])
      await database.change(raw(`CREATE INDEX ${index}`));
    await database.change(sql`UPDATE logs SET userId = NULL WHERE userId = ${userId}`);
    const few = await walked();
    expect(few).toEqual({ found: await expected(), steps: 0 });
    await database.change(toMany(6000));
    const many = await walked();
    expect(many.found).toEqual(await expected());
    expect(many.steps).toBeGreaterThan(6000 / 500);
  });
});
