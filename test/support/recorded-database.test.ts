import { recordedRows } from './recorded-database.ts';
import { statementsOf, tuplesOf } from './sql-dump.ts';

describe('a recorded OpenStad database', () => {
  it.each([
    ['sites', 7],
    ['users', 67],
    ['ideas', 323],
    ['arguments', 189],
    ['articles', 57],
    ['votes', 293],
    ['argument_votes', 0],
  ])('holds in %s %i rows', async (table, count) => {
    expect((await recordedRows('openstad-api-database')).get(table)).toHaveLength(count);
  });

  it('reads numbers, nulls, dates and JSON as they are written', async () => {
    const users = (await recordedRows('openstad-api-database')).get('users') ?? [];
    expect(users.find(({ id }) => id === 103)).toMatchObject({
      siteId: 2,
      externalUserId: 1002,
      nickName: null,
      extraData: '{"bio":"Bio 2 op site 2","shared":"s2","secretnote":"n2"}',
      createdAt: '2024-01-01 00:01:43',
    });
  });

  it('reads the worn one, too', async () => {
    const rows = await recordedRows('openstad-api-database-worn');
    const users = rows.get('users') ?? [];
    expect(users.some(({ deletedAt }) => deletedAt !== null)).toBe(true);
    expect(users.some(({ siteId }) => siteId === null)).toBe(true);
    expect(rows.get('submissions')?.length).toBeGreaterThan(0);
  });
});

describe('the reader of dumps', () => {
  it('knows every way to write a text', () => {
    expect(tuplesOf(String.raw`('it\'s','it''s','a\\b\n\"c\"\0\Z\%;(x),',_binary 'y')`)).toEqual([
      ["it's", "it's", 'a\\b\n"c"\0\x1a\\%;(x),', 'y'],
    ]);
  });

  it('knows numbers and nulls, over several rows and lines', () => {
    expect(tuplesOf("(1,-2.5,1e3,NULL,'NULL'),\n(0x00FF,'',0)")).toEqual([
      [1, -2.5, 1000, null, 'NULL'],
      ['0x00FF', '', 0],
    ]);
  });

  it('does not guess', () => {
    expect(() => tuplesOf('(1,now())')).toThrow('cannot read');
  });

  it('cuts where a statement ends, and nowhere else', () => {
    expect(statementsOf("-- a; comment\nSELECT 'a;b', `c;d`; /* e; */SELECT '\\';' -1;")).toEqual([
      "SELECT 'a;b', `c;d`",
      "SELECT '\\';' -1",
    ]);
  });
});
