import fc from 'fast-check';
import type { Json } from '../../src/domain/json.ts';
import { siteConfigOf } from '../../src/domain/sites/site.ts';
import { isSiteSpecific } from '../../src/domain/users/extra-data.ts';
import { recordedRows } from '../support/recorded-database.ts';

it('says for an empty config what the contract says', () => {
  const config = siteConfigOf({});
  expect(config).toMatchObject({
    allowedDomains: [],
    projectHasEnded: false,
    users: {
      canCreateNewUsers: true,
      allowUseOfNicknames: false,
      displayName: 'name',
      viewableByRole: null,
      extraDataMustBeDefined: false,
      anonymize: { firstName: null, lastName: null },
    },
    votes: { isActive: null, isActiveFrom: null, isActiveTo: null, isViewable: false },
    anonymize: { maxListed: null },
  });
});

it('never throws, whatever stands in a database', () => {
  fc.assert(
    fc.property(fc.jsonValue() as fc.Arbitrary<Json>, fc.jsonValue() as fc.Arbitrary<Json>, (any, part) => {
      siteConfigOf(any);
      siteConfigOf({ users: part, votes: part, oauth: part, project: part, anonymize: part, allowedDomains: part });
      siteConfigOf({ users: { extraData: part, anonymize: part }, oauth: { default: part } });
    }),
  );
});

it.each([
  [{}, 'bio', true],
  [{}, 'expertise', true],
  [{}, 'wijk', false],
  [{}, 'nickName', true],
  [{ wijk: { sitespecific: true } }, 'wijk', true],
  [{ wijk: { 'site-specific': true } }, 'wijk', true],
  [{ bio: {} }, 'bio', true],
  [{ bio: { sitespecific: false } }, 'bio', false],
  [{ gender: { sitespecific: false } }, 'gender', true],
  [{}, 'constructor', false],
  [{}, '__proto__', false],
])('with extraData %j, %s is site-specific: %s', (extraData, key, expected) => {
  expect(isSiteSpecific(key, siteConfigOf({ users: { extraData } }))).toBe(expected);
});

it('an audience that cannot be read is nobody’s, and one that is not said is not said', () => {
  const keys = siteConfigOf({
    users: {
      extraData: {
        a: { auth: { viewableBy: 'moderater' } },
        b: { auth: { viewableBy: ['owner', 7, 'editor'] } },
        c: {},
      },
    },
  }).users.extraData;
  expect([keys.get('a')?.viewableBy, keys.get('b')?.viewableBy, keys.get('c')?.viewableBy]).toEqual([
    [],
    ['owner', 'editor'],
    null,
  ]);
});

it('reads the sites of an OpenStad database', async () => {
  const sites = (await recordedRows('openstad-api-database')).get('sites') ?? [];
  const configs = sites.map(({ config }) => siteConfigOf(JSON.parse(String(config)) as Json));
  expect(configs.map(({ votes }) => votes.isActive)).toEqual([true, true, true, true, true, false, false]);
  expect(configs.map(({ users }) => users.canCreateNewUsers)).toEqual([true, true, true, true, true, false, true]);
  expect(configs[6]?.oauth.get('default')?.['auth-client-secret']).toBe('WRONG');
  expect(configs[0]?.users.extraData.get('docstyle')?.siteSpecific).toBe(true);
});
