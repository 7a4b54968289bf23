import { page } from '../../src/db/users/list-page.ts';
import { raw, sql } from '../../src/db/sql.ts';
import type { ListQuery } from '../../src/ports/user-store.ts';
import { anActor } from '../support/builders.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { siteRow } from '../contract/subject.ts';

/** How the database reads a page in the middle of a site of some thousands: from the place on, or all that come before it, too. */
describe('a page from a place on', () => {
  let scratch: TestDatabase;
  const site = siteRow();
  const siteId = site.id;
  const many = 4000;
  const first = 1_000_000;
  beforeAll(async () => {
    scratch = await openTestDatabase();
    const { rows, select, dialect } = scratch.database;
    const now = new Date();
    const dates = { createdAt: now, updatedAt: now };
    await rows.sites.create(site);
    await rows.users.bulkCreate(
      Array.from({ length: many }, (_none, index) => ({
        ...{ id: first + index, siteId, role: 'member', complete: true, slot: 0, profileWithheld: false },
        ...{ extraData: {}, listableByRole: index % 2 === 0 ? 'all' : null, lastLogin: now, ...dates },
      })),
    );
    await select(raw(dialect.name === 'mysql' ? 'ANALYZE TABLE users' : 'ANALYZE'));
  });
  afterAll(() => scratch.close());

  const middle = first + many / 2;
  const walks = (['ASC', 'DESC'] as const).flatMap((direction) =>
    (['admin', 'moderator', 'all'] as const).map((role) => [role, direction] as const),
  );

  it.each(walks)('is looked up by its id, for %s, %s', async (role, direction) => {
    const { select, dialect } = scratch.database;
    const query: ListQuery = {
      ...{ siteId, actor: anActor(), role, conditions: [], limit: 50 },
      ...{ sort: { field: 'id', direction }, after: { value: middle, id: middle } },
    };
    const explain = raw(dialect.name === 'mysql' ? 'EXPLAIN' : 'EXPLAIN QUERY PLAN');
    const steps = await select(sql`${explain} ${page(query, dialect)}`);
    const told = steps.map((step) =>
      dialect.name === 'mysql' ? `${String(step['key'])} ${String(step['type'])}` : String(step['detail']),
    );
    expect(told).not.toContain('SCAN u');
    const ofUsers = told.filter((step) => step.includes('users_siteId'));
    expect(ofUsers.length).toBeGreaterThan(0);
    // From the place on, and the few rows with a zero date, who stand together in the same index.
    for (const step of ofUsers)
      expect(step).toMatch(dialect.name === 'mysql' ? / range$/ : / AND (id[<>]|deletedAt<)\?\)/);
  });
});
