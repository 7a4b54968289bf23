import { siteConfigShape, type ConfigShape } from '../../src/domain/sites/site-config-shape.ts';
import { code, codes, generated, table } from './table.ts';

/** What is read in a site's config. */
export const siteConfigPage = (): string =>
  generated(
    'Site configs',
    '`src/domain/sites/site-config-shape.ts`',
    'What Civitas reads in the `config` of a site, and checks where it changes; `null` means "not said". Whatever else OpenStad keeps there stays as it is. `<name>` is a name that the site gives itself.',
    table(
      ['key', 'holds'],
      keysOf('', siteConfigShape).map(([key, holds]) => [code(key), holds]),
    ),
  );

const keysOf = (path: string, shape: ConfigShape): readonly (readonly [key: string, holds: string])[] => {
  if (shape.kind === 'object')
    return Object.entries(shape.keys).flatMap(([key, inner]) => keysOf(path === '' ? key : `${path}.${key}`, inner));
  if (shape.kind === 'named') return keysOf(`${path}.<name>`, shape.each);
  return [[path, holdsOf(shape)]];
};

const holdsOf = (shape: ConfigShape): string => {
  if (shape.kind === 'either') return shape.shapes.map(holdsOf).join(', or ');
  if (shape.kind === 'word') return codes(shape.words);
  if (shape.kind === 'object')
    return `{${Object.entries(shape.keys)
      .map(([key, inner]) => `${code(key)}: ${holdsOf(inner)}`)
      .join('; ')}}`;
  if (shape.kind === 'named') return `by name: ${holdsOf(shape.each)}`;
  if (shape.kind === 'text' || shape.kind === 'name')
    return `${words[shape.kind]}, at most ${shape.maxLength} characters`;
  return words[shape.kind];
};

const words = {
  flag: '`true` or `false`',
  text: 'a text',
  name: 'a name',
  count: 'a whole number',
  role: 'a role',
  audience: 'roles and `owner`, one or a list',
  moment: 'a date, with or without time and offset',
  hosts: 'hosts, with or without port',
  address: 'an http(s) address without credentials',
  path: 'a path below that address',
  list: 'a list of any values',
  texts: 'a list of texts',
} as const satisfies Record<Exclude<ConfigShape['kind'], 'either' | 'word' | 'object' | 'named'>, string>;
