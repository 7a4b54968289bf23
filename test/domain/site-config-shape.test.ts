import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Json, JsonObject } from '../../src/domain/json.ts';
import { siteConfigShape, type ConfigShape } from '../../src/domain/sites/site-config-shape.ts';
import { siteConfigOf, type SiteConfig } from '../../src/domain/sites/site.ts';
import { siteConfigErrors } from '../../src/http/requests/site-config.ts';

/** Where a site gives names itself: one such name stands for all. */
const aName = 'eenNaam';

/** Every place of the list, as a path, with what may stand there. */
const placesOf = (shape: ConfigShape, path: readonly string[] = []): readonly (readonly [string, ConfigShape])[] => {
  if (shape.kind === 'object')
    return Object.entries(shape.keys).flatMap(([key, inner]) => placesOf(inner, [...path, key]));
  if (shape.kind === 'named') return placesOf(shape.each, [...path, aName]);
  if (shape.kind === 'either') return shape.shapes.flatMap((inner) => placesOf(inner, path));
  return [[path.join('/'), shape]];
};
const places = placesOf(siteConfigShape);

/** Remembers which keys were looked at, however deep; whatever is asked for is an object. */
const spied = (asked: Set<string>, path: readonly string[] = []): JsonObject =>
  new Proxy<JsonObject>(
    {},
    {
      get: (_target, key) => {
        if (typeof key === 'symbol' || key === 'toJSON') return undefined;
        const here = [...path, key];
        asked.add(here.join('/'));
        return spied(asked, here);
      },
      ownKeys: () => [aName],
      getOwnPropertyDescriptor: (_target, key) => ({
        configurable: true,
        enumerable: true,
        value: spied(asked, [...path, String(key)]),
      }),
    },
  );

/** The paths that lead to these, without the last steps: objects on the way. */
const prefixes = (path: string): readonly string[] =>
  path.split('/').map((_step, index, steps) => steps.slice(0, index + 1).join('/'));

describe('the list of what we read in a site’s config', () => {
  it('names every key that is read: what is read is checked', () => {
    const asked = new Set<string>();
    siteConfigOf(spied(asked));
    const listed = new Set(places.flatMap(([path]) => prefixes(path)));

    expect(asked.size).toBeGreaterThan(25);
    // All texts of OAuth settings are read as they stand; which of them mean something is said by the next test.
    expect([...asked].filter((path) => !listed.has(path))).toEqual([`oauth/${aName}/${aName}`]);
  });

  it('names every OAuth setting that some file of ours names', () => {
    const files = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
    const named = files.flatMap((file) => [
      ...readFileSync(join('src', file), 'utf8').matchAll(/'((?:auth|after)-[a-z-]+)'/g),
    ]);
    const listed = new Set(places.map(([path]) => path));

    expect(named.length).toBeGreaterThan(10);
    for (const [, name = ''] of named) expect(listed).toContain(`oauth/${aName}/${name}`);
  });

  // Settings of an OAuth server are read as they stand, by whoever speaks its language.
  it.each(places.filter(([path]) => path !== `oauth/${aName}/claims/role/values/${aName}`))(
    'and each key of it is read: %s',
    (path, shape) => {
      const { right } = samples(shape);
      const around: JsonObject =
        path.startsWith('oauth/') && path.includes('role/claim')
          ? { oauth: { [aName]: { claims: { role: {} } } } }
          : {};
      const readings = right.map((value) => readable(siteConfigOf(withValue(around, path, value))));
      expect(new Set(readings).size).toBeGreaterThan(1);
    },
  );

  it.each(places)('holds %s to its type', (path, shape) => {
    const { right, wrong } = samples(shape);
    for (const value of [...right, null]) {
      expect(siteConfigErrors({ before: {}, after: withValue({}, path, value) })).toEqual([]);
    }
    for (const value of wrong) {
      const errors = siteConfigErrors({ before: {}, after: withValue({}, path, value) });
      expect(errors.map(({ pointer }) => pointer.startsWith(`/config/${path.split('/')[0] ?? ''}`))).toEqual([true]);
      expect(errors[0]?.detail).not.toContain('heel-geheim');
    }
  });
});

/** Values that are right (some of which read differently), and some that are not. */
const samples = (shape: ConfigShape): { readonly right: readonly Json[]; readonly wrong: readonly Json[] } => {
  switch (shape.kind) {
    case 'flag':
      return { right: [true, false], wrong: ['true', 1, {}] };
    case 'text':
      return { right: ['een', 'twee'], wrong: [1, false, 'x'.repeat(shape.maxLength + 1)] };
    case 'name':
      return {
        right: ['een', 'twee'],
        wrong: [1, 'x'.repeat(shape.maxLength + 1), 'heel-\u202egeheim', 'heel\ngeheim'],
      };
    case 'count':
      return { right: [1, 2], wrong: [0, 1.5, '1'] };
    case 'word':
      return { right: [...shape.words], wrong: ['heel-geheim', 1] };
    case 'role':
      return { right: ['member', 'admin'], wrong: ['heel-geheim', 1, ['member']] };
    case 'audience':
      return { right: ['owner', ['member', 'owner']], wrong: ['heel-geheim', ['heel-geheim'], {}] };
    case 'moment':
      return { right: ['2024-03-01', '2024-03-01 12:00:00', '2024-03-01T12:00:00Z'], wrong: ['heel-geheim', 20240301] };
    case 'hosts':
      return {
        right: [['example.org'], ['localhost:3000', '[::1]:80']],
        wrong: ['example.org', ['http://heel-geheim'], [1], ['*']],
      };
    case 'address':
      return {
        right: ['https://login.example.org', 'http://127.0.0.1:4440/oauth'],
        wrong: ['heel-geheim', 'ftp://x', 'https://me:heel-geheim@example.org', 1],
      };
    case 'path':
      return { right: ['/oauth/token', '/x?a=[[clientId]]'], wrong: ['//heel-geheim', '/a b', 'a\\b', 1] };
    case 'list':
      return { right: [['a'], [1, null]], wrong: ['heel-geheim', {}] };
    case 'texts':
      return { right: [['openid', 'email'], ['openid']], wrong: [[1]] };
    case 'object':
    case 'named':
    case 'either':
      return { right: [], wrong: [] };
  }
};

const withValue = (around: JsonObject, path: string, value: Json): JsonObject => {
  const [key = '', ...rest] = path.split('/');
  const inner = around[key];
  const object = typeof inner === 'object' && inner !== null && !Array.isArray(inner) ? (inner as JsonObject) : {};
  return { ...around, [key]: rest.length === 0 ? value : withValue(object, rest.join('/'), value) };
};

const readable = (config: SiteConfig): string =>
  JSON.stringify(config, (_key, value: unknown) => (value instanceof Map ? [...value.entries()] : value));
