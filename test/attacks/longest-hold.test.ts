import { request } from 'node:http';
import { startRecordedWorld, type RecordedWorld } from '../support/recorded-world.ts';
import { valueShapes, type Shape } from './support/shapes.ts';

/**
 * While one is answered, others have their turns: no piece of the work on a body takes more than a few times what it takes to parse it.
 * Compared in processor time, so that a machine that is busy with something else fails nobody. Source: user-api.md §5.
 */
let world: RecordedWorld;
beforeAll(async () => {
  world = await startRecordedWorld();
});
afterAll(() => world.close());

const site = '/api/site/1';
const items = 9_000;
/** What a turn costs in which nearly nothing is done, a collection of garbage included. */
const floorMs = 6;
const mostTimes = 3;
const tries = 8;

const usedSince = (before: NodeJS.CpuUsage): number => {
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
};

/** The most that one turn of the event loop takes while something is under way. */
const longestTurn = async (work: () => Promise<unknown>): Promise<number> => {
  let [longest, isOver, begun] = [0, false, process.cpuUsage()];
  const turn = (): void => {
    longest = Math.max(longest, usedSince(begun));
    begun = process.cpuUsage();
    if (!isOver) setImmediate(turn);
  };
  setImmediate(turn);
  await work();
  // The answer may come in the turn that is looked at.
  await new Promise(setImmediate);
  isOver = true;
  return longest;
};

/** Nothing of the answer is parsed: who asks stands in the same process. */
const put = (path: string, body: Buffer): Promise<number> =>
  new Promise((resolve, reject) => {
    const headers = { 'X-Authorization': 'fixed-admin', 'Content-Type': 'application/json' };
    request(world.url + path, { method: 'PUT', headers, agent: false }, (answer) => {
      answer.on('end', () => {
        resolve(answer.statusCode ?? 0);
      });
      answer.resume();
    })
      .on('error', reject)
      .end(body);
  });

const parsing = (body: Buffer): number => {
  const begun = process.cpuUsage();
  JSON.parse(body.toString());
  return usedSince(begun);
};

interface Asked {
  readonly path: string;
  readonly body: (value: string) => string;
  /** What has to be there before. */
  readonly before?: (value: string) => string;
}
const nothing = '{"config":{"cms":null}}';
const asked: Readonly<Record<string, Asked>> = {
  'a config': { path: site, body: (value) => `{"config":{"cms":${value}}}`, before: () => nothing },
  'a config that is there already': {
    path: site,
    body: (value) => `{"config":{"cms":${value}}}`,
    before: (value) => `{"config":{"cms":${value}}}`,
  },
  'a config with more beside it': {
    path: site,
    body: (value) => `{"config":{"cms":{"there":${value},"more":1}}}`,
    before: (value) => `{"config":{"cms":{"there":${value}}}}`,
  },
  'keys of extraData': { path: site, body: (value) => `{"config":{"users":{"extraData":${value}}}}` },
  'what nobody reads': { path: site, body: (value) => `{"nothing":${value}}` },
  'extraData of a user': { path: `${site}/user/125`, body: (value) => `{"extraData":{"key":${value}}}` },
};

/** What is wrong with it, if anything: the best of several tries counts. */
const fault = async (name: string, shape: Shape, { path, body, before }: Asked): Promise<string | null> => {
  const value = shape(items);
  const sent = Buffer.from(body(value));
  let [longest, parsed] = [Infinity, Infinity];
  for (let attempt = 0; attempt < tries; attempt += 1) {
    if (before !== undefined) await put(site, Buffer.from(before(value)));
    longest = Math.min(longest, await longestTurn(() => put(path, sent)));
    parsed = Math.min(parsed, parsing(sent));
    if (longest <= mostTimes * Math.max(parsed, floorMs)) break;
  }
  await put(site, Buffer.from('{"config":{"cms":null,"users":{"extraData":null}}}'));
  if (longest <= mostTimes * Math.max(parsed, floorMs)) return null;
  return `${name}: ${longest.toFixed(0)} ms in one turn, of which parsing takes ${parsed.toFixed(0)}`;
};

it.each(Object.entries(asked))('%s', async (_what, one) => {
  const faults: (string | null)[] = [];
  for (const [name, shape] of Object.entries(valueShapes)) faults.push(await fault(name, shape, one));
  expect(faults.filter((found) => found !== null)).toEqual([]);
});
