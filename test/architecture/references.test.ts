import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';

/**
 * Whatever a comment or a document names is there: files, documents with their sections, decisions, commands. Comments name pages of
 * docs/reference by their name alone: `user-api.md §3 "List"`.
 */

const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { readonly scripts: Record<string, string> };

/** Every file of the repository that somebody wrote. */
const files = (folder: string): readonly string[] =>
  readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = folder === '.' ? entry.name : `${folder}/${entry.name}`;
    if (notOurs.has(path)) return [];
    return entry.isDirectory() ? files(path) : [path];
  });
const notOurs = new Set(['node_modules', 'dist', 'coverage', 'data', '.git', 'package-lock.json']);
const all = files('.');
const known = new Set(all);
const names = new Set(all.flatMap((path) => suffixesOf(path)));
const folders = new Set(all.flatMap((path) => foldersOf(path)).flatMap((path) => suffixesOf(path)));
const decisions = new Map(
  all.flatMap((path) => (/^docs\/adr\/(\d{4})-/.exec(path) === null ? [] : [[path.slice(9, 13), path] as const])),
);

/** All ends of a path that begin at a name: a comment names a file by as much of its path as says which. */
function suffixesOf(path: string): readonly string[] {
  const parts = path.split('/');
  return parts.map((_, at) => parts.slice(at).join('/'));
}
function foldersOf(path: string): readonly string[] {
  const parts = path.split('/').slice(0, -1);
  return parts.map((_, at) => parts.slice(0, at + 1).join('/'));
}

/** A piece of text in which something may be named, and where it stands. */
interface Said {
  readonly path: string;
  readonly line: number;
  readonly text: string;
}

