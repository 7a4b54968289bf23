import { createServer, get, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import request from 'supertest';
import type { Stories } from '../../src/users/commands.ts';
import { each, lastCommand, testApp } from './support/app.ts';
import { niels } from './support/world.ts';

const users = '/api/site/1/user';
const list = async (query: string, token = 'moderator-token', own: Partial<Stories> = {}) => {
  const { app, heard } = testApp(own);
  const answer = await request(app).get(`${users}?${query}`).set('X-Authorization', token);
  return {
    status: answer.status,
    body: answer.body,
    command: lastCommand(heard),
    pointer: answer.body.errors?.[0]?.pointer as unknown,
  };
};
const json = (value: unknown): string => encodeURIComponent(JSON.stringify(value));

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
    ...['cursor=', 'sort=', 'filter=', 'q=', 'q=jan'],
  ])('is refused: %s', async (query) => {
    expect(await list(query.startsWith('page=') ? query : `page=0&${query}`)).toMatchObject({
      status: 400,
      pointer: query.split('=')[0],
    });
  });
});

describe('the order of a list', () => {
  test.each([
    ['', { field: 'id', direction: 'ASC' }],
    [`&sort=${json(['lastName', 'DESC'])}`, { field: 'lastName', direction: 'DESC' }],
    [`&sort=${json(['createdAt', 'asc'])}`, { field: 'createdAt', direction: 'ASC' }],
    ['&sort=lastName_desc', { field: 'lastName', direction: 'DESC' }],
    ['&sort=id_ASC', { field: 'id', direction: 'ASC' }],
  ])('is asked for: %s', async (query, sort) => {
    expect((await list(`page=0${query}`)).command['sort']).toEqual(sort);
  });

  test.each([
    ...[
      'lastName',
      'lastName_down',
      'nothing_asc',
      '_asc',
      '[',
      '[]',
      '{}',
      '["lastName"]',
      '["lastName","DESC","x"]',
      '[["lastName","DESC"]]',
      '[1,2]',
    ],
    ...[
      'extraData_asc',
      'zipCode_asc',
      'personId_asc',
      'externalAccessToken_asc',
      'externalUserId_asc',
      '__proto___asc',
      'id; DROP TABLE users_asc',
    ],
  ])('is refused to a moderator: %s', async (sort) => {
    expect(await list(`page=0&sort=${encodeURIComponent(sort)}`)).toMatchObject({ status: 400, pointer: 'sort' });
  });
});

describe('a filter', () => {
  test.each([
    [{ role: 'moderator' }, [{ field: 'role', is: 'equal', values: ['moderator'] }]],
    [{ role: { '!=': 'member' } }, [{ field: 'role', is: 'different', values: ['member'] }]],
    [{ lastName: { substring: 'ga%_' } }, [{ field: 'lastName', is: 'containing', values: ['ga%_'] }]],
    [{ id: [1, 2] }, [{ field: 'id', is: 'one-of', values: [1, 2] }]],
    [{ id: [] }, [{ field: 'id', is: 'one-of', values: [] }]],
    [
      { city: null, complete: true },
      [
        { field: 'city', is: 'equal', values: [null] },
        { field: 'complete', is: 'equal', values: [true] },
      ],
    ],
    [
      { createdAt: '2024-01-01T01:00:00+01:00' },
      [{ field: 'createdAt', is: 'equal', values: ['2024-01-01T00:00:00.000Z'] }],
    ],
    [{}, []],
  ])('is understood: %j', async (filter, conditions) => {
    expect((await list(`page=0&filter=${json(filter)}`)).command['conditions']).toEqual(conditions);
  });

  test.each([
    ...[
      '{',
      '[]',
      '5',
      'null',
      '"role"',
      '{"nothing":1}',
      '{"q":"jan"}',
      '{"__proto__":1}',
      '{"$site.config$":1}',
      '{"site.name":1}',
    ],
    ...[
      '{"role":{}}',
      '{"role":{"like":"x"}}',
      '{"role":{"$gt":""}}',
      '{"role":"owner"}',
      '{"role":5}',
      '{"id":"1"}',
      '{"id":1.5}',
      '{"id":[[1]]}',
      '{"id":{"!=":[1]}}',
    ],
    ...[
      '{"complete":1}',
      '{"createdAt":"yesterday"}',
      '{"createdAt":5}',
      '{"lastName":{"substring":5}}',
      '{"lastName":{"substring":""}}',
      '{"id":{"substring":"1"}}',
    ],
    ...[
      '{"extraData":{"substring":"x"}}',
      '{"extraData":null}',
      '{"externalAccessToken":null}',
      '{"personId":1}',
      '{"zipCode":"x"}',
      '{"externalUserId":1}',
    ],
    ...['{"email":["a",{"!=":"b"}]}', `{"email":${'['.repeat(1000)}${']'.repeat(1000)}}`],
  ])('is refused to a moderator: %s', async (filter) => {
    expect(await list(`page=0&filter=${encodeURIComponent(filter)}`)).toMatchObject({ status: 400, pointer: 'filter' });
  });

  test('cannot probe what the actor may not see, and says no more of it than of what is not there', async () => {
    const [hidden, unknown] = [
      await list(`filter=${json({ email: 'a' })}`, 'member-token'),
      await list(`filter=${json({ emali: 'a' })}`, 'member-token'),
    ];

    expect([hidden.status, unknown.status]).toEqual([400, 400]);
    expect(String(hidden.body.detail).replace('email', 'emali')).toBe(unknown.body.detail);
    expect((await list('sort=lastLogin_asc', 'member-token')).status).toBe(400);
    expect((await list('page=0&filter={"externalUserId":5}', 'admin-token')).status).toBe(200);
  });

  test('knows nick names only where the site does', async () => {
    const { app } = testApp();

    const answer = await request(app)
      .get(`/api/site/2/user?page=0&filter=${json({ nickName: 'x' })}`)
      .set('X-Authorization', 'admin-token');

    expect(answer.status).toBe(400);
  });
});

