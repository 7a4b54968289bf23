import { normalisedIssuer } from '../../src/domain/sites/oauth-client.ts';
import type { Database } from '../../src/db/index.ts';
import { fillWords } from '../../src/db/users/words-and-counts.ts';
import type { RecordedRow, RecordedRows } from './recorded-database.ts';

const tables = ['sites', 'users', 'ideas', 'articles', 'arguments', 'votes'] as const;

/**
 * Copies the six OpenStad tables column by column and links the people: a person per issuer and external id.
 * What the stores keep beside rows is made of them. `rewritten` changes texts on the way (the OAuth server's address in the sites' configs).
 */
export const fillTables = async (
  database: Database,
  recorded: RecordedRows,
  rewritten: (text: string) => string,
): Promise<void> => {
  await copyTables(database, recorded, rewritten);
  await linkPersons(database, recorded, rewritten);
  await fillWords(database);
};

/** Copies the six OpenStad tables column by column, and nothing else. */
export const copyTables = async (
  database: Database,
  recorded: RecordedRows,
  rewritten: (text: string) => string = (text) => text,
): Promise<void> => {
  for (const table of tables) {
    const rows = (recorded.get(table) ?? []).map((row) => valuesOf(row, rewritten));
    for (let at = 0; at < rows.length; at += 100) await database.rows[table].bulkCreate(rows.slice(at, at + 100));
  }
};

const jsonColumns = new Set(['config', 'hostStatus', 'extraData']);
const dateColumns = /(At|Date|Login)$|^isNotifiedAboutAnonymization$/;

const valuesOf = (row: RecordedRow, rewritten: (text: string) => string) =>
  Object.fromEntries(
    Object.entries(row).map(([column, value]) => {
      if (typeof value !== 'string') return [column, value];
      if (jsonColumns.has(column)) return [column, JSON.parse(rewritten(value)) as unknown];
      return [column, dateColumns.test(column) ? new Date(`${value.replace(' ', 'T')}Z`) : value];
    }),
  );

const linkPersons = async (
  database: Database,
  recorded: RecordedRows,
  rewritten: (text: string) => string,
): Promise<void> => {
  const issuers = new Map(
    (recorded.get('sites') ?? []).map((site) => [site['id'], issuerOf(rewritten(String(site['config'])))]),
  );
  const users = (recorded.get('users') ?? []).filter((row) => row['externalUserId'] !== null && row['siteId'] !== null);
  const ids = [...new Set(users.map((row) => `${issuers.get(row['siteId']) ?? ''} ${row['externalUserId'] ?? ''}`))];
  const persons = ids.map((id, at) => ({ id: at + 1, issuer: id.split(' ')[0], externalId: id.split(' ')[1] }));
  await database.rows.persons.bulkCreate(
    persons.map((person) => ({
      ...person,
      state: 'active',
      createdByUs: true,
      fetchedAt: null,
      createdAt: new Date(0),
    })),
  );
  for (const person of persons) {
    const own = users.filter((row) => String(row['externalUserId']) === person.externalId).map((row) => row['id']);
    await database.rows.users.update({ personId: person.id }, { where: { id: own } });
  }
  const classes = (recorded.get('users') ?? [])
    .filter((row) => row['deletedAt'] === null && row['siteId'] !== null)
    .map((row) => `${row['siteId'] ?? ''} ${row['listableByRole'] ?? 'none'}`);
  await database.rows.userCounts.bulkCreate(
    [...new Set(classes)].map((one) => ({
      siteId: Number(one.split(' ')[0]),
      listableByRole: one.split(' ')[1],
      n: classes.filter((other) => other === one).length,
    })),
  );
};

const issuerOf = (config: string): string => {
  const { oauth } = JSON.parse(config) as { oauth: { default: Record<string, string> } };
  return normalisedIssuer(oauth.default['auth-server-url'] ?? '') ?? '';
};
