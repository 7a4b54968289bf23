import { activityTypes } from '../../src/activity-types/index.ts';
import { ruleOf, userFieldNames } from '../../src/domain/users/user-fields.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';

let test: TestDatabase;
beforeAll(async () => {
  test = await openTestDatabase();
});
afterAll(() => test.close());

const columnsOf = async (table: string): Promise<Record<string, { type: string; allowNull: boolean }>> =>
  test.database.sequelize.getQueryInterface().describeTable(table);

describe('the columns of the database', () => {
  it('of users are those of the table of fields', async () => {
    expect(Object.keys(await columnsOf('users')).sort()).toEqual([...userFieldNames].sort());
  });

  it.each(activityTypes)('of $table are those of their activity type', async (type) => {
    expect(Object.keys(await columnsOf(type.table)).sort()).toEqual(Object.keys(type.columns).sort());
  });

  it('of users hold texts as long as the table of fields says', async () => {
    const columns = await columnsOf('users');
    const said = userFieldNames.flatMap((field) => {
      const { shape } = ruleOf(field);
      return 'maxLength' in shape ? [[field, `VARCHAR(${shape.maxLength})`] as const] : [];
    });
    const found = said.map(([field]) => [field, /VARCHAR\(\d+\)/.exec(columns[field]?.type ?? '')?.[0]]);
    expect(found).toEqual(said);
  });

  it.each(['sites', 'persons', 'outbox', 'leases', 'tombstones', 'userCounts', 'users'] as const)(
    'of %s are those of the model',
    async (name) => {
      const model = test.database.rows[name];
      expect(Object.keys(await columnsOf(model.tableName)).sort()).toEqual(Object.keys(model.getAttributes()).sort());
    },
  );
});
