import fc from 'fast-check';
import { claimRulesOf, usualClaims } from '../../src/domain/users/claim-rules.ts';
import type { Json } from '../../src/domain/json.ts';

it.each([[{}], [null], ['text'], [{ claims: 7, scopes: {} }], [{ claims: { firstName: 7, role: [] } }]])(
  'where nothing can be read (%j) the usual claims count',
  (settings) => {
    expect(claimRulesOf(settings)).toEqual(usualClaims);
  },
);

it('a field is read from the claim that is named, or from none', () => {
  const { fields } = claimRulesOf({ claims: { firstName: 'nick', phoneNumber: null, unknown: 'x', id: 'sub' } });

  expect(fields).toEqual({ ...usualClaims.fields, firstName: 'nick', phoneNumber: null });
});

it('roles come from a table', () => {
  const values = { mods: 'moderator', all: 'all', odd: 7, boss: 'emperor' };

  expect(claimRulesOf({ claims: { role: { claim: 'groups', values } } }).role).toEqual({
    claim: 'groups',
    values: new Map([['mods', 'moderator']]),
  });
});

it('a claim alone speaks our own words', () => {
  const { role } = claimRulesOf({ claims: { role: 'city_role' } });

  expect([role?.claim, role?.values.get('editor'), role?.values.get('all')]).toEqual([
    'city_role',
    'editor',
    undefined,
  ]);
});

it('a table that cannot be read gives nobody a role, and takes it from everybody', () => {
  expect(claimRulesOf({ claims: { role: { claim: 'groups', values: 'all of them' } } }).role?.values.size).toBe(0);
});

it.each([
  ['email profile', ['openid', 'email', 'profile']],
  [
    ['email', 'openid', 7, 'two words', 'with"quote'],
    ['openid', 'email'],
  ],
  ['', ['openid']],
])('scopes %j are %j', (scopes, read) => {
  expect(claimRulesOf({ scopes }).scopes).toEqual(read);
});

it('never throws, whatever stands in a database', () => {
  fc.assert(
    fc.property(fc.jsonValue() as fc.Arbitrary<Json>, (part) => {
      claimRulesOf(part);
      claimRulesOf({ claims: part, scopes: part });
      claimRulesOf({ claims: { firstName: part, role: part } });
      claimRulesOf({ claims: { role: { claim: part, values: part } } });
    }),
  );
});
