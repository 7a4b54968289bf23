import { createClient } from '@hey-api/openapi-ts';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import ts from 'typescript';
import { openapi } from '../../src/http/openapi/document.ts';
import type { Route } from '../../src/http/route.ts';
import { routes } from '../../src/http/routes.ts';

/** What of the client comes from the table of routes: path → what it should hold. One type a line, so that a change is seen as one. */
export const generatedFiles = async (): Promise<Readonly<Record<string, string>>> => {
  const types = await typesOf(routes);
  const ofOperations = new Set(
    routes.flatMap((row) => ['Data', 'Errors', 'Error', 'Responses', 'Response'].map((end) => typeName(row) + end)),
  );
  const schemas = [...types.values()].filter(({ name }) => name !== 'ClientOptions' && !ofOperations.has(name));
  return {
    'src/client/types.gen.ts': `${head}\n${schemas.map(({ doc, name, text }) => `${doc}export type ${name} = ${text};\n`).join('')}`,
    'src/client/operations.gen.ts': operationsFile(
      routes,
      types,
      schemas.map(({ name }) => name),
    ),
  };
};

const head =
  '// Written by `npm run client:write` from the table of routes (src/http/routes.ts): change that, not this.\n';

interface Written {
  readonly name: string;
  /** Its comment, with a line end; '' where it has none. */
  readonly doc: string;
  readonly text: string;
}

/** What the generator makes of the document, by name. */
const typesOf = async (rows: readonly Route[]): Promise<ReadonlyMap<string, Written>> => {
  const folder = mkdtempSync(join(tmpdir(), 'civitas-client-'));
  try {
    // As others read it: from JSON; but what stands in a text as JSON the client is told as it is, and writes itself.
    const input = JSON.parse(JSON.stringify(openapi(rows)), (_key, value: unknown) => contentOf(value)) as Record<
      string,
      unknown
    >;
    await createClient({
      input,
      output: { path: folder, entryFile: false },
      plugins: ['@hey-api/typescript'],
      logs: { level: 'silent', file: false },
    });
    const source = readFileSync(join(folder, 'types.gen.ts'), 'utf8');
    const { statements } = ts.createSourceFile('types.gen.ts', source, ts.ScriptTarget.Latest, true);
    return new Map(statements.filter(ts.isTypeAliasDeclaration).map((one) => [one.name.text, writtenOf(one, source)]));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

const contentOf = (value: unknown): unknown =>
  typeof value === 'object' && value !== null && 'contentSchema' in value ? value.contentSchema : value;

const writtenOf = (alias: ts.TypeAliasDeclaration, source: string): Written => {
  const doc = inOneLine(source.slice(alias.pos, alias.getStart()).trim());
  return { name: alias.name.text, doc: doc === '' ? '' : `${doc}\n`, text: inOneLine(alias.type.getText()) };
};

/** Comments too; a property ends with `;` as it is. */
const inOneLine = (text: string): string =>
  text
    .replaceAll(/\/\*\*\s*\n\s*\* /g, '/** ')
    .replaceAll(/\s*\n\s*\*(?!\/) ?/g, ' ')
    .replaceAll(/\s*\n\s*/g, ' ');

const operationsFile = (
  rows: readonly Route[],
  types: ReadonlyMap<string, Written>,
  schemas: readonly string[],
): string => {
  const typeText = (name: string): string => types.get(name)?.text ?? 'never';
  const operations = rows.map((row) => {
    const answer =
      row.answer.schema === undefined ? 'undefined' : `${typeText(`${typeName(row)}Responses`)}[${row.answer.status}]`;
    const [data, fails] = [typeText(`${typeName(row)}Data`), typeText(`${typeName(row)}Errors`)];
    return `  ${row.operationId}: { data: ${data}; answer: ${answer}; fails: ${fails} };\n`;
  });
  const used = schemas.filter((name) => new RegExp(`\\b${name}\\b`).test(operations.join('')));
  return [
    head,
    `import type { ${used.join(', ')} } from './types.gen.ts';\n`,
    `/** Every operation of openapi.json: what it is given, what it answers, and what it fails with, by status. */\nexport interface Operations {\n${operations.join('')}}\n`,
    `/** Method and path; \`look\`: changes nothing, whatever its method; \`form\`: its body is a form; \`key\`: is done once under a key. */\nexport const operations: Readonly<Record<keyof Operations, string>> = {\n${rows.map(callOf).join('')}};\n`,
  ].join('\n');
};

const typeName = ({ operationId }: Route): string => operationId.charAt(0).toUpperCase() + operationId.slice(1);

const callOf = ({ operationId, method, path, looksOnly, bodyIs, repeatable }: Route): string => {
  const marks = [
    looksOnly === true ? ' look' : '',
    bodyIs === 'form' ? ' form' : '',
    repeatable === true ? ' key' : '',
  ];
  return `  ${operationId}: '${method.toUpperCase()} ${path}${marks.join('')}',\n`;
};
