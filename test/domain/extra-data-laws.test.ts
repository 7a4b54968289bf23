import fc from 'fast-check';
import {
  looksSiteSpecific,
  readForSite,
  readPerSiteField,
  withoutSites,
  writeForSite,
} from '../../src/domain/users/extra-data.ts';
import type { Json, JsonObject } from '../../src/domain/json.ts';
import { siteConfigOf } from '../../src/domain/sites/site.ts';

const sites = [1, 2, 3];
/** `bio` and `expertise` are site-specific by default, `motto` because this says so; `wijk` is generic. */
const config = siteConfigOf({ users: { extraData: { motto: { sitespecific: true }, wijk: {} } } });
/** Another site's opinion of the same keys: only what is so by default. */
const plainly = siteConfigOf({
  users: { extraData: { bio: { sitespecific: false }, motto: {}, expertise: { 'site-specific': false } } },
});

const aKey = fc.constantFrom('bio', 'expertise', 'motto', 'wijk', 'x', 'nickName');
const aSiteId = fc.constantFrom(...sites);
const aValue: fc.Arbitrary<Json> = fc
  .oneof(
    fc.constantFrom('', 0, false, [], ['a', 'b'], {}, { a: [1] }, [['a']], [null]),
    fc.string(),
    fc.jsonValue({ maxDepth: 2 }) as fc.Arbitrary<Json>,
  )
  .filter((value) => value !== null && !looksSiteSpecific(value));
const anEntry = fc.record({ value: fc.option(aValue), siteId: aSiteId }) as fc.Arbitrary<JsonObject>;
/** What may stand at an OAuth server: a plain value, an entry alone, or a list of both; nulls and doubles as old servers have them. */
const aStored: fc.Arbitrary<Json> = fc.oneof(
  aValue,
  anEntry,
  fc.constant(null),
  fc.array(anEntry, { minLength: 1, maxLength: 4 }),
  fc
    .tuple(fc.option(aValue), fc.array(anEntry, { minLength: 1, maxLength: 4 }))
    .map(([plain, entries]) => [plain, ...entries]),
);
const aRaw = fc.dictionary(aKey, aStored) as fc.Arbitrary<JsonObject>;
const aChange = fc.dictionary(aKey, fc.option(aValue)) as fc.Arbitrary<JsonObject>;
/** Whether something is a value of its own: null means nothing. */
const said = (change: JsonObject) => Object.entries(change).filter(([, value]) => value !== null);
const perSiteOf = (raw: JsonObject, siteId: number) => readPerSiteField(raw, siteId, 'nickName');
const frozen = <T>(value: T): T => {
  if (typeof value === 'object' && value !== null) Object.values(value).forEach(frozen);
  return Object.freeze(value);
};

