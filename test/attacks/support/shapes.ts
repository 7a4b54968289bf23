/** JSON of `count` keys and items, or of as many characters. */
export type Shape = (count: number) => string;

const list = (item: string, count: number): string => `[${Array.from({ length: count }, () => item).join(',')}]`;
const keys = (count: number, key: (at: number) => string, value = '0'): string =>
  `{${Array.from({ length: count }, (_none, at) => `"${key(at)}":${value}`).join(',')}}`;
/** Levels in one another, each with its share of the items beside it. */
const nested = (count: number, level: (inner: string, beside: string) => string): string => {
  let value = '[]';
  for (let depth = 0; depth < 26; depth += 1) value = level(value, list('{"a":"b"}', Math.floor(count / 26 / 2)));
  return value;
};

/** Of keys and items. A key costs as many characters as there are items, so that a path for each would be seen. */
export const valueShapes: Readonly<Record<string, Shape>> = {
  'a wide list': (count) => list('0', count),
  'a list of ids': (count) => list('999999', count),
  'a list of texts': (count) => list('"!"', count),
  'a list of objects': (count) => list('{"a":1}', count / 2),
  'a list of what no key may be': (count) => list('{"__proto__":1}', count / 2),
  'a list of numbers that are too large': (count) => list('9007199254740993', count),
  'a list of masks': (count) => list('{"token":"********"}', count / 2),
  'a wide object': (count) => keys(count, (at) => `key${at}`),
  'keys like places in a list': (count) => keys(count, (at) => String(4_294_967_294 - at * 1024)),
  'one key again and again': (count) => keys(count, () => 'key'),
  'a long key over a list': (count) => `{"${'k'.repeat(10 * count)}":${list('0', count)}}`,
  'a long key over nulls': (count) => `{"${'k'.repeat(10 * count)}":${keys(count, (at) => `key${at}`, 'null')}}`,
  'a long key over mistakes': (count) => `{"${'k'.repeat(10 * count)}":${list('{"__proto__":1}', count / 2)}}`,
  'lists in one another': (count) => nested(count, (inner, beside) => `[${inner},${beside}]`),
  'objects in one another': (count) => nested(count, (inner, beside) => `{"a":${inner},"b":${beside}}`),
};

/** Many times this, and an end that spoils it: near-matches of the expressions that texts are read with. */
const near: Readonly<Record<string, readonly [begin: string, again: string, end: string]>> = {
  'opening brackets': ['', '[', ''],
  'opening tags': ['', '<', ''],
  'tags that never end': ['', '<b', ''],
  slashes: ['a@', '/', 'a'],
  'an address of slashes': ['http://a.nl/', '/', 'a'],
  'an address that may hold a password': ['mysql://', 'a', '/'],
  'an address with a mask': ['mysql://********@', 'a', '@'],
  'blanks before a letter': ['', ' ', 'x'],
  'combining characters': ['', 'e\u0301', 'x'],
  'characters that cannot be seen': ['a', '\u200b', 'a'],
  'at signs': ['', 'a@', 'a'],
  dots: ['a@', 'a.', '.nl'],
  hyphens: ['', '-', '!'],
  'parts of a time': ['2024-01-01T', ':00', 'x'],
  digits: ['1', '0', 'x'],
  'percent signs': ['', '%', '%4'],
  'entities that never end': ['', '&lt', ''],
  'our own mark': ['exact', ':', ''],
  ids: ['', '999999,', '999999'],
  'words that are none': ['', 'x ', ''],
};

/** Of characters; texts as they are. */
export const textShapes: Readonly<Record<string, Shape>> = Object.fromEntries(
  Object.entries(near).map(([name, [begin, again, end]]) => [
    name,
    (count) => begin + again.repeat(count / again.length) + end,
  ]),
);

/** The same for what may stand in a header or, percent-encoded, in an address. */
export const lineShapes: Readonly<Record<string, Shape>> = {
  commas: (count) => 'a,'.repeat(count / 2),
  'commas behind a quote': (count) => `"${','.repeat(count)}`,
  'entity tags': (count) => `${'W/"a" , '.repeat(count / 8)}x`,
  'blanks before a letter': (count) => `a${' '.repeat(count)}x`,
  'commas and blanks': (count) => `${', '.repeat(count / 2)}x`,
  semicolons: (count) => 'a=b; '.repeat(count / 5),
  slashes: (count) => `http://a.nl/${'/'.repeat(count)}a`,
  'opening brackets': (count) => '['.repeat(count),
  'a list of ids': (count) => `[${'1,'.repeat(count / 2)}1]`,
  'a filter of ids': (count) => `{"id":[${'1,'.repeat(count / 2)}1]}`,
  'a filter of names': (count) => `{"firstName":[${'"a",'.repeat(count / 4)}"a"]}`,
  'a filter in one another': (count) => `{"id":${'['.repeat(count / 2)}${']'.repeat(count / 2)}}`,
  words: (count) => Array.from({ length: count / 6 }, (_none, at) => `w${at}`).join(' '),
  underscores: (count) => `${'_'.repeat(count)} `,
  addresses: (count) => `${'1.2.3.4:5,'.repeat(count / 10)}x`,
  dots: (count) => 'a.'.repeat(count / 2),
};