describe('everybody', () => {
  test('is one JSON array', async () => {
    const { app } = testApp();

    const answer = await request(app).get(users);

    expect(each(answer.body, 'id')).toEqual([7, 8, 9]);
    expect(answer.text).not.toMatch(/niels@|never-shown/);
  });

  test('may be nobody', async () => {
    const { app } = testApp({
      streamUsers: async function* () {
        yield [];
      },
    });

    expect((await request(app).get(users)).body).toEqual([]);
  });

  test('is refused as a problem when the first batch fails', async () => {
    const { app } = testApp({
      streamUsers: async function* () {
        throw new Error('down');
      },
    });

    expect((await request(app).get(users)).body.type).toBe('/problems/internal-error');
  });

  describe('over a real connection', () => {
    let server: Server;
    const serving = async (streamUsers: Stories['streamUsers']): Promise<{ url: string; lines: string[] }> => {
      const { app, lines } = testApp({ streamUsers });
      server = createServer(app);
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}${users}`, lines };
    };
    const opened = (url: string) =>
      new Promise<IncomingMessage>((resolve, reject) => get(url, resolve).on('error', reject));
    const many = Array.from({ length: 500 }, (_, index) => niels({ id: index + 1 }));

    afterEach(async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    });

    test('breaks off when a later batch fails, so that half a list is not taken for a whole one', async () => {
      const { url, lines } = await serving(async function* () {
        yield many;
        throw new Error('database gone');
      });

      const answer = await opened(url);
      const end = await new Promise((resolve) => {
        answer
          .resume()
          .on('error', () => {
            resolve('broken');
          })
          .on('end', () => {
            resolve('whole');
          });
      });

      expect([answer.statusCode, end]).toEqual([200, 'broken']);
      expect(lines.join()).toContain('"level":"error"');
    });

    test('is read no faster than the client takes it, and no more once it has gone', async () => {
      let batches = 0;
      let ended = (): void => undefined;
      const end = new Promise<void>((resolve) => (ended = resolve));
      const { url, lines } = await serving(async function* () {
        try {
          for (; batches < 100_000; batches++) yield many;
        } finally {
          ended();
        }
      });

      const answer = await opened(url);
      answer.pause();
      let before = -1;
      while (before !== batches) {
        before = batches;
        await new Promise((resolve) => setTimeout(resolve, 200));
      }
      expect(batches).toBeLessThan(1000);
      answer.destroy();
      await end;

      expect(batches).toBeLessThan(1000);
      expect(lines.join()).not.toContain('"level":"error"');
    });
  });
});
