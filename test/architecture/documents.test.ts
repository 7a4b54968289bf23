import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { generatedDocuments } from '../../scripts/docs/documents.ts';
import { routes } from '../../src/http/routes.ts';

describe('what the documents have from the code', () => {
  test.each(Object.entries(generatedDocuments()))('%s is as the code says (else: npm run docs)', (path, text) => {
    expect(existsSync(path) ? readFileSync(path, 'utf8') : null).toBe(text);
  });
});

describe('the calls of the reference', () => {
  /** Names of parameters differ between a page and the table: only where they stand counts. */
  const shapeOf = (path: string): string => path.replaceAll(/:\w+|\{\w+\}/g, '{}').replace(/\?.*/, '');
  const built = new Set(routes.map(({ method, path }) => `${method.toUpperCase()} ${shapeOf(path)}`));
  const isBuilt = (methods: string, path: string): boolean =>
    methods
      .split(/, ?/)
      .every((method) => [...built].some((call) => call.startsWith(`${method} `) && fits(call, path)));
  /** `…/user/{}/anonymization` names a path by its end. */
  const fits = (call: string, path: string): boolean =>
    path.startsWith('…') ? call.endsWith(shapeOf(path).slice(1)) : call.endsWith(` ${shapeOf(path)}`);

  const sections = readdirSync('docs/reference')
    .filter((name) => name.endsWith('.md'))
    .flatMap((name) =>
      readFileSync(`docs/reference/${name}`, 'utf8')
        .split(/^## /m)
        .map((text) => ({ name: `${name}: ${text.split('\n', 1)[0] ?? ''}`, text })),
    );
  /** What an OAuth server or the program itself answers is in no table of routes. */
  const isElsewhere = (path: string): boolean => /^\/(?:api\/admin|api\/userinfo|health|oauth\/console)/.test(path);
  const named = sections.flatMap(({ name, text }) =>
    [...text.matchAll(/`((?:(?:GET|POST|PUT|PATCH|DELETE)(?:, )?)+) ((?:…|\/(?:api|oauth|receipts))[^\s`]*)/g)]
      .map(([, methods = '', path = '']) => ({ name, text, methods, path }))
      .filter(({ path }) => !isElsewhere(path)),
  );
  const isLater = ({ text }: { readonly text: string }): boolean => /^[^\n]*\n+Not built yet\./.test(text);

  it('are there', () => {
    const missing = named.filter((call) => !isLater(call) && !isBuilt(call.methods, call.path));
    expect(missing.map(({ name, methods, path }) => `${name}: ${methods} ${path}`)).toEqual([]);
    expect(named.filter((call) => !isLater(call)).length).toBeGreaterThan(15);
  });

  it('are not there where the page says "Not built yet."', () => {
    const there = named.filter((call) => isLater(call) && isBuilt(call.methods, call.path));
    expect(there.map(({ name, methods, path }) => `${name}: ${methods} ${path}`)).toEqual([]);
  });
});

describe('the glossary', () => {
  const older = /## Older words\n([\s\S]*?)\n## /.exec(readFileSync('docs/glossary.md', 'utf8'))?.[1] ?? '';
  const words = [...older.matchAll(/^\| ([a-z][a-z, ]*?) +\|/gm)].flatMap(([, cell = '']) => cell.split(', '));
  const files = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
  /** Names of files, and of what they export, as words. */
  const code = files
    .flatMap((file) => [
      file,
      ...readFileSync(`src/${file}`, 'utf8').matchAll(/^export (?:const|interface|type|class|function) (\w+)/gm),
    ])
    .map((name) => (typeof name === 'string' ? name : (name[1] ?? '')))
    .map((name) =>
      name
        .replaceAll(/([a-z])([A-Z])/g, '$1 $2')
        .replaceAll(/[^a-zA-Z]+/g, ' ')
        .toLowerCase(),
    )
    .join('\n');

  it.each(words.filter((word) => word !== 'in the code'))('knows "%s" as long as the code uses it', (word) => {
    expect(code).toMatch(new RegExp(`\\b${word.replace(/y$/, '(?:y|ies)')}`));
  });
});
