import { readFileSync } from 'node:fs';
import { callsOf, startDemo, type RunningDemo } from '../support/document-calls.ts';

/** Documents whose calls are made as they stand there, from the first to the last, each document on a demo of its own. */
const documents = ['README.md', ...['frontend', 'admin', 'back-offices', 'operate'].map((name) => `docs/${name}.md`)];

describe.each(documents)('%s', (path) => {
  const document = readFileSync(path, 'utf8');
  const calls = callsOf(document);
  let demo: RunningDemo;
  beforeAll(async () => {
    demo = await startDemo();
  });
  afterAll(() => {
    demo.stop();
  });

  test.each(calls)('says what really comes back: $command', async ({ command, answer }) => {
    const printed = await demo.run(command);
    if (answer !== '') expect(printed).toMatch(demo.expected(answer));
  });

  test('is read in any window', () => {
    // A table scrolls.
    expect(document.split('\n').filter((line) => line.length > 120 && !line.startsWith('|'))).toEqual([]);
  });
});

describe('the README', () => {
  const readme = readFileSync('README.md', 'utf8');
  const calls = callsOf(readme);

  test('shows three calls to look, one that does, and its receipt', () => {
    expect(calls).toHaveLength(5);
  });

  test('shows first what the demo prints as worth trying', () => {
    const welcome = readFileSync('src/demo/index.ts', 'utf8');
    for (const { command } of calls.slice(0, 3)) {
      const printed = command.replace('http://127.0.0.1:8080', '${url}').replace('/101/', '/${nielsId}/');
      expect(welcome).toContain(printed);
    }
  });

  test('is read in five minutes', () => {
    expect(readme.split(/\s+/).length).toBeLessThan(900);
  });
});
