import { request } from 'node:http';
import type { Somebody } from '../journeys/sentences/support/people.ts';
import { startSentences, type SentenceWorld } from '../journeys/sentences/support/world.ts';
import { mergesAtOnce } from './support/merges-at-once.ts';

/**
 * An editor fills the config of their own site once, and asks from then on with little: to see it (also with the tag that they have, so
 * that nothing is sent), or to change one word of it. What that costs follows from what is there, not from what is sent: the whole config
 * is masked, written, compared and hashed for each, in no turn of anybody's. Source: user-api.md §5, docs/reference/neighbours.md "Cost".
 */
const [ours, little] = [11, 12] as const;
const path = `/api/site/${ours}`;
let s: SentenceWorld;
let editor: Somebody;
let tag = '';
beforeAll(async () => {
  s = await startSentences({ [ours]: {}, [little]: {} });
  editor = await s.person({ at: { [ours]: 'editor', [little]: 'editor' } });
  const cms = Object.fromEntries(Array.from({ length: 9000 }, (_none, at) => [`k${at}`, 'w'.repeat(60)]));
  const filled = await s.put(editor.at[ours]!, path, { config: { cms } });
  expect(filled.status).toBe(200);
  tag = filled.headers.get('etag') ?? '';
});
afterAll(() => s.close());

/** Nothing of the answer is read: who asks stands in the same process. */
const ask = async (
  method: 'GET' | 'PUT',
  at: string,
  headers: Record<string, string>,
  body?: string,
): Promise<number> => {
  const token = await s.world.token(editor.at[at === path ? ours : little]!);
  return new Promise((resolve, reject) => {
    const all = { ...headers, 'X-Authorization': `Bearer ${token}`, 'Content-Type': 'application/json' };
    request(s.world.url + at, { method, headers: all, agent: false }, (answer) => {
      answer.on('end', () => {
        resolve(answer.statusCode ?? 0);
      });
      answer.resume();
    })
      .on('error', reject)
      .end(body);
  });
};

const usedSince = (before: NodeJS.CpuUsage): number => {
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
};

/** Processor time of so many, in the best of some rounds. */
const usedBy = async (many: number, work: () => Promise<unknown>): Promise<number> => {
  const rounds: number[] = [];
  for (let round = 0; round < 4; round += 1) {
    const before = process.cpuUsage();
    await Promise.all(Array.from({ length: many }, work));
    rounds.push(usedSince(before));
  }
  return Math.min(...rounds);
};

test('to be told that nothing of it changed costs little more than at a site of which little is kept', async () => {
  const look = (site: number, known: string) => ask('GET', `/api/site/${site}`, { 'If-None-Match': known });
  const ofLittle = (await s.get(editor.at[little]!, `/api/site/${little}`)).headers.get('etag') ?? '';
  expect([await look(ours, tag), await look(little, ofLittle)]).toEqual([304, 304]);
  const usual = await usedBy(30, () => look(little, ofLittle));
  expect(await usedBy(30, () => look(ours, tag))).toBeLessThan(3 * usual);
});

/** What was begun, and how much of it at a time, is what the limit of large bodies is for: small ones cost as much here. */
test('of changes of one word no more are worked on at a time than of large bodies', async () => {
  const [statuses, most] = await mergesAtOnce(s, ours, (answered) =>
    Promise.all(
      Array.from({ length: 20 }, async (_none, at) => {
        const status = await ask('PUT', path, {}, JSON.stringify({ config: { word: `at ${at}` } }));
        answered();
        return status;
      }),
    ),
  );
  expect(new Set(statuses)).toEqual(new Set([200]));
  // The answer comes a moment before the next begins.
  expect(most).toBeLessThanOrEqual(2);
});
