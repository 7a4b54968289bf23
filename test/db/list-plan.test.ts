import type { Database, RawRow } from '../../src/db/database.ts';
import { peopleStore } from '../../src/db/stores/people-list-store.ts';
import { fillWords } from '../../src/db/users/words-and-counts.ts';
import { page } from '../../src/db/users/list-users.ts';
import { raw, sql } from '../../src/db/sql.ts';
import type { ListQuery } from '../../src/ports/user-store.ts';
import { anActor } from '../support/builders.ts';
import { hasMysql } from '../support/recorded-copy.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { siteRow } from '../contract/subject.ts';

const onMysql = hasMysql ? it : it.skip;

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
        email: `somebody${index}@example.org`,
      })),
    );
    await fillWords(scratch.database);
    await select(raw(dialect.name === 'mysql' ? 'ANALYZE TABLE users, civitas_user_words' : 'ANALYZE'));
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

  // SQLite has no choice: the index is named, and a statement that cannot go by it fails.
  onMysql('of people is walked in the order of their rows, and sorts no site', async () => {
    const { select } = scratch.database;
    const walks: string[] = [];
    const told: Database['select'] = async (statement, limit) => {
      const steps = await select(sql`EXPLAIN ${statement}`);
      walks.push(...steps.filter(isWalkOfSite).map((step) => `${String(step['type'])} ${String(step['Extra'])}`));
      return select(statement, limit);
    };
    const people = peopleStore({ ...scratch.database, select: told });
    const sites = { siteIds: [siteId], clientSiteIds: [siteId] };
    for (const audience of ['everybody', 'listed'] as const)
      await people.page({ ...sites, clientId: 1, issuer: 'https://oauth.example', audience }, 10, 20);

    expect(walks.filter((walk) => walk.startsWith('ref '))).toHaveLength(2);
    // Those with a zero date are few.
    for (const walk of walks) expect(walk).toMatch(/^ref (?!.*filesort)|^range /);
  });

  // SQLite keeps the order of a cross join.
  onMysql('of people is looked up by the word of an address that fewest bear, and then by id', async () => {
    const { select } = scratch.database;
    const steps: string[] = [];
    const told: Database['select'] = async (statement, limit) => {
      for (const step of await select(sql`EXPLAIN ${statement}`))
        steps.push(`${String(step['table'])} ${String(step['type'])} ${String(step['key'])}`);
      return select(statement, limit);
    };
    const people = peopleStore({ ...scratch.database, select: told });
    const query = { siteIds: [siteId], clientSiteIds: [siteId], clientId: 1, issuer: 'https://oauth.example' };
    const found = await people.withAddress({ ...query, audience: 'everybody' }, 'somebody1234@example.org');

    expect(found.ids).toEqual([first + 1234]);
    expect(steps.filter((step) => step.startsWith('u '))).toEqual(['u eq_ref PRIMARY']);
    expect(steps.filter((step) => /^w ALL\b/.test(step))).toEqual([]);
  });
});
const isWalkOfSite = (step: RawRow): boolean =>
  String(step['key']).startsWith('users_siteId_deletedAt_anonymizedAt_id_');
