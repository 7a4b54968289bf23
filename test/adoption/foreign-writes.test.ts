import { raw, sql } from '../../src/db/sql.ts';
import { adoptIn } from '../support/adopted.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';

const then = '2024-01-01 00:00:00';
let test: TestDatabase;
beforeEach(async () => {
  test = await openTestDatabase();
  await test.database.insert(
    sql`INSERT INTO sites (id, name, title, domain, config, hostStatus, createdAt, updatedAt)
        VALUES (1, 'een', 'Een', 'een.example.org', '{}', '{}', ${then}, ${then})`,
  );
  await test.database.insert(
    sql`INSERT INTO users (id, siteId, role, firstName, lastName, email, listableByRole, extraData, lastLogin, createdAt, updatedAt)
        VALUES (1, 1, 'member', 'Truus', 'Past', 'truus@example.org', NULL, '{}', ${then}, ${then}, ${then}),
               (2, 1, 'member', 'Guus', 'Past', 'guus@example.org', 'all', '{}', ${then}, ${then}, ${then})`,
  );
  // Somebody was counted whose row was removed by another program.
  await test.database.insert(
    sql`INSERT INTO civitas_user_counts (siteId, listableByRole, n) VALUES (1, 'all', 4), (1, 'editor', 1)`,
  );
});
afterEach(() => test.close());

const counts = async () => {
  const rows = await test.database.select(
    raw('SELECT listableByRole, n FROM civitas_user_counts ORDER BY listableByRole'),
  );
  return rows.map(({ listableByRole, n }) => [listableByRole, Number(n)]);
};
const right = [
  ['all', 1],
  ['editor', 0],
  ['none', 1],
];

describe('people of an adopted database', () => {
  it('may hold what the OAuth server has never heard of; those whom we knew before do not', async () => {
    const issuer = 'https://oauth.example';
    await test.database.change(raw('UPDATE users SET externalUserId = 100 + id'));
    await test.database.insert(
      sql`INSERT INTO civitas_persons (issuer, externalId, createdAt) VALUES (${issuer}, '101', ${then})`,
    );
    await adoptIn(test.database, issuer);
    const persons = await test.database.select(
      raw('SELECT externalId, hasUnsaidFields FROM civitas_persons ORDER BY externalId'),
    );
    expect(persons.map((person) => [person['externalId'], Number(person['hasUnsaidFields'])])).toEqual([
      ['101', 0],
      ['102', 1],
    ]);
  });
});

describe('users that another program wrote', () => {
  it('are counted in totals after `migrate`, and found by their names', async () => {
    const report = await adoptIn(test.database);

    expect(report.countsPutRight).toBe(3);
    expect(await counts()).toEqual(right);
    const found = await test.database.select(
      sql`SELECT userId FROM civitas_user_words WHERE siteId = 1 AND word = 'truus'`,
    );
    expect(new Set(found.map(({ userId }) => userId))).toEqual(new Set([1]));
    expect((await adoptIn(test.database)).countsPutRight).toBe(0);
  });

  it('are counted once, though several migrate at once', async () => {
    await Promise.all([adoptIn(test.database), adoptIn(test.database), adoptIn(test.database)]);

    expect(await counts()).toEqual(right);
  });
});
