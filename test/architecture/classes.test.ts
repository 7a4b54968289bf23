import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

/**
 * To the compiler a class is whatever has its public members, unless it holds something that is private or protected. So what only looks
 * like an instance (a permit, say, that nobody gave) does not compile where one is asked for.
 */
const files = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter((name) => /\.tsx?$/.test(name));

const classesIn = (name: string): readonly ts.ClassDeclaration[] => {
  const text = readFileSync(join('src', name), 'utf8');
  if (!/^(export )?class /m.test(text)) return [];
  return ts.createSourceFile(name, text, ts.ScriptTarget.Latest, true).statements.filter(ts.isClassDeclaration);
};
const classes = files.flatMap(classesIn);

const kept = ts.ModifierFlags.Private | ts.ModifierFlags.Protected;
const holdsSomething = ({ members }: ts.ClassDeclaration): boolean =>
  members.some(
    (member) =>
      (member.name !== undefined && ts.isPrivateIdentifier(member.name)) ||
      (ts.getCombinedModifierFlags(member) & kept) !== 0,
  );
const parentOf = ({ heritageClauses }: ts.ClassDeclaration): string | undefined =>
  heritageClauses?.find(({ token }) => token === ts.SyntaxKind.ExtendsKeyword)?.types[0]?.expression.getText();
const parent = (one: ts.ClassDeclaration): ts.ClassDeclaration | undefined =>
  classes.find(({ name }) => name !== undefined && name.text === parentOf(one));

const isToldApart = (one: ts.ClassDeclaration): boolean => {
  const above = parent(one);
  return holdsSomething(one) || (above !== undefined && isToldApart(above));
};
/** Whoever catches an error asks for its class by `instanceof`, so that its type is never taken by its members. */
const isError = (one: ts.ClassDeclaration): boolean => {
  const above = parent(one);
  return parentOf(one) === 'Error' || (above !== undefined && isError(above));
};
const isExported = (one: ts.ClassDeclaration): boolean =>
  (ts.getCombinedModifierFlags(one) & ts.ModifierFlags.Export) !== 0;

test('nothing that only looks like an instance of a class is taken for one', () => {
  const asked = classes.filter((one) => isExported(one) && !isError(one));
  expect(asked.length).toBeGreaterThan(8);
  expect(asked.filter((one) => !isToldApart(one)).map(({ name }) => name?.text)).toEqual([]);
});

test('nor is what looks like a fault, or like a permit, which is handed out by its type alone', () => {
  const named = classes.filter(({ name }) => ['Fault', 'Permit'].includes(name?.text ?? ''));
  expect(named.map((one) => [one.name?.text, isToldApart(one)])).toEqual([
    ['Fault', true],
    ['Permit', true],
  ]);
});
