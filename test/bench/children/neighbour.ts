// A child process: another client, who asks for something large again and again.
import { Agent, request } from 'node:http';
import { answering } from './child.ts';
import type { Shot } from './drive.ts';

const agent = new Agent({ keepAlive: true });
let asking: Promise<void> = Promise.resolve();
let leaving = new AbortController();
let answers = 0;
let bytes = 0;

const once = (url: string, { method, path, headers }: Shot): Promise<void> =>
  new Promise((resolve, reject) => {
    const asked = request(url + path, { agent, method, headers }, (response) => {
      response.on('data', (piece: Buffer) => (bytes += piece.length));
      response.once('error', reject);
      response.once('end', () => {
        if (response.statusCode === 200) resolve();
        else reject(new Error(`the neighbour was answered ${String(response.statusCode)} on ${path}`));
      });
    });
    asked.once('error', reject);
    asked.end();
  });

const neighbour = {
  begin: ({ url, shot }: { readonly url: string; readonly shot: Shot }): void => {
    leaving = new AbortController();
    const { signal } = leaving;
    answers = 0;
    bytes = 0;
    asking = (async () => {
      while (!signal.aborted) {
        await once(url, shot);
        answers += 1;
      }
    })();
    // Told by `end`.
    asking.catch(() => undefined);
  },
  /** After its last answer: how many there were. */
  end: async (): Promise<{ readonly answers: number; readonly bytes: number }> => {
    leaving.abort();
    await asking;
    return { answers, bytes };
  },
};
export type Neighbour = typeof neighbour;

answering(neighbour);