/** The comments of a program: lines that follow one another are one text. */
const commentsOf = (path: string): readonly Said[] => {
  const found: { path: string; line: number; text: string }[] = [];
  const mark = /\.(?:ts|mjs|cjs|js)$/.test(path) ? slashes : hashes;
  let open = false;
  readFileSync(path, 'utf8')
    .split('\n')
    .forEach((written, at) => {
      const whole = mark.exec(written)?.[1];
      const text = whole ?? (mark === slashes ? trailing.exec(written)?.[1] : undefined);
      const last = found.at(-1);
      if (text === undefined) open = false;
      else if (open && last !== undefined && whole !== undefined) last.text += ` ${text.trim()}`;
      else found.push({ path, line: at + 1, text: text.trim() });
      if (text !== undefined) open = true;
    });
  return found;
};
const slashes = /^\s*(?:\/\*\*?|\*(?!\/)|\/\/)(.*?)(?:\*\/)?$/;
const hashes = /^\s*#(.*)$/;
const trailing = /(?:[\s;{(,]|^)(?:\/\/|\/\*\*?) (.*?)(?:\*\/)?$/;

/** The paragraphs of a document, without code; links stand as their target. */
const paragraphsOf = (path: string): readonly Said[] => {
  let fenced = false;
  return readFileSync(path, 'utf8')
    .split('\n')
    .flatMap((written, at) => {
      if (/^\s*```/.test(written)) fenced = !fenced;
      if (fenced || /^ {4}/.test(written)) return [];
      return [{ path, line: at + 1, text: written.replaceAll(/\[[^\]]*\]\(([^)#]*)(?:#[^)]*)?\)/g, '$1') }];
    });
};

interface Page {
  /** By number of section (`## 3. …`); `''` is the whole page. */
  readonly sections: ReadonlyMap<string, readonly string[]>;
  readonly anchors: ReadonlySet<string>;
}

/** What can be quoted of a page: its headings, what stands in bold, and what begins a row of a table. */
const pageOf = (path: string): Page => {
  const sections = new Map<string, string[]>([['', []]]);
  const anchors = new Set<string>();
  let section = '';
  for (const line of withoutFences(readFileSync(path, 'utf8'))) {
    const [, level = '', title = ''] = /^(#+) (.*)$/.exec(line) ?? [];
    if (level !== '') anchors.add(slugOf(title));
    if (level === '##') section = /^(\d+)\. /.exec(title)?.[1] ?? '';
    const quotable = [
      ...(level === '' ? [] : [title]),
      ...[...line.matchAll(/\*\*(.+?)\*\*/g)].map(([, bold = '']) => bold),
      ...[...line.matchAll(/^\| ([^|]+) \|/g)].map(([, cell = '']) => cell),
    ];
    for (const name of new Set(['', section]))
      sections.set(name, [...(sections.get(name) ?? []), ...quotable.map(plain)]);
  }
  return { sections, anchors };
};
const withoutFences = (text: string): readonly string[] => text.replaceAll(/^```[\s\S]*?^```$/gm, '').split('\n');
const plain = (text: string): string => text.replaceAll(/[`*_]/g, '').toLowerCase();
/** As GitHub makes them. */
const slugOf = (title: string): string =>
  title
    .trim()
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .replaceAll(' ', '-');

const pages = new Map<string, Page>();
const read = (path: string): Page => {
  const page = pages.get(path) ?? pageOf(path);
  pages.set(path, page);
  return page;
};

/** Where a document lives that somebody names. */
const documentOf = (name: string, from: string): string | null =>
  [normalize(join(dirname(from), name)), name, `docs/reference/${name}`, `docs/${name}`, `${name}.md`].find((path) =>
    known.has(path),
  ) ?? null;

const missing: string[] = [];
const tell = ({ path, line }: Said, what: string): void => {
  missing.push(`${path}:${line}: ${what}`);
};

const documentName = /(?:[\w.-]+\/)*[\w.-]*\w\.md\b|\bREADME\b(?=[,:]? "|: [A-Z])|\bSECURITY\b(?=[,:]? ")/g;
/** `, §1`, ` and §5 "Errors"`, ` "Text"`, `, "Adopting"` … behind the name of a document. */
const place = /(?:,|;|:)?\s*(?:and\s+)?(?:§\s?(\d+)(?:[–-]§?(\d+))?)?\s*\(?(?:"([^"]+)")?/y;

const checkDocuments = (said: Said): void => {
  for (const match of said.text.matchAll(documentName)) {
    const path = documentOf(match[0], said.path);
    if (path === null) tell(said, `no document ${match[0]}`);
    else checkPlaces(said, path, match.index + match[0].length);
  }
  for (const [, number = '', name = ''] of said.text.matchAll(/§(\d+) of ([\w-]+\.md)/g)) {
    const path = documentOf(name, said.path);
    if (path !== null && !read(path).sections.has(number)) tell(said, `no §${number} in ${path}`);
  }
};

const checkPlaces = (said: Said, path: string, from: number): void => {
  place.lastIndex = from;
  for (let found = place.exec(said.text); found !== null; found = place.exec(said.text)) {
    const [, first, last = first, quote] = found;
    if (first === undefined && quote === undefined) return;
    const { sections } = read(path);
    for (let at = Number(first); at <= Number(last); at += 1)
      if (!sections.has(String(at))) tell(said, `no §${at} in ${path}`);
    if (quote !== undefined && !isQuotable(sections.get(first ?? '') ?? [], quote))
      tell(said, `nothing called "${quote}" in ${path} ${first === undefined ? '' : `§${first}`}`);
  }
};
const isQuotable = (quotable: readonly string[], quote: string): boolean =>
  quotable.some((text) => text.includes(plain(quote)));

const checkDecisions = (said: Said): void => {
  const named = [
    ...[...said.text.matchAll(/docs\/adr\/(\d{4})(?!\d|-\w)((?:, \d{4})*)/g)].flatMap(([, one = '', more = '']) => [
      one,
      ...more.split(', ').slice(1),
    ]),
    ...[...said.text.matchAll(/\bADRs? (\d+)/g)].map(([, number = '']) => number.padStart(4, '0')),
    ...(said.path.startsWith('docs/')
      ? [...said.text.matchAll(/[( ](00\d\d)(?=[,;).])/g)].map(([, number = '']) => number)
      : []),
  ];
  for (const number of named) if (!decisions.has(number)) tell(said, `no decision ${number}`);
  for (const [, number = '', quote = ''] of said.text.matchAll(/docs\/adr\/(\d{4}) "([^"]+)"/g)) {
    const path = decisions.get(number);
    if (path !== undefined && !isQuotable(read(path).sections.get('') ?? [], quote))
      tell(said, `nothing called "${quote}" in ${path}`);
  }
};

const checkCommands = (said: Said): void => {
  for (const [, name = ''] of said.text.matchAll(/\bnpm run (?:--silent )?([a-z][\w:-]*)/g))
    if (scripts[name] === undefined) tell(said, `no command npm run ${name}`);
};

/** Not what a slash stands before: that is an address. */
const fileName =
  /(?<![\w/.@*{}<>-])(?:\.{1,2}\/)?(?:[\w.-]+\/)*[\w.-]*\w\.(?:ts|mjs|cjs|js|json|txt|yml|svg|sh|gz|sql)\b(?![\w*/])/g;
const folderName = /(?<![\w/.@-])(?:src|test|docs|migrations|seeds|scripts|config|\.ci)\/(?:[\w.-]+\/)*[\w-]*/g;

const checkFiles = (said: Said): void => {
  for (const [name] of said.text.matchAll(fileName)) {
    const near = normalize(join(dirname(said.path), name));
    if (!names.has(name.replace(/^\.\.?\//, '')) && !known.has(near) && !isMade(name)) tell(said, `no file ${name}`);
  }
  for (const match of said.text.matchAll(folderName)) {
    const name = match[0].replace(/\/$/, '');
    const rest = said.text.slice(match.index + match[0].length);
    const isThere = folders.has(name) || names.has(name) || all.some((path) => path.startsWith(name));
    if (!isThere && !/^[.*{<(]\w/.test(rest)) tell(said, `no folder ${name}`);
  }
};
/** What a build, a test run or an installation makes. */
const isMade = (name: string): boolean =>
  names.has(name.replace(/^(?:\.\/)?dist\//, '').replace(/\.c?js$/, '.ts')) || notFiles.test(name);
/** Files that somebody else makes, places for a name (`FILE.ts`), and methods that look like a file. */
const notFiles =
  /^(?:(?:dist\/)?openapi\.json|package-lock\.json|local\.json|demo-secrets\.json|[A-Z]+\.\w+|response\.json)$/;

/** `Source:` names what can be looked up. */
const checkSources = (said: Said): void => {
  for (const [, source = ''] of said.text.matchAll(/\bSource: (.{0,40})/g))
    if (
      !/^(?:[\w./-]+\.(?:md|ts|json)\b|docs\/adr\/\d{4}|RFC \d+|OpenID Connect |proc\(5\)|SECURITY\.md|the recordings\b)/.test(
        source,
      )
    )
      tell(said, `no source to look up: ${source}`);
};

/** The names of tests, which may say whose sentence they are. */
const titlesOf = (path: string): readonly Said[] =>
  readFileSync(path, 'utf8')
    .split('\n')
    .flatMap((line, at) => {
      const text = title.exec(line)?.[2];
      return text === undefined ? [] : [{ path, line: at + 1, text }];
    });
const title = /\b(?:describe|it|test)(?:\.each\(.*\))?\((['"`])(.*?)\1,/;

const programs = all.filter(
  (path) =>
    (/\.(?:ts|mjs|cjs|js)$/.test(path) ||
      [
        '.ci/run',
        'Dockerfile',
        'docker-compose.yml',
        'docker-compose.cluster.yml',
        'config/haproxy.cfg',
        'config/galera.cnf',
        '.dockerignore',
        '.gitignore',
      ].includes(path)) &&
    !path.startsWith('test/recordings/'),
);
const documents = all.filter(
  (path) => path.endsWith('.md') && !path.startsWith('test/recordings/') && statSync(path).isFile(),
);
const checks = [checkDocuments, checkDecisions, checkCommands, checkFiles, checkSources];

test('whatever a comment names is there', () => {
  missing.length = 0;
  for (const said of programs.flatMap(commentsOf)) for (const check of checks) check(said);
  expect(missing).toEqual([]);
});

test('whatever the name of a test names is there', () => {
  missing.length = 0;
  for (const said of all.filter((path) => path.endsWith('.test.ts')).flatMap(titlesOf)) {
    checkDocuments(said);
    checkCommands(said);
  }
  expect(missing).toEqual([]);
});

test('whatever a document names is there', () => {
  missing.length = 0;
  for (const said of documents.flatMap(paragraphsOf)) for (const check of checks) check(said);
  expect(missing).toEqual([]);
});

test('every link between documents leads somewhere', () => {
  missing.length = 0;
  for (const path of documents) {
    withoutFences(readFileSync(path, 'utf8')).forEach((text, at) => {
      for (const [, target = '', anchor] of text.replaceAll(/`[^`]*`/g, '').matchAll(/\]\(([^)#]*)(?:#([^)]*))?\)/g)) {
        if (/^[a-z]+:/.test(target)) continue;
        const to = target === '' ? path : normalize(join(dirname(path), target)).replace(/\/$/, '');
        if (!existsSync(to)) tell({ path, line: at + 1, text }, `no ${target}`);
        else if (anchor !== undefined && !read(to).anchors.has(anchor))
          tell({ path, line: at + 1, text }, `no #${anchor} in ${to}`);
      }
    });
  }
  expect(missing).toEqual([]);
});
