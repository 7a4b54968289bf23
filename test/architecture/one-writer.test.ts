import { dirname, join, relative } from 'node:path';
import ts from 'typescript';

/**
 * One way in (management-api.md §2): what writes users, contributions and what hangs on them is a known use case, whoever calls it,
 * and what writes a table is its store. A second writer fails here; a new use case that writes is named here, and seen in a review.
 */

/** Calls of ports that write, and who makes them. Files under src/. */
const callers: Readonly<Record<string, readonly string[]>> = {
  'UserStore.insert': ['use-cases/sessions/log-in.ts', 'use-cases/users/insert-user.ts'],
  'UserStore.save': [
    'use-cases/anonymization/execute-plan.ts',
    'use-cases/person-sync/write-rows.ts',
    'use-cases/users/address-marks.ts',
    'use-cases/users/insert-user.ts',
    'use-cases/users/update-user.ts',
  ],
  'UserStore.remove': ['use-cases/anonymization/delete-rows.ts'],
  'ActivityStore.applyChangeSet': [
    'use-cases/anonymization/execute-plan.ts',
    // What came late, as the plan would have taken it.
    'use-cases/anonymization/late-contributions.ts',
  ],
  'ActivityStore.removeAllOf': ['use-cases/anonymization/delete-rows.ts'],
  'SideTableStore.applyChangeSet': ['use-cases/anonymization/planned-side-rows.ts'],
  'SideTableStore.clearUndeclared': ['use-cases/anonymization/execute-plan.ts'],
  'SideTableStore.release': ['use-cases/anonymization/delete-rows.ts'],
  'AuditStore.append': [
    'use-cases/anonymization/record-operation.ts',
    'use-cases/audit/entries.ts',
    'use-cases/audit/record-look.ts',
  ],
  'PersonFactsStore.save': ['use-cases/people/one-person.ts'],
  'PersonFactsStore.removeOfPerson': ['use-cases/anonymization/execute-plan.ts'],
  'PersonFactsStore.removeOfClient': ['use-cases/clients/clients.ts'],
  'ClientStore.add': ['use-cases/clients/clients.ts'],
  'ClientStore.rotate': ['use-cases/clients/clients.ts'],
  'ClientStore.revoke': ['use-cases/clients/clients.ts'],
  'ClientStore.addToken': ['use-cases/clients/tokens.ts'],
  'ClientStore.endToken': ['use-cases/clients/tokens.ts'],
};

/** Tables whose rows are people's, or say what was done to them, and who writes them: one store each, and adoption. */
const tables: Readonly<Record<string, readonly string[]>> = {
  // Beside their store: what unlinks rows of a person who goes, columns that somebody added, and adoption.
  users: [
    'db/adoption/link-people.ts',
    'db/stores/person-store.ts',
    'db/stores/side-table-store.ts',
    'db/users/write-users.ts',
  ],
  civitas_user_counts: ['db/users/write-users.ts'],
  civitas_user_words: ['db/users/write-users.ts'],
  civitas_persons: ['db/adoption/link-people.ts', 'db/stores/person-store.ts'],
  civitas_person_facts: ['db/stores/people-list-store.ts'],
  civitas_tombstones: ['db/stores/person-store.ts'],
  civitas_sessions: ['db/stores/session-store.ts'],
  civitas_outbox: ['db/stores/outbox-store.ts'],
  civitas_audit: ['db/stores/audit-store.ts'],
  civitas_clients: ['db/stores/client-store.ts'],
  civitas_client_sites: ['db/stores/client-store.ts'],
  civitas_client_tokens: ['db/stores/client-store.ts'],
};
/** Where the name of the table is put in: contributions, side tables, and what every store says to both databases alike. */
const namesTablesItself: readonly string[] = [
  // What the store of the table wants written beside a lease, in one statement.
  'db/leases.ts',
  'db/stores/activity-store.ts',
  'db/stores/side-table-store.ts',
];
/** What decides who sees something, by the file that declares it; and who asks: whoever else wants to know asks these. */
const deciders: Readonly<Record<string, readonly string[]>> = {
  'domain/users/user-fields.ts view': ['domain/users/user-visibility.ts'],
  'domain/sites/site.ts allowUseOfNicknames': ['domain/users/user-visibility.ts'],
  'domain/sites/site.ts viewableByRole': ['domain/users/user-rules.ts'],
  // What a client without a right to people is not told of is not counted either.
  'activity-types/definition.ts isPublic': ['activity-types/definition.ts', 'use-cases/people/person-view.ts'],
};
/** What an operator is told to type: statements that stand in a remedy, and that nothing here executes. */
const tellsAnOperator: readonly string[] = ['cli/adoption-text.ts', 'db/adoption/survey.ts'];

const root = join(import.meta.dirname, '..', '..');
const nameOf = (file: string): string => relative(join(root, 'src'), file).replaceAll('\\', '/');

const config = ts.getParsedCommandLineOfConfigFile(
  join(root, 'tsconfig.json'),
  { noEmit: true },
  { ...ts.sys, onUnRecoverableConfigFileDiagnostic: () => undefined },
);
const program = ts.createProgram(
  (config?.fileNames ?? []).filter((file) => !nameOf(file).startsWith('..')),
  config?.options ?? {},
);
const checker = program.getTypeChecker();
const sources = program
  .getSourceFiles()
  .map((source) => ({ name: nameOf(source.fileName), source }))
  .filter(({ name }) => !name.startsWith('..'));

