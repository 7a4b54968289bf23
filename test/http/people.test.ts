import request from 'supertest';
import type { Group } from '../../src/domain/people/sight.ts';
import { sightOf } from '../../src/domain/people/sight.ts';
import { anActor, aDay } from '../support/builders.ts';
import { lastCommand, testApp } from './support/app.ts';
import { aSite, niels } from './support/world.ts';

const actor = anActor({ userId: 103, reach: { kind: 'everywhere', role: 'moderator' } });
const sight = sightOf(actor, [aSite(1), aSite(2)]);
const group: Group = [niels(), niels({ id: 9, siteId: 2, detailsViewableByRole: 'admin' })];

const ask = async (query: string, token = 'moderator-token', found: object = {}) => {
  const heard: { story: string; command: unknown }[] = [];
  const { app } = testApp({
    findPeople: async (command) => {
      heard.push({ story: 'findPeople', command });
      return { actor: command.actor, people: [group], sight, totalCount: 41, cursor: 'next', ...found };
    },
  });
  const { status, body, headers } = await request(app).get(`/api/person?${query}`).set('X-Authorization', token);
  return { status, body, headers, command: lastCommand(heard), pointer: body.errors?.[0]?.pointer as unknown };
};

describe('GET /api/person', () => {
  test.each([
    ['q=Zo%C3%AB%20jansen', { by: 'words', words: ['zoe', 'jansen'] }],
    ['q=j', { by: 'words', words: ['j'] }],
    ['email=Jan%40x.example', { by: 'address', address: 'Jan@x.example' }],
    ['externalUserId=1001', { by: 'external-id', externalId: '1001' }],
  ])('asks for %s', async (query, question) => {
    const { status, command } = await ask(query);
    expect([status, command]).toEqual([
      200,
      expect.objectContaining({ question, part: { cursor: null }, pageSize: 20 }),
    ]);
  });

  test('counts them where a page is asked for by its number', async () => {
    const { command } = await ask('q=j&page=0');
    expect(command).toMatchObject({ part: { page: 0 }, pageSize: 20 });
  });

  test.each([
    ['', 'q'],
    ['q=', 'q'],
    ['q=%20', 'q'],
    ['q=%25', 'q'],
    ['email=', 'email'],
    ['externalUserId=', 'externalUserId'],
    ['q=jan&email=jan%40x.example', 'q'],
    ['email=a&externalUserId=1', 'q'],
    ['q=jan&pageSize=101', 'pageSize'],
    ['q=jan&pageSize=0', 'pageSize'],
    ['q=jan&page=-1', 'page'],
    ['q=jan&page=50', 'page'],
    ['q=jan&pageSize=100&page=10', 'page'],
    ['q=jan&sort=id_asc', 'sort'],
    ['q=jan&filter=%7B%7D', 'filter'],
    ['q=jan&q=piet', 'q'],
  ])('is refused: %s', async (query, pointer) => {
    expect(await ask(query)).toMatchObject({ status: 400, pointer });
  });

  test('is for moderators and above, whatever they ask', async () => {
    expect((await ask('sort=x', '')).status).toBe(401);
    const { status, body } = await ask('sort=x', 'member-token');
    expect([status, body.rule]).toEqual([403, 'moderator-of-a-site-needed']);
  });

  test('tells of each person what the actor may see of their rows', async () => {
    const { body, headers } = await ask('q=niels');
    expect(headers['cache-control']).toBe('no-store');
    expect(body.records).toEqual([
      {
        displayName: 'Niels Vegter',
        email: 'niels@example.org',
        lastLogin: aDay.toISOString(),
        users: [
          {
            ...{ id: 7, site: { id: 1, title: 'Site 1' }, role: 'member' },
            ...{ displayName: 'Niels Vegter', anonymizedAt: null },
          },
          { id: 9, site: { id: 2, title: 'Site 2' }, displayName: 'Niels Vegter' },
        ],
      },
    ]);
  });

  test('has a total and links by number', async () => {
    const { body } = await ask('q=niels&page=1');
    expect(body.metadata).toEqual({
      ...{ page: 1, pageSize: 20, pageCount: 3, totalCount: 41, cursor: 'next' },
      links: {
        ...{ self: '/api/person?q=niels&page=1', first: '/api/person?q=niels&page=0' },
        ...{ last: '/api/person?q=niels&page=2', previous: '/api/person?q=niels&page=0' },
        next: '/api/person?q=niels&page=2',
      },
    });
  });

  test('says null where more would have to be looked at than are', async () => {
    const { body } = await ask('q=niels&page=0', 'moderator-token', { totalCount: null });
    expect(body.metadata).toMatchObject({ pageCount: null, totalCount: null, cursor: 'next' });
    expect(body.metadata.links.last).toBeUndefined();
  });

  test('goes on by cursor, without a total', async () => {
    const { body, command } = await ask('q=niels&cursor=here&page=7&pageSize=5', 'admin-token', { totalCount: null });
    expect(command).toMatchObject({ part: { cursor: 'here' }, pageSize: 5 });
    expect(body.metadata).toMatchObject({ pageSize: 5, cursor: 'next' });
    expect(Object.keys(body.metadata)).not.toContain('totalCount');
    expect(body.metadata.links.next).toContain('cursor=next');
  });
});
