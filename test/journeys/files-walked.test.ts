import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/**
 * Whoever follows a request from its route to the database and back has so many files to read. More of them: is it one idea more, or
 * a small file that stands better in the one that uses it? See docs/architecture.md.
 */
const most = { list: 40, update: 65, 'do-anonymizeall': 85, login: 55 } as const;

const walked: Record<string, readonly string[]> = {};
beforeAll(async () => {
  const program = ['--import', './test/support/typescript-hooks.mjs', 'test/support/files-run.ts'];
  const env = { ...process.env, TEST_DATABASE_URL: '' };
  const { stdout } = await promisify(execFile)(process.execPath, program, { env });
  Object.assign(walked, JSON.parse(stdout));
});

test.each(Object.entries(most))('a %s walks through %i files of src at most', (request, count) => {
  expect(walked[request]).toContain('db/database.ts');
  expect(walked[request]?.slice(count)).toEqual([]);
});
