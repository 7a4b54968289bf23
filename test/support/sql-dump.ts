/** A value as mysqldump writes it. */
export type DumpValue = string | number | null;

/** Cuts a mysqldump file into statements; `;` inside strings, names and comments does not count. */
export const statementsOf = (sql: string): readonly string[] => {
  // Strings, quoted names, both kinds of comment, the end of a statement, or any other run of text.
  const pieces = /'(?:[^'\\]|\\.|'')*'|"(?:[^"\\]|\\.|"")*"|`[^`]*`|\/\*[\s\S]*?\*\/|-- [^\n]*|;|[^'"`;/-]+|[\s\S]/gs;
  const statements: string[] = [];
  let current = '';
  for (const [piece] of sql.matchAll(pieces)) {
    if (piece === ';') {
      statements.push(current.trim());
      current = '';
    } else if (!piece.startsWith('-- ') && !piece.startsWith('/*')) current += piece;
  }
  return statements;
};

/** The rows of `VALUES (…),(…)`. Throws where something is written that this does not know. */
export const tuplesOf = (values: string): readonly (readonly DumpValue[])[] => {
  const token =
    /\s*(?:(?<punctuation>[(),])|(?<null>NULL)|(?<number>-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)(?![\w.])|(?:_binary )?'(?<text>(?:[^'\\]|\\.|'')*)'|(?<hex>0x[0-9A-Fa-f]+))\s*/suy;
  const rows: DumpValue[][] = [];
  while (token.lastIndex < values.length) {
    const at = token.lastIndex;
    const groups = token.exec(values)?.groups;
    if (groups === undefined) throw new Error(`cannot read the dump at: ${values.slice(at, at + 40)}`);
    if (groups['punctuation'] === '(') rows.push([]);
    else if (groups['punctuation'] === undefined) rows.at(-1)?.push(valueOf(groups));
  }
  return rows;
};

const valueOf = (groups: Readonly<Record<string, string | undefined>>): DumpValue => {
  if (groups['null'] !== undefined) return null;
  if (groups['number'] !== undefined) return Number(groups['number']);
  return groups['hex'] ?? unescaped(groups['text'] ?? '');
};

const escapes: Readonly<Record<string, string>> = {
  '0': '\0',
  b: '\b',
  n: '\n',
  r: '\r',
  t: '\t',
  Z: '\x1a',
  '%': '\\%',
  _: '\\_',
};

/** What stands behind a backslash; other letters stand for themselves. */
const unescaped = (text: string): string =>
  text.replace(/\\([\s\S])|''/g, (_pair, letter: string | undefined) =>
    letter === undefined ? "'" : (escapes[letter] ?? letter),
  );
