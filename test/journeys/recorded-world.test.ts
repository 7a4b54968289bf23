import { activityTypes } from '../../src/activity-types/index.ts';
import { ruleOf, userFieldNames } from '../../src/domain/users/user-fields.ts';
import { recordedRows, type RecordedRow, type RecordedRows } from '../support/recorded-database.ts';
import { fixedTokens, startRecordedWorld, type RecordedWorld } from '../support/recorded-world.ts';

let world: RecordedWorld;
let rows: RecordedRows;
beforeAll(async () => {
  [world, rows] = await Promise.all([startRecordedWorld(), recordedRows('openstad-api-database')]);
});
afterAll(() => world.close());

const siteIds = [1, 2, 3, 4, 5, 6, 7];
const users = (): readonly RecordedRow[] => rows.get('users') ?? [];
const addressOf = (user: RecordedRow): string => `/api/site/${user['siteId'] ?? ''}/user/${user['id'] ?? ''}`;
const isNamedByToken = (user: RecordedRow): boolean => Object.values(fixedTokens).some((id) => id === user['id']);
const idsOf = (list: readonly { readonly id: number }[]): readonly number[] => list.map(({ id }) => id);
const ascending = (ids: readonly unknown[]): readonly number[] => ids.map(Number).sort((one, other) => one - other);

/** All rows of the human behind a row. */
const rowsOfPerson = (user: RecordedRow): readonly RecordedRow[] =>
  user['externalUserId'] === null
    ? [user]
    : users().filter((other) => other['externalUserId'] === user['externalUserId']);
/** What some rows contributed, as the recording has it. */
const contributed = (table: string, by: readonly RecordedRow[]): readonly RecordedRow[] =>
  (rows.get(table) ?? []).filter((row) => by.some((user) => user['id'] === row['userId']));
const votingIsActive = (user: RecordedRow): boolean => Number(user['siteId']) <= 5;

/** The six lists that anonymizing some rows must answer with. */
const expectedLists = (concerned: readonly RecordedRow[]) => ({
  users: ascending(concerned.map((row) => row['id'])),
  sites: ascending([...new Set(concerned.map((row) => row['siteId']))]),
  ideas: ascending(contributed('ideas', concerned).map((row) => row['id'])),
  articles: ascending(contributed('articles', concerned).map((row) => row['id'])),
  arguments: ascending(contributed('arguments', concerned).map((row) => row['id'])),
  votes: ascending(contributed('votes', concerned.filter(votingIsActive)).map((row) => row['id'])),
});
const listsOf = (body: Record<string, readonly { readonly id: number }[]>) =>
  Object.fromEntries(Object.entries(body).map(([name, list]) => [name, ascending(idsOf(list))]));

