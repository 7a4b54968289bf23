import { readForSite, readPerSiteField, writeForSite } from '../../src/domain/users/extra-data.ts';
import type { Json, JsonObject } from '../../src/domain/json.ts';
import { siteConfigOf } from '../../src/domain/sites/site.ts';
import { recordedRows } from '../support/recorded-database.ts';

const sites = [1, 2, 3];
/** `bio` and `expertise` are site-specific by default, `motto` because this says so; `wijk` is generic. */
const config = siteConfigOf({ users: { extraData: { motto: { sitespecific: true }, wijk: {} } } });
/** A site for which they all are generic. */
const plainly = siteConfigOf({ users: { extraData: { bio: { sitespecific: false }, motto: {} } } });

describe('the example of user-api.md §4', () => {
  const raw = { bio: ['Bio van Niels', { value: 'Bio van Niels op site 2', siteId: 2 }] };

  it('shows site 2 its own value, and the others the unspecified one', () => {
    expect(sites.map((siteId) => readForSite(raw, siteId, config))).toEqual([
      { bio: 'Bio van Niels' },
      { bio: 'Bio van Niels op site 2' },
      { bio: 'Bio van Niels' },
    ]);
  });

  it('lets a site write beside the unspecified value, never over it (note 1)', () => {
    const written = writeForSite(raw, 3, config, { bio: 'Derde' });
    expect(written).toEqual({
      bio: ['Bio van Niels', { value: 'Bio van Niels op site 2', siteId: 2 }, { value: 'Derde', siteId: 3 }],
    });
    expect(writeForSite(written, 2, config, { bio: null })).toEqual({
      bio: ['Bio van Niels', { value: 'Derde', siteId: 3 }],
    });
  });
});

describe('odd values', () => {
  it.each(['', 0, false, [], ['a', 'b']])('%j is a value, not nothing', (value) => {
    expect(readForSite(writeForSite({ bio: 'plain' }, 1, config, { bio: value }), 1, config)).toEqual({ bio: value });
  });

  it('null removes the own value, so that the plain one shows again, and the key with the last value', () => {
    expect(writeForSite({ bio: ['plain', { value: 'own', siteId: 1 }] }, 1, config, { bio: null })).toEqual({
      bio: 'plain',
    });
    expect(writeForSite({ bio: [{ value: 'own', siteId: 1 }] }, 1, config, { bio: null })).toEqual({});
    expect(writeForSite({ wijk: 'Oost' }, 1, config, { wijk: null })).toEqual({});
  });

  it('an own null and a plain null mean nothing', () => {
    expect(readForSite({ bio: ['plain', { value: null, siteId: 1 }] }, 1, config)).toEqual({ bio: 'plain' });
    expect(readForSite({ bio: null, expertise: [null, { value: 'x', siteId: 2 }] }, 1, config)).toEqual({});
  });

  it('an ordinary list is an ordinary value', () => {
    expect(readForSite({ bio: ['a', 'b'], wijk: [{ a: 1 }] }, 1, config)).toEqual({
      bio: ['a', 'b'],
      wijk: [{ a: 1 }],
    });
  });

  it('a key that is generic here shows no value of any site', () => {
    expect(
      readForSite({ bio: [{ value: 'own', siteId: 1 }], motto: ['m', { value: 'own', siteId: 1 }] }, 1, plainly),
    ).toEqual({ motto: 'm' });
  });

  it('keeps what stands there for other sites as it stands: order, spelling and what else an entry holds', () => {
    const others = [
      { siteId: '3', value: 'drie', since: 2019 },
      { value: 'twee', siteId: 2 },
      { value: 'nul', siteId: null },
    ];
    const written = writeForSite({ bio: ['plain', ...others] }, 1, config, { bio: 'een' });
    expect(written).toEqual({ bio: ['plain', ...others, { value: 'een', siteId: 1 }] });
    expect(readForSite(written, 3, config)).toEqual({ bio: 'drie' });
  });

  it('keys with a meaning in JavaScript are not read', () => {
    const raw = JSON.parse(
      '{"__proto__": {"admin": true}, "constructor": 1, "prototype": 2, "wijk": "Oost"}',
    ) as JsonObject;
    expect(readForSite(raw, 1, config)).toEqual({ wijk: 'Oost' });
    expect(Object.getPrototypeOf(readForSite(raw, 1, config))).toBe(Object.getPrototypeOf({}));
    expect(readPerSiteField({}, 1, 'nickName')).toBeUndefined();
  });

  it('the five fields are never among the keys', () => {
    expect(readForSite({ nickName: 'N', gender: [{ value: 'male', siteId: 1 }], wijk: 'Oost' }, 1, config)).toEqual({
      wijk: 'Oost',
    });
  });
});

describe('an OpenStad database', () => {
  it('holds in its rows what we read from the OAuth server, site by site', async () => {
    const rows = await recordedRows('openstad-api-database');
    const raw = { bio: ['Bio 2', { value: 'Bio 2 op site 2', siteId: 2 }], shared: 's2', secretnote: 'n2' };
    const users = (rows.get('users') ?? []).filter(({ externalUserId }) => externalUserId === 1002);
    expect(users.map(({ siteId }) => siteId)).toEqual([1, 2]);
    for (const { siteId, extraData } of users) {
      const site = rows.get('sites')?.find(({ id }) => id === siteId);
      const recorded = siteConfigOf(JSON.parse(String(site?.['config'])) as Json);
      expect(readForSite(raw, Number(siteId), recorded)).toEqual(JSON.parse(String(extraData)));
    }
  });
});
