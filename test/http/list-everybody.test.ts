import { createServer, get, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import request from 'supertest';
import { visitor } from '../../src/domain/actor.ts';
import type { User } from '../../src/domain/users/user.ts';
import { jsonArray, userText } from '../../src/http/presenters/user-records.ts';
import type { UseCases } from '../../src/use-cases/index.ts';
import { each, testApp } from './support/app.ts';
import { users } from './support/listing.ts';
import { aSite, niels } from './support/world.ts';

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

  test('is written in many turns of the event loop, in pieces of some users', async () => {
    let turns = 0;
    let isOver = false;
    const count = (): void => {
      turns += 1;
      if (!isOver) setImmediate(count);
    };
    setImmediate(count);
    const pieces: string[] = [];
    const recordText = (user: User) => userText(visitor, user, aSite(1));
    const everybody = async function* () {
      yield Array.from({ length: 2000 }, (_, index) => niels({ id: index + 1 }));
    };
    for await (const piece of jsonArray(everybody(), recordText)) pieces.push(piece);
    isOver = true;
    expect(each(JSON.parse(pieces.join('')), 'id')).toHaveLength(2000);
    expect(pieces.length).toBeGreaterThan(3);
    expect(turns).toBeGreaterThanOrEqual(pieces.length - 1);
  });

  describe('over a real connection', () => {
    let server: Server;
    const serving = async (streamUsers: UseCases['streamUsers']): Promise<{ url: string; lines: string[] }> => {
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
