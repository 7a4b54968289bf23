import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { rules } from '../../src/domain/refusals.ts';
import { code, generated, table } from './table.ts';

/** Why something is refused by right, and what does not fit as things stand. */
export const rulesPage = (): string =>
  generated(
    'Rules',
    '`src/domain/refusals.ts`, and from where a `conflict` is thrown',
    'A refusal names its rule in `rule`. Who is answered what, call by call, is in `test/authorization/matrix.txt`.',
    '## Refused by right (403)',
    table(
      ['rule', 'says'],
      Object.entries(rules).map(([name, says]) => [code(name), says]),
    ),
    '## Not as things stand (409)',
    table(
      ['rule', 'says'],
      conflicts().map(([name, says]) => [code(name), says]),
    ),
  );

/** No table of the code holds them, so they are read where they are thrown. */
export const conflicts = (): readonly (readonly [name: string, says: string])[] => {
  const found = new Map<string, string>();
  const files = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
  for (const file of files.sort()) {
    for (const [, name = '', , says = ''] of readFileSync(join('src', file), 'utf8').matchAll(thrown))
      if (says !== '' || !found.has(name)) found.set(name, says);
  }
  return [...found]
    .map(([name, says]) => [name, says === '' ? 'Its sentence names what was found.' : says] as const)
    .sort(([one], [other]) => (one < other ? -1 : 1));
};
const thrown = /'conflict',\s*\{ rule: '([a-z-]+)'[^}]*\},(?:\s*(['"])((?:(?!\2).)*)\2)?/gs;