/** Where the property is declared that is used here, or taken out of what has it; undefined for anything else. */
const usedMember = (node: ts.Node): { readonly name: string; readonly declaration: ts.Node } | undefined => {
  const isTaken = ts.isBindingElement(node) && ts.isObjectBindingPattern(node.parent);
  const name = ts.isPropertyAccessExpression(node) ? node.name : isTaken ? (node.propertyName ?? node.name) : null;
  if (name === null || !ts.isIdentifier(name)) return undefined;
  const symbol = isTaken
    ? checker.getTypeAtLocation(node.parent).getProperty(name.text)
    : checker.getSymbolAtLocation(name);
  const declaration = symbol?.declarations?.[0];
  return declaration === undefined ? undefined : { name: name.text, declaration };
};

/** `UserStore.save` for a property that a port declares; null for anything else. */
const portMember = (node: ts.Node): string | null => {
  const used = usedMember(node);
  const port = used?.declaration.parent;
  if (used === undefined || port === undefined || !ts.isInterfaceDeclaration(port)) return null;
  return nameOf(dirname(port.getSourceFile().fileName)) === 'ports' ? `${port.name.text}.${used.name}` : null;
};

const placeAndName = (node: ts.Node): readonly string[] => {
  const used = usedMember(node);
  return used === undefined ? [] : [`${nameOf(used.declaration.getSourceFile().fileName)} ${used.name}`];
};

/** What a statement that stands in this text writes; '' where the table's name is put in. */
const writtenIn = (node: ts.Node): readonly string[] => {
  const isText = ts.isStringLiteralLike(node) || ts.isTemplateHead(node) || ts.isTemplateMiddleOrTemplateTail(node);
  if (!isText) return [];
  const statements = /(?:^|[^\w])(?:INTO|UPDATE(?! CASCADE)|DELETE FROM)\s+(?:`?(\w+)`?|$)/g;
  return [...node.text.matchAll(statements)].map(([, table = '']) => table).filter((table) => table !== 'SET');
};

const gathered = (read: (node: ts.Node) => readonly string[]): ReadonlyMap<string, ReadonlySet<string>> => {
  const found = new Map<string, Set<string>>();
  const visit = (file: string, node: ts.Node): void => {
    for (const what of read(node)) found.set(what, (found.get(what) ?? new Set<string>()).add(file));
    ts.forEachChild(node, (child) => {
      visit(file, child);
    });
  };
  for (const { name, source } of sources) visit(name, source);
  return found;
};
const outside = (folder: string, files: Iterable<string> = []): readonly string[] =>
  [...files].filter((file) => !file.startsWith(folder)).sort();

describe('what belongs to people', () => {
  const members = gathered((node) => [portMember(node)].filter((member) => member !== null));

  test.each(Object.entries(callers))('%s is called by the known use cases, and by nobody else', (call, known) => {
    expect(outside('db/', members.get(call))).toEqual(known);
  });

  test('is deleted and anonymized for the management API by the use cases of the site routes', () => {
    const writing = Object.values(callers).flat();
    for (const file of ['use-cases/people/anonymize-person.ts', 'use-cases/people/delete-person.ts'])
      expect(writing).not.toContain(file);
    const names = program.getSourceFile(join(root, 'src/use-cases/index.ts'))?.text ?? '';
    expect(names).toContain('anonymizePerson(ports, useCases)');
    expect(names).toContain('deletePerson(ports, deleteRows(ports, deliver))');
  });
});

describe('who sees something', () => {
  const used = gathered(placeAndName);

  test.each(Object.entries(deciders))('%s is asked about in one place', (decider, known) => {
    expect([...(used.get(decider) ?? [])].sort()).toEqual(known);
  });
});

describe('tables', () => {
  const statements = new Map(
    [...gathered(writtenIn)].map(([table, files]) => [
      table,
      new Set([...files].filter((file) => !tellsAnOperator.includes(file))),
    ]),
  );

  test.each(Object.entries(tables))('%s is written by its store, and by nobody else', (table, known) => {
    expect([...(statements.get(table) ?? [])].sort()).toEqual(known);
  });

  test('whose names are put in are contributions and side tables', () => {
    expect(outside('nowhere', statements.get('')).filter((file) => !namesTablesItself.includes(file))).toEqual([]);
  });

  test('are not written by who tells an operator what to write', () => {
    for (const file of tellsAnOperator) {
      const { text } = program.getSourceFile(join(root, 'src', file)) ?? {};
      expect([file, text]).toEqual([file, expect.stringContaining('UPDATE ')]);
      expect([file, text]).toEqual([file, expect.not.stringMatching(/\b(?:change|insert|transaction|query)\b/i)]);
    }
  });

  test('are written in db/ only; models are for reading, and for the demo to fill its world', () => {
    const files = new Set([...statements.values()].flatMap((names) => [...names]));
    expect(outside('db/', files)).toEqual([]);
    const writingModels = sources.filter(({ source }) =>
      /rows\.\w+\.(?:create|update|destroy|upsert)|\.bulkCreate\(/.test(source.text),
    );
    expect(writingModels.map(({ name }) => name).filter((name) => !name.startsWith('demo/'))).toEqual([]);
  });
});