describe('each of the 67 recorded users', () => {
  it('is there', () => {
    expect(users()).toHaveLength(67);
  });

  it('is shown whole to an admin', async () => {
    for (const user of users()) {
      const { status, body, headers } = await world.call('admin', 'GET', addressOf(user));

      expect(status).toBe(200);
      expect(body).toMatchObject({
        id: user['id'],
        siteId: user['siteId'],
        role: user['role'],
        email: user['email'],
        firstName: user['firstName'],
        lastName: user['lastName'],
        externalUserId: user['externalUserId'],
        extraData: JSON.parse(String(user['extraData'])),
        displayName: `${user['firstName'] ?? ''} ${user['lastName'] ?? ''}`,
        site: { id: user['siteId'] },
      });
      expect(headers.get('etag')).toMatch(/^"[\w-]+"$/);
    }
  });

  it('shows a visitor no detail', async () => {
    const hidden = userFieldNames.filter((field) => !['everybody', 'by-key'].includes(ruleOf(field).view));
    for (const user of users()) {
      const { status, body, text } = await world.call(null, 'GET', addressOf(user));

      expect(status).toBe(200);
      expect(Object.keys(body)).toEqual(expect.arrayContaining(['id', 'siteId', 'displayName', 'extraData', 'site']));
      expect(Object.keys(body).filter((key) => [...hidden, 'fullName'].includes(key))).toEqual([]);
      expect(Object.keys(body.extraData).filter((key) => key !== 'shared')).toEqual([]);
      expect(text).not.toContain(user['email']);
    }
  });

  it('has all that the person contributed anywhere in the activity that an admin sees', async () => {
    for (const user of users()) {
      const { status, body } = await world.call('admin', 'GET', `${addressOf(user)}/activity`);

      expect(status).toBe(200);
      const person = rowsOfPerson(user);
      for (const { plural, table } of activityTypes)
        expect(ascending(idsOf(body[plural]))).toEqual(ascending(contributed(table, person).map((row) => row['id'])));
      const moments = (body.activity as readonly { createdAt: string }[]).map(({ createdAt }) => createdAt);
      expect(moments).toHaveLength(activityTypes.flatMap(({ table }) => contributed(table, person)).length);
      expect(moments).toEqual([...moments].sort().reverse());
      expect(ascending(idsOf(body.sites))).toEqual(ascending([...new Set(person.map((row) => row['siteId']))]));
    }
  });

  it.each([
    ['will-anonymize', (user: RecordedRow) => [user]],
    ['will-anonymizeall', rowsOfPerson],
  ] as const)('is previewed by %s as the recording counts', async (verb, concerned) => {
    for (const user of users()) {
      const { status, body } = await world.call('admin', 'GET', `${addressOf(user)}/${verb}`);

      if (isNamedByToken(user)) {
        expect([status, body.rule]).toEqual([409, 'named-by-fixed-token']);
        continue;
      }
      expect(status).toBe(200);
      expect(listsOf(body)).toEqual(expectedLists(concerned(user)));
    }
  });
});

describe.each(siteIds)('the list of site %i', (siteId) => {
  const address = `/api/site/${siteId}/user`;
  const listedFor = (who: keyof typeof fixedTokens | null): readonly number[] => {
    const rank = ['all', 'anonymous', 'member', 'moderator', 'editor', 'admin'];
    const role = who ?? 'all';
    return ascending(
      users()
        .filter((user) => user['siteId'] === siteId)
        .filter(
          (user) =>
            rank.indexOf(role) >= rank.indexOf(String(user['listableByRole'] ?? 'moderator')) ||
            (who !== null && user['id'] === fixedTokens[who]),
        )
        .map((user) => user['id']),
    );
  };

  it.each(['admin', 'moderator', 'member', null] as const)(
    'is the same unpaged, by pages and by cursor, and its total is right (asked by %s)',
    async (who) => {
      const expected = listedFor(who);

      const whole = await world.call(who, 'GET', address);
      expect([whole.status, idsOf(whole.body)]).toEqual([200, expected]);

      const byPage: number[] = [];
      for (let page = 0; page <= Math.ceil(expected.length / 7); page += 1) {
        const { status, body } = await world.call(who, 'GET', `${address}?page=${page}&pageSize=7`);
        expect([status, body.metadata.totalCount]).toEqual([200, expected.length]);
        byPage.push(...idsOf(body.records));
      }
      expect(byPage).toEqual(expected);

      const byCursor: number[] = [];
      let next: string | undefined = `${address}?page=0&pageSize=5`;
      while (next !== undefined) {
        const { status, body } = await world.call(who, 'GET', next);
        expect(status).toBe(200);
        byCursor.push(...idsOf(body.records));
        const { cursor } = body.metadata;
        next = cursor === undefined ? undefined : `${address}?pageSize=5&cursor=${encodeURIComponent(cursor)}`;
      }
      expect(byCursor).toEqual(expected);
    },
  );

  it('counts what a filter leaves', async () => {
    const { body } = await world.call(
      'admin',
      'GET',
      `${address}?page=0&pageSize=1000&filter={"lastName":{"substring":"Special"}}`,
    );

    const expected = users().filter((user) => user['siteId'] === siteId && String(user['lastName']) === 'Special');
    expect([body.metadata.totalCount, idsOf(body.records)]).toEqual([
      expected.length,
      ascending(expected.map((user) => user['id'])),
    ]);
  });

  it('shows a visitor no detail', async () => {
    const { text } = await world.call(null, 'GET', address);

    expect(text).not.toMatch(/"(email|role|lastLogin|firstName|lastName|phoneNumber|externalUserId|secretnote|bio)"/);
  });
});
