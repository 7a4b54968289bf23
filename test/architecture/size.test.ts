import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** A file is read at one sitting, a folder at one glance. */
const most = { linesOfAFile: 300, filesOfAFolder: 30 };

const files = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter((name) => /\.tsx?$/.test(name));

/** Who uses the program from outside, by its calls or use cases: whoever reads the program need not read them. */
const beside = { client: 20, cli: 40, console: 60 } as const;

const isIn = (folder: string) => (name: string) => name.startsWith(`${folder}/`);

test('the program has 360 files at most', () => {
  const ofProgram = files.filter((name) => !Object.keys(beside).some((folder) => isIn(folder)(name)));
  expect(ofProgram.length).toBeGreaterThan(100);
  expect(ofProgram.length).toBeLessThanOrEqual(360);
});

test.each(Object.entries(beside))('src/%s has %i files at most', (folder, limit) => {
  expect(files.filter(isIn(folder)).length).toBeLessThanOrEqual(limit);
});

test(`no file has more than ${most.linesOfAFile} lines`, () => {
  const lines = (name: string): number => readFileSync(join('src', name), 'utf8').split('\n').length - 1;
  expect(files.filter((name) => lines(name) > most.linesOfAFile)).toEqual([]);
});

test(`no folder has more than ${most.filesOfAFolder}`, () => {
  const count = (folder: string): number => files.filter((name) => dirname(name) === folder).length;
  expect(
    [...new Set(files.map((name) => dirname(name)))].filter((folder) => count(folder) > most.filesOfAFolder),
  ).toEqual([]);
});
