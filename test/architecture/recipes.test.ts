import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import ts from 'typescript';

/** The recipes of CONTRIBUTING.md: name → its numbered steps. */
const recipes = new Map(
  readFileSync('CONTRIBUTING.md', 'utf8')
    .split('\n## Recipes\n')[1]
    ?.split(/^### /m)
    .slice(1)
    .map((text) => [text.split('\n', 1)[0] ?? '', text.split(/^\d+\. /m).slice(1)] as const),
);
const steps = [...recipes].flatMap(([recipe, texts]) => texts.map((text, at) => ({ recipe, number: at + 1, text })));

const codesOf = (text: string): readonly string[] => [...text.matchAll(/`([^`]+)`/g)].map(([, code = '']) => code);
const filesOf = (text: string): readonly string[] =>
  codesOf(text).filter((code) => /^[\w./-]+\.(?:tsx?|cjs|md|txt)$/.test(code));
/** What a step calls by its name: a function, a type, a table. */
const namesOf = (text: string): readonly string[] =>
  codesOf(text).filter((code) => /^[a-zA-Z]+(?:\.[a-zA-Z]+)?$/.test(code));

test('there are seven recipes', () => {
  expect([...recipes.keys()]).toEqual([
    'Add a field of a user',
    'Add an activity type',
    'Add a column to an activity type',
    'Add a route',
    'Add a kind of audit entry',
    'Add a command',
    'Add an OAuth server',
  ]);
});

describe.each(steps)('$recipe, step $number', ({ text }) => {
  const files = filesOf(text);

  test('names files that are there', () => {
    expect(files.filter((file) => !existsSync(file))).toEqual([]);
  });

  test('names what one of its files holds', () => {
    const content = files.map((file) => readFileSync(file, 'utf8')).join('\n');
    const missing = namesOf(text).filter((name) => !new RegExp(String.raw`\b${name}\b`).test(content));
    expect(missing).toEqual([]);
  });
});

/** The items under "Change something? Go to": what is to be changed, and where. */
const signposts =
  /\n## Change something\? Go to\n(.*?)\n## /s
    .exec(readFileSync('CONTRIBUTING.md', 'utf8'))?.[1]
    ?.split(/^- /m)
    .slice(1)
    .map((item) => item.split(/\n\n/, 1)[0]?.replace(/\s+/g, ' ').split('** → ') ?? []) ?? [];

describe('the list of what to change where', () => {
  const paths = (text: string): readonly string[] => codesOf(text).filter((code) => code.includes('/'));
  const contentOf = (path: string): string => (path.endsWith('/') ? '' : readFileSync(path, 'utf8'));

  test.each(signposts)('%s', (_task, target = '') => {
    const there = paths(target);
    expect(there.length).toBeGreaterThan(0);
    expect(there.filter((path) => !existsSync(path))).toEqual([]);
    const named = codesOf(target).filter((code) => /^[a-z]+[A-Z]\w*$|^[A-Z][a-z]+$|^roles$|^limits$/.test(code));
    expect(
      named.filter((name) => !there.some((path) => new RegExp(String.raw`\b${name}\b`).test(contentOf(path)))),
    ).toEqual([]);
  });

  test('has more than forty items', () => {
    expect(signposts.length).toBeGreaterThan(40);
  });
});

/** A file as a recipe changes it: behind the line that is there (or as a whole) comes what is added. */
interface Edit {
  readonly file: string;
  readonly behind: string;
  readonly add: string;
}

const column: Edit = {
  file: 'src/domain/users/user.ts',
  behind: '  readonly city: string | null;',
  add: '  readonly country: string | null;',
};
/** What the compiler asks for once there is a column. */
const ofColumn: readonly Edit[] = [
  {
    file: 'src/domain/users/user-fields.ts',
    behind: '  city: { ...profile, shape: text(64) },',
    add: '  country: { ...profile, shape: text(64) },',
  },
  { file: 'src/domain/users/user.ts', behind: '  city: null,', add: '  country: null,' },
  { file: 'src/db/rows/user-row.ts', behind: '  city: text,', add: '  country: text,' },
  {
    file: 'src/db/rows/user-row.ts',
    behind: "  city: userMeanings.city.read(row['city']),",
    add: "  country: userMeanings.country.read(row['country']),",
  },
];
const profileField: Edit = { file: 'src/domain/people/oauth-profile.ts', behind: "  'city',", add: "  'country'," };
const ofProfileField: readonly Edit[] = [
  {
    file: 'src/domain/users/claim-rules.ts',
    behind: "  city: 'address.locality',",
    add: "  country: 'address.country',",
  },
  {
    file: 'src/demo/oauth-server/shapes.ts',
    behind: '  city: row.city ?? null,',
    add: '  country: row.country ?? null,',
  },
];

describe('the compiler', () => {
  const filesIn = (edits: readonly Edit[]): readonly string[] => [...new Set(edits.map(({ file }) => file))];
  const inRecipe = (name: string): readonly string[] => (recipes.get(name) ?? []).flatMap(filesOf);

  test('asks for all that the recipe of a field names, and for nothing else in these files', () => {
    const files = filesIn([column, ...ofColumn, profileField, ...ofProfileField]);
    expect(inRecipe('Add a field of a user')).toEqual(expect.arrayContaining([...files]));
    expect(faultyFiles([column, profileField], files)).toEqual([...filesIn([...ofColumn, ...ofProfileField])].sort());
    expect(faultyFiles([column, ...ofColumn, profileField, ...ofProfileField], files)).toEqual([]);
  });

  test('asks for the words on a receipt, and for some in the demo, once there is another activity type', () => {
    const list: Edit = { file: 'src/activity-types/index.ts', behind: 'argument, vote', add: ', comment' };
    const imported: Edit = {
      ...list,
      behind: "import { article } from './article.ts';",
      add: "import { comment } from './comment.ts';",
    };
    const type: Edit = { file: 'src/activity-types/comment.ts', behind: '', add: commentType() };
    const words = 'src/http/presenters/receipt-words.ts';
    const demo = 'seeds/demo/contributions.ts';
    const others = [
      'src/demo/fill-world.ts',
      'src/http/openapi/components.ts',
      'src/use-cases/anonymization/view.ts',
      'src/use-cases/people/person-view.ts',
    ];
    expect(inRecipe('Add an activity type')).toEqual(expect.arrayContaining([list.file, words, demo]));
    const withoutWords = [list, imported, type];
    expect(faultyFiles(withoutWords, [list.file, type.file, words, demo, ...others])).toEqual([demo, words]);
    const inLanguage = (behind: string): Edit => ({ file: words, behind, add: ", comments: 'Comments'" });
    const both = [inLanguage("votes: 'Votes'"), inLanguage("votes: 'Stemmen'")];
    const some: Edit = { file: demo, behind: '  return {\n    ideas,', add: '    comments: [],' };
    expect(faultyFiles([...withoutWords, ...both, some], [list.file, type.file, words, demo, ...others])).toEqual([]);
  });

  test('asks for each place of the console that the recipe names, once the client knows another activity type', () => {
    const client = 'src/client/types.gen.ts';
    const known = (behind: string, add: string): Edit => ({ file: client, behind, add });
    const edits = [
      known('AnonymizationSummary = { digest: string; users: number; sites: Array<{', ' comments: number;'),
      known('stays: {', ' comments: { number: number; first: Array<never>; };'),
      known("type: { slug: 'idea'", " | 'comment'"),
      known('contributions: {', ' comments: number;'),
    ];
    const names = 'src/console/words/en/names.ts';
    const places = ['src/console/figures.ts', 'src/console/parts/details.tsx', names];
    expect(inRecipe('Add an activity type')).toEqual(expect.arrayContaining(places));
    expect(faultyFiles(edits, places, 'src/console/tsconfig.json')).toEqual(places);
    const inDutch = 'src/console/words/nl/names.ts';
    const named: Edit = { file: names, behind: "  'kind.ideas': 'Ideas',", add: "  'kind.comments': 'Comments'," };
    expect(faultyFiles([...edits, named], [inDutch], 'src/console/tsconfig.json')).toEqual([inDutch]);
  });
});

/** As articles, under another name. */
const commentType = (): string =>
  readFileSync('src/activity-types/article.ts', 'utf8')
    .replaceAll('article', 'comment')
    .replaceAll('artikel', 'reactie');

const pathOf = (file: string): string => join(process.cwd(), file);

/** Which of these files the compiler refuses, with these edits made in memory. */
const faultyFiles = (
  edits: readonly Edit[],
  files: readonly string[],
  settings = 'tsconfig.build.json',
): readonly string[] => {
  const { options } = ts.parseJsonConfigFileContent(
    ts.readConfigFile(settings, (path) => ts.sys.readFile(path)).config,
    ts.sys,
    dirname(pathOf(settings)),
  );
  const host = ts.createCompilerHost(options);
  const contents = new Map<string, string>();
  for (const { file, behind, add } of edits) {
    const path = pathOf(file);
    const before = contents.get(path) ?? (existsSync(path) ? readFileSync(path, 'utf8') : '');
    if (!before.includes(behind)) throw new Error(`${file} has no ${behind}`);
    const isLine = behind.startsWith(' ') || behind.endsWith(';');
    contents.set(
      path,
      before.replace(behind, () => `${behind}${isLine ? '\n' : ''}${add}`),
    );
  }
  const program = ts.createProgram({
    rootNames: files.map(pathOf),
    options,
    host: {
      ...host,
      fileExists: (path) => contents.has(path) || host.fileExists(path),
      readFile: (path) => contents.get(path) ?? host.readFile(path),
      getSourceFile: (path, language, ...more) => {
        const content = contents.get(path);
        return content === undefined
          ? host.getSourceFile(path, language, ...more)
          : ts.createSourceFile(path, content, language, true);
      },
    },
  });
  return files
    .filter((file) => {
      const source = program.getSourceFile(pathOf(file));
      return source === undefined || program.getSemanticDiagnostics(source).length > 0;
    })
    .sort();
};