describe('laws', () => {
  it('what was written is read', () => {
    fc.assert(
      fc.property(aRaw, aSiteId, aChange, (raw, siteId, change) => {
        const written = writeForSite(raw, siteId, config, change);
        const { nickName, ...keys } = Object.fromEntries(said(change));
        expect(readForSite(written, siteId, config)).toMatchObject(keys);
        for (const [key, value] of Object.entries(keys))
          expect(readForSite(written, siteId, config)[key]).toEqual(value);
        if (nickName !== undefined) expect(perSiteOf(written, siteId)).toEqual(nickName);
      }),
    );
  });

  it("nobody else's reading of a site-specific key changes", () => {
    const specific = fc.dictionary(
      fc.constantFrom('bio', 'expertise', 'motto', 'nickName'),
      fc.option(aValue),
    ) as fc.Arbitrary<JsonObject>;
    fc.assert(
      fc.property(aRaw, aSiteId, specific, (raw, siteId, change) => {
        const written = writeForSite(raw, siteId, config, change);
        for (const other of sites.filter((id) => id !== siteId)) {
          expect(readForSite(written, other, config)).toEqual(readForSite(raw, other, config));
          expect(readForSite(written, other, plainly)).toEqual(readForSite(raw, other, plainly));
          expect(perSiteOf(written, other)).toEqual(perSiteOf(raw, other));
        }
      }),
    );
  });

  it("a site's own value is not touched by a site for which the key is generic", () => {
    fc.assert(
      fc.property(aRaw, aSiteId, aChange, (raw, siteId, change) => {
        const own = (from: JsonObject, id: number) => readForSite(withoutPlain(from), id, config);
        const written = writeForSite(raw, siteId, plainly, change);
        for (const other of sites.filter((id) => id !== siteId)) expect(own(written, other)).toEqual(own(raw, other));
      }),
    );
  });

  it('writing twice is writing once', () => {
    fc.assert(
      fc.property(aRaw, aSiteId, aChange, (raw, siteId, change) => {
        const once = writeForSite(raw, siteId, config, change);
        expect(writeForSite(once, siteId, config, change)).toEqual(once);
      }),
    );
  });

  it('sites can write in any order', () => {
    fc.assert(
      fc.property(aRaw, aValue, aValue, (raw, one, two) => {
        const both = (first: [number, Json], second: [number, Json]) =>
          [first, second].reduce((at, [siteId, bio]) => writeForSite(at, siteId, config, { bio }), raw);
        const [a, b] = [both([1, one], [2, two]), both([2, two], [1, one])];
        for (const siteId of sites) expect(readForSite(a, siteId, config)).toEqual(readForSite(b, siteId, config));
      }),
    );
  });

  it('arguments are never edited', () => {
    fc.assert(
      fc.property(aRaw, aSiteId, aChange, (raw, siteId, change) => {
        frozen(raw);
        frozen(change);
        expect(() => {
          writeForSite(raw, siteId, config, change);
          readForSite(raw, siteId, config);
          withoutSites(raw, [siteId]);
        }).not.toThrow();
      }),
    );
  });

  it('a key that goes from generic to site-specific and back loses nothing', () => {
    fc.assert(
      fc.property(aValue, aValue, aValue, (first, own, last) => {
        const generic = writeForSite({}, 1, plainly, { bio: first });
        const specific = writeForSite(generic, 2, config, { bio: own });
        expect(readForSite(specific, 1, config)['bio']).toEqual(first);
        const again = writeForSite(specific, 1, plainly, { bio: last });
        expect(readForSite(again, 1, plainly)['bio']).toEqual(last);
        expect(readForSite(again, 2, config)['bio']).toEqual(own);
      }),
    );
  });

  it('withdrawing a site removes its values, and only those', () => {
    fc.assert(
      fc.property(aRaw, aSiteId, (raw, siteId) => {
        const left = withoutSites(raw, [siteId]);
        for (const other of sites.filter((id) => id !== siteId)) {
          expect(readForSite(left, other, config)).toEqual(readForSite(raw, other, config));
          expect(perSiteOf(left, other)).toEqual(perSiteOf(raw, other));
        }
        expect(readForSite(left, siteId, config)).toEqual(readForSite(left, siteId, plainly));
        expect(withoutSites(left, [siteId])).toEqual(left);
      }),
    );
  });

  it('withdrawing several sites is withdrawing each', () => {
    fc.assert(
      fc.property(aRaw, (raw) => {
        expect(withoutSites(raw, [1, 3])).toEqual(withoutSites(withoutSites(raw, [1]), [3]));
        expect(withoutSites(raw, [])).toEqual(raw);
      }),
    );
  });
});

/** Every key reduced to its entries, so that a reading shows own values only. */
const withoutPlain = (raw: JsonObject): JsonObject =>
  Object.fromEntries(
    Object.entries(raw).map(([key, value]): [string, Json] => {
      const items = Array.isArray(value) ? (value as readonly Json[]) : [value];
      const entries = items.filter((item) => !Array.isArray(item) && looksSiteSpecific(item));
      return [key, entries.length === 0 ? null : entries];
    }),
  );
