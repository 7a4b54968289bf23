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

test('each promise names what proves it', () => {
  const page = readFileSync('docs/promises.md', 'utf8');
  const proofs = [...page.matchAll(/^\| (?!promise |-)(.+?) +\| (.+?) +\|$/gm)].map(([, promise = '', proof = '']) => ({
    promise,
    labels: [...proof.matchAll(/\[([\w-]+)\]/g)].map(([, label = '']) => label),
  }));
  const defined = new Set([...page.matchAll(/^\[([\w-]+)\]: /gm)].map(([, label = '']) => label));
  expect(proofs.length).toBeGreaterThan(60);
  expect(proofs.filter(({ labels }) => labels.length === 0 || !labels.every((label) => defined.has(label)))).toEqual(
    [],
  );
  expect([...defined].filter((label) => !proofs.some(({ labels }) => labels.includes(label)))).toEqual([]);
});

test('the glossary has one word a row, each once', () => {
  const rows = readFileSync('docs/glossary.md', 'utf8').matchAll(/^\| (?!word |-)(.+?) +\| .+\|$/gm);
  const words = [...rows].map(([, word = '']) => word);
  expect(words.length).toBeGreaterThan(200);
  // In brackets stands what it is called in code, or beside.
  expect(words.filter((word) => word.replaceAll(/ \(.*?\)/g, '').includes(','))).toEqual([]);
  expect(words.filter((word, at) => words.indexOf(word) !== at)).toEqual([]);
});

/** Private words that the field's own have replaced. */
const left =
  /\b(story|stories|deeds?|fates?|footprints?|carriers?|parting|siblings?|tally|way in|keeps alive|newcomer)\b/;

test('names of files, and of what they export, are words of the glossary', () => {
  const files = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
  const names = files.flatMap((file) => {
    const exported = readFileSync(`src/${file}`, 'utf8').matchAll(
      /^export (?:const|interface|type|class|function) (\w+)/gm,
    );
    return [file, ...[...exported].map(([, name = '']) => `${file}: ${name}`)];
  });
  const inWords = (name: string): string =>
    name
      .replaceAll(/([a-z])([A-Z])/g, '$1 $2')
      .replaceAll(/[^a-zA-Z]+/g, ' ')
      .toLowerCase();
  expect(names.filter((name) => left.test(inWords(name)))).toEqual([]);
});
