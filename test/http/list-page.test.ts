import request from 'supertest';
import { Fault } from '../../src/domain/fault.ts';
import { testApp } from './support/app.ts';
import { list, users } from './support/listing.ts';
import { niels } from './support/world.ts';

describe('a page of users', () => {
  const found = (totalCount: number | null, cursor: string | null) => ({
    listPage: async () => ({ users: [niels()], totalCount, cursor }),
  });

  test('tells where it is and where to go', async () => {
    const { body } = await list(`page=2&pageSize=10&sort=lastName_desc`, undefined, found(45, 'abc'));

    const link = (page: number) => `${users}?page=${page}&pageSize=10&sort=lastName_desc`;
    expect(body.metadata).toEqual({
      page: 2,
      pageSize: 10,
      pageCount: 5,
      totalCount: 45,
      cursor: 'abc',
      links: { self: link(2), first: link(0), last: link(4), previous: link(1), next: link(3) },
    });
    expect(body.records).toHaveLength(1);
  });

  test('has no way back from the first, and none on from the last', async () => {
    const { body } = await list('page=0', undefined, found(3, null));

    expect(body.metadata).toEqual({
      page: 0,
      pageSize: 20,
      pageCount: 1,
      totalCount: 3,
      links: { self: `${users}?page=0`, first: `${users}?page=0`, last: `${users}?page=0` },
    });
  });

  test.each([20, 50])('of %i that gets no turn is told so', async (pageSize) => {
    const refuse = async () => Promise.reject(new Fault('busy', { retryAfterSeconds: 2 }, 'Others have much at work.'));
    const { app } = testApp({
      listPage: refuse,
      streamPage: async () => ({
        ...{ totalCount: 1, cursor: null },
        batches: (async function* () {
          yield await refuse();
        })(),
      }),
    });
    const { status, body } = await request(app).get(`${users}?page=0&pageSize=${pageSize}`);
    expect([status, body.type]).toEqual([503, '/problems/busy']);
  });

  test('that is reached by cursor carries no count', async () => {
    const { body, command } = await list('cursor=abc&pageSize=5', undefined, found(null, 'def'));
    expect(command).toEqual({});
    expect(body.metadata).toEqual({
      pageSize: 5,
      cursor: 'def',
      links: {
        self: `${users}?cursor=abc&pageSize=5`,
        first: `${users}?pageSize=5&page=0`,
        next: `${users}?cursor=def&pageSize=5`,
      },
    });
  });

  test('is asked for by page or by cursor', async () => {
    expect((await list('page=3&pageSize=1000')).command).toMatchObject({ page: 3, pageSize: 1000 });
    expect((await list('cursor=abc')).command).toMatchObject({ cursor: 'abc', pageSize: 20 });
  });

  test.each([
    ...[
      'page=-1',
      'page=abc',
      'page=1.5',
      'page=',
      'page=1e3',
      'page=9999999999',
      'pageSize=0',
      'pageSize=1001',
      'pageSize=abc',
      'pageSize=-1',
      'pageSize=',
    ],
    ...['cursor=', 'sort=', 'filter='],
  ])('is refused: %s', async (query) => {
    expect(await list(query.startsWith('page=') ? query : `page=0&${query}`)).toMatchObject({
      status: 400,
      pointer: query.split('=')[0],
    });
  });

  test('beyond the ten thousandth is refused below moderator, and says how to go on', async () => {
    for (const query of ['page=1000&pageSize=10', 'page=10&pageSize=1000', 'page=10000&pageSize=1', 'page=999999999']) {
      const { status, pointer, body } = await list(query, 'member-token');
      expect([status, pointer, body.detail]).toEqual([400, 'page', expect.stringContaining('cursor')]);
      expect((await list(query, 'moderator-token')).status).toBe(200);
    }
    for (const query of ['page=999&pageSize=10', 'page=9&pageSize=1000', 'page=9999&pageSize=1'])
      expect((await list(query, 'member-token')).status).toBe(200);
  });

  test('has no link to one that would be refused', async () => {
    const link = (page: number) => `${users}?page=${page}&pageSize=10`;
    const { body } = await list('page=999&pageSize=10', 'member-token', found(40_000, 'abc'));
    expect(body.metadata).toMatchObject({ pageCount: 4000, totalCount: 40_000, cursor: 'abc' });
    expect(body.metadata.links).toEqual({ self: link(999), first: link(0), last: link(999), previous: link(998) });
    const all = await list('page=999&pageSize=10', 'moderator-token', found(40_000, 'abc'));
    expect(all.body.metadata.links).toMatchObject({ last: link(3999), next: link(1000) });
  });
});
