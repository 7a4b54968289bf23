import { aVisitor, fromConsole } from '../support/visitor.ts';
import { startSentences, type SentenceWorld } from '../journeys/sentences/support/world.ts';

/** Whoever seems to show a session of the console, and shows none, is counted all the same. Source: docs/adr/0027, docs/adr/0013. */
const site = 11;
let s: SentenceWorld;
beforeAll(async () => {
  s = await startSentences({ [site]: {} });
});
afterAll(() => s.close());

const path = `/api/site/${site}/user`;

test.each(['xcivitas-console=1', '__Host-civitas-console=1', 'a=civitas-console='])(
  'a cookie that is called nearly so is a wrong one: %s',
  async (cookie) => {
    const answer = await aVisitor().open(s.world.url + path, { ...fromConsole, Cookie: cookie });

    expect([answer.status, JSON.parse(answer.text).reason]).toEqual([401, 'invalid-token']);
  },
);

test('where there is no console, whoever shows a session of it is counted as a visitor', async () => {
  await s.beside({ CONSOLE_ENABLED: 'false', LIMIT_PER_ADDRESS: '1000' }, async (url) => {
    const left = async (headers: Record<string, string>): Promise<string> => {
      const answer = await fetch(url + path, { headers });
      expect(answer.status).toBe(200);
      return answer.headers.get('ratelimit') ?? '';
    };

    expect(await left({})).toContain('"address"');
    expect(await left({ ...fromConsole, Cookie: 'civitas-console=1' })).toContain('"address"');
  });
});
