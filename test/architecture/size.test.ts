import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** A file is read at one sitting, a folder at one glance. */
const most = { files: 400, linesOfAFile: 300, filesOfAFolder: 30 };

const files = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));

/** The client is a program of its own, which runs elsewhere: whoever reads the program need not read it. */
const ofProgram = files.filter((name) => !name.startsWith('client/'));

test(`src has ${most.files} files at most`, () => {
  expect(ofProgram.length).toBeGreaterThan(100);
  expect(ofProgram.length).toBeLessThanOrEqual(most.files);
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
