import { once } from 'node:events';
import { connect, type AddressInfo } from 'node:net';
import type { User } from '../../src/domain/users/user.ts';
import { visitor } from '../../src/domain/actor.ts';
import { listPage } from '../../src/use-cases/users/list-users.ts';
import { beginRun } from '../../src/use-cases/anonymization-runs/begin-run.ts';
import { aUser } from '../support/builders.ts';
import { fixedTokens } from '../support/recorded-world.ts';
import { testApp } from '../http/support/app.ts';
import { startSentences, user, type SentenceWorld } from '../journeys/sentences/support/world.ts';

/** What is refused anyway costs nothing: else refusals were a cheap way to keep the database at work. */
const [open, careful] = [11, 12] as const;
let s: SentenceWorld;
beforeAll(async () => {
  s = await startSentences({
    [open]: {},
    [careful]: { config: { anonymize: { requirePreview: true }, project: { projectHasEnded: true } } },
  });
});
afterAll(() => s.close());

test('whoever has twenty pages under way has nothing read for the next', async () => {
  let read = 0;
  const { app } = testApp({
    streamPage: async () => {
      read += 1;
      const batches = async function* (): AsyncGenerator<readonly User[]> {
        for (let id = 1; id < 200; id += 1) yield [aUser({ id, siteId: 1, firstName: 'x'.repeat(200_000) })];
      };
      return { totalCount: 200, cursor: null, batches: batches() };
    },
  });
  const server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const path = '/api/site/1/user?page=0&pageSize=200';
  const sockets = Array.from({ length: 20 }, () => {
    const socket = connect(port, '127.0.0.1').on('error', () => undefined);
    socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`);
    return socket;
  });
  try {
    await Promise.all(sockets.map((socket) => once(socket, 'readable')));
    expect((await fetch(`http://127.0.0.1:${port}${path}`)).status).toBe(429);
    expect(read).toBe(20);
  } finally {
    for (const socket of sockets) socket.destroy();
    server.close();
  }
});

test('a site that wants a preview says so before what somebody contributed is read', async () => {
  const userId = (await s.person({ at: { [careful]: 'member' } })).at[careful] ?? 0;
  const ideaId = await s.idea({ siteId: careful, userId });
  const at = new Date();
  await s.world.container.database.rows.arguments.bulkCreate(
    Array.from({ length: 150 }, () => ({
      ...{ ideaId, userId, sentiment: 'for', description: 'x'.repeat(60_000), parentId: null },
      ...{ createdAt: at, updatedAt: at, deletedAt: null },
    })),
  );
  // As lists they are too large, which is found out by measuring them.
  expect((await s.put('admin', `${user(careful, userId)}/do-anonymize`)).status).toBe(428);
});

test('and before everybody of it is counted', async () => {
  const { useCases, ports } = s.world.container;
  const actor = await useCases.actorOf({ userId: fixedTokens.admin, provider: 'default', reach: 'everywhere' });
  const [site] = await ports.sites.readNow([careful]);
  if (actor === null || site === undefined) throw new Error('actor and site are there');
  const peopleAt = (): never => {
    throw new Error('people are counted');
  };
  const begin = beginRun({ ...ports, users: { ...ports.users, peopleAt } });
  await expect(begin({ actor, site })).rejects.toMatchObject({ code: 'preview-required' });
});

test('a cursor of another list is refused before a word is counted', async () => {
  const { ports } = s.world.container;
  const [site] = await ports.sites.readNow([open]);
  if (site === undefined) throw new Error('the site is there');
  const countWords = (): never => {
    throw new Error('words are counted');
  };
  const list = listPage({ ...ports, users: { ...ports.users, countWords } });
  const command = {
    actor: visitor,
    site,
    conditions: [],
    words: ['jan'],
    sort: { field: 'id', direction: 'ASC' },
  } as const;
  await expect(list({ ...command, page: 0, pageSize: 20, cursor: 'x' })).rejects.toMatchObject({
    code: 'malformed-request',
  });
});
