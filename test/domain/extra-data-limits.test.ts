import {
  extraDataLimitErrors,
  isTooFullFor,
  firstSightErrors,
  ownMeasures,
} from '../../src/domain/users/user-change.ts';
import { perSiteFields } from '../../src/domain/users/user-fields.ts';
import type { Json, JsonObject } from '../../src/domain/json.ts';
import { aSite } from '../support/builders.ts';
import { isBounded } from '../../src/identity/oauth-operation.ts';

const [here, elsewhere] = [1, 2];
const items = (count: number): Json => Array.from({ length: count }, () => 1);
const own = (value: Json, siteId = here): Json => [{ value, siteId }];
const keys = (count: number, value: Json): JsonObject =>
  Object.fromEntries(Array.from({ length: count }, (_none, at) => [`k${at}`, value]));
const pointers = (before: JsonObject, after: JsonObject) =>
  extraDataLimitErrors(before, after, here).map(({ pointer }) => pointer);

describe('entries, which are keys and list items at every depth', () => {
  it.each<[string, JsonObject, number]>([
    ['own items', { bio: own(items(599)) }, 0],
    ['own items', { bio: own(items(600)) }, 1],
    ['own items in one another', { bio: own([[items(596)]]) }, 0],
    ['own items in one another', { bio: own({ a: { b: items(598) } }) }, 1],
    ['own keys of one value each', keys(200, own('x')), 0],
    ['own keys of more', keys(200, own(items(3))), 1],
    ['plain items', { a: items(3999) }, 0],
    ['plain items', { a: items(2000), b: items(1999) }, 1],
    ['items of others', { bio: own(items(3000), elsewhere) }, 0],
    ['everything as it stands', { a: own(items(6000), 2), b: own(items(5992), 3) }, 0],
    ['everything as it stands', { a: own(items(6000), 2), b: own(items(5993), 3) }, 1],
    ['fields that each site has of its own', keysOfFields(900), 0],
  ])('%s are counted', (_what, raw, errors) => {
    expect(pointers({}, raw)).toHaveLength(errors);
  });

  it('are told by the key that got most, of the share that is over', () => {
    const after = { 'a/b': own(items(400)), c: own(items(300)), plain: items(900) };

    expect(extraDataLimitErrors({ 'a/b': own(items(350)) }, after, here)).toEqual([
      { pointer: '/extraData/c', detail: 'would hold over 600 keys and list items of this site' },
    ]);
    expect(pointers({ c: own(items(250)) }, after)).toEqual(['/extraData/a~1b']);
  });

  it('that are new are counted before the record is read: nulls and keys of the row are none', () => {
    const site = aSite({ id: here, config: { users: { extraData: { k0: { sitespecific: true } } } } });
    const errors = (extraData: JsonObject, before: JsonObject = {}) =>
      firstSightErrors({ extraData: before }, { extraData }, site).map(({ detail }) => detail);

    expect(errors(keys(201, 'x'))).toEqual([]);
    expect(errors(keys(202, 'x'))).toEqual(['would hold over 200 keys that all sites share']);
    expect(errors(keys(202, null))).toEqual([]);
    expect(errors(keys(3900, 'x'), keys(3800, 'y'))).toEqual([]);
  });

  it('of one value are counted then, too: what becomes no more than it was is not refused', () => {
    const site = aSite({ id: here, config: { users: { extraData: { ours: { sitespecific: true } } } } });
    const errors = (extraData: JsonObject, before: JsonObject = {}) =>
      firstSightErrors({ extraData: before }, { extraData }, site);
    const over = (pointer: string, detail: string) => [{ pointer, detail }];

    expect(errors({ a: items(3999) })).toEqual([]);
    const shared = 'would hold over 4000 keys and list items that all sites share';
    expect(errors({ a: items(4000) })).toEqual(over('/extraData/a', shared));
    expect(errors({ a: items(100), 'b/c': items(3900) })).toEqual(over('/extraData/b~1c', shared));
    const ours = 'would hold over 600 keys and list items of this site';
    expect(errors({ ours: items(600) })).toEqual(over('/extraData/ours', ours));
    expect(errors({ a: items(9000) }, { a: items(9000) })).toEqual([]);
    expect(errors({ a: items(9001) }, { a: items(9000) })).toEqual(over('/extraData/a', shared));
    expect(errors({ a: null, b: items(9000) }, { a: items(9000) })).toEqual([]);
  });

  it('over the limit may become less, or stay, and not more', () => {
    const before = { a: items(9000), bio: own(items(900)) };

    for (const after of [{ ...before, a: items(8999) }, { ...before, bio: own(items(899)) }, before])
      expect(pointers(before, after)).toEqual([]);
    expect(pointers(before, { ...before, a: items(9001) })).toEqual(['/extraData/a']);
    expect(pointers(before, { ...before, bio: own(items(901)) })).toEqual(['/extraData/bio']);
  });

  it('of others leave no room, of which a site is told nothing', () => {
    const before = { a: own(items(6000), 2), b: own(items(5800), 3) };
    const after = { ...before, bio: own(items(500)) };

    expect(isTooFullFor(before, after, here)).toBe(true);
    expect(extraDataLimitErrors(before, after, here, ownMeasures)).toEqual([]);
    expect(extraDataLimitErrors(before, { bio: own(items(600)) }, here, ownMeasures)).toHaveLength(1);
  });

  it('leave room for the fields of hundreds of sites, so that the record is read', () => {
    const full = { a: own(items(6000), 2), b: own(items(5992), 3), ...keysOfFields(300) };

    expect(pointers({}, full)).toEqual([]);
    expect(isBounded(JSON.stringify({ user: full, roles: Array.from({ length: 300 }, () => ({ c: 1, r: 2 })) }))).toBe(
      true,
    );
  });
});

function keysOfFields(sites: number): JsonObject {
  const entries = Array.from({ length: sites }, (_none, at) => ({ value: 'x', siteId: at + 1 }));
  return Object.fromEntries(perSiteFields.map((field) => [field, entries]));
}
