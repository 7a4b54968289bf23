import {
  highestRole,
  includes,
  isAboveMember,
  isBeyond,
  isBeyondAsOwner,
  isModeratorEverywhere,
  isPlatformAdmin,
  isScope,
  isVisitor,
  operator,
  owns,
  roleAt,
  scopes,
  visitor,
  type Actor,
  type Role,
  type Scope,
} from '../../src/domain/actor.ts';
import { anActor, aPerson, aUser } from '../support/builders.ts';

/** user-api.md §1: who may do what hangs on the role that somebody has where they act. */
const rows = { 1: 'admin', 2: 'editor', 3: 'anonymous', 4: 'member' } as const;
const pagesOf = (siteId: number): Actor => anActor({ userId: 7, roles: rows, reach: { kind: 'one-site', siteId } });
const inConsole = anActor({ userId: 7, roles: rows });
const fixedToken = (role: Role): Actor => anActor({ userId: 7, roles: rows, reach: { kind: 'everywhere', role } });
const managing = (...granted: Scope[]): Actor => ({
  ...visitor,
  client: { id: 1, issuer: 'https://oauth.example', siteIds: [1, 2], scopes: granted },
});

describe('the role at a site', () => {
  it.each<[string, Actor, Record<'1' | '2' | '3' | '9' | 'gone', Role>]>([
    ['a visitor', visitor, { 1: 'all', 2: 'all', 3: 'all', 9: 'all', gone: 'all' }],
    ['the pages of site 1', pagesOf(1), { 1: 'admin', 2: 'member', 3: 'anonymous', 9: 'all', gone: 'all' }],
    ['the pages of site 2', pagesOf(2), { 1: 'member', 2: 'editor', 3: 'anonymous', 9: 'all', gone: 'all' }],
    ['a console session', inConsole, { 1: 'admin', 2: 'editor', 3: 'anonymous', 9: 'all', gone: 'all' }],
    [
      'a fixed token of a moderator',
      fixedToken('moderator'),
      { 1: 'moderator', 2: 'moderator', 3: 'moderator', 9: 'moderator', gone: 'moderator' },
    ],
    ['a client for people', managing('authentication'), { 1: 'admin', 2: 'admin', 3: 'all', 9: 'all', gone: 'all' }],
    ['a client for all', managing('admin'), { 1: 'admin', 2: 'admin', 3: 'all', 9: 'all', gone: 'all' }],
    ['a client that only reads', managing('public'), { 1: 'all', 2: 'all', 3: 'all', 9: 'all', gone: 'all' }],
    ['a client without a scope', managing(), { 1: 'all', 2: 'all', 3: 'all', 9: 'all', gone: 'all' }],
  ])('of %s', (_who, actor, expected) => {
    const at = { 1: roleAt(actor, 1), 2: roleAt(actor, 2), 3: roleAt(actor, 3), 9: roleAt(actor, 9) };
    expect({ ...at, gone: roleAt(actor, null) }).toEqual(expected);
  });

  it.each<[string, Actor, { platformAdmin: boolean; moderatorEverywhere: boolean; aboveMember: boolean }]>([
    ['a visitor', visitor, { platformAdmin: false, moderatorEverywhere: false, aboveMember: false }],
    [
      'somebody on the machine itself',
      operator('root'),
      { platformAdmin: true, moderatorEverywhere: true, aboveMember: false },
    ],
    ['the pages of site 1', pagesOf(1), { platformAdmin: false, moderatorEverywhere: false, aboveMember: true }],
    ['the pages of site 4', pagesOf(4), { platformAdmin: false, moderatorEverywhere: false, aboveMember: false }],
    ['a console session', inConsole, { platformAdmin: false, moderatorEverywhere: false, aboveMember: true }],
    [
      'a fixed token of an admin',
      fixedToken('admin'),
      { platformAdmin: true, moderatorEverywhere: true, aboveMember: true },
    ],
    [
      'a fixed token of a moderator',
      fixedToken('moderator'),
      { platformAdmin: false, moderatorEverywhere: true, aboveMember: true },
    ],
    [
      'a fixed token of a member, who is admin at site 1',
      fixedToken('member'),
      { platformAdmin: false, moderatorEverywhere: false, aboveMember: false },
    ],
  ])('makes %s more than a member, or not', (_who, actor, expected) => {
    const [platformAdmin, moderatorEverywhere] = [isPlatformAdmin(actor), isModeratorEverywhere(actor)];
    expect({ platformAdmin, moderatorEverywhere, aboveMember: isAboveMember(actor) }).toEqual(expected);
  });
});

describe('what is beyond somebody', () => {
  const sites = [1, 2, 4, 9, null];
  it.each<[string, Actor, readonly (number | null)[], readonly (number | null)[]]>([
    ['a visitor is at no site', visitor, [1, 2, 4, 9], [1, 2, 4, 9]],
    ['the pages of site 1 act for no other site', pagesOf(1), [2, 4, 9, null], [2, 4, 9, null]],
    ['a console session acts at every site', inConsole, [], []],
    ['a fixed token acts everywhere, on rows of its own up to its role', fixedToken('moderator'), [], [1, 2]],
    ['a fixed token of an admin reaches all of its own', fixedToken('admin'), [], []],
    ['a client acts where it is a client, and nothing is its own', managing('authentication'), [], []],
  ])('%s', (_who, actor, beyond, beyondAsOwner) => {
    expect(sites.filter((siteId) => isBeyond(actor, siteId))).toEqual(beyond);
    expect(sites.filter((siteId) => isBeyondAsOwner(actor, siteId))).toEqual(beyondAsOwner);
  });
});

describe('an owner', () => {
  const [person, another] = [aPerson(), aPerson()];
  const target = aUser({ person });

  it.each<[string, Partial<Actor>, boolean]>([
    ['is whoever has the row', { userId: target.id }, true],
    ['is the same person from another site', { userId: 9001, personId: person.id }, true],
    ['is no other person', { userId: 9001, personId: another.id }, false],
    ['is nobody without a row, such as a management client', { userId: null, personId: person.id }, false],
  ])('%s', (_who, who, expected) => {
    expect(owns(anActor(who), target)).toBe(expected);
  });

  it('is of one row only where no person is known', () => {
    expect(owns(anActor({ userId: 9001, personId: null }), aUser({ personId: null }))).toBe(false);
  });
});

it('a visitor is who came without a credential: a client is none, nor an operator', () => {
  expect([visitor, inConsole, managing(), operator('root')].map(isVisitor)).toEqual([true, false, false, false]);
});

it.each([
  ['jan', 'cli:jan'],
  ['CITY\\jan@city.nl; DROP', 'cli:CITY_jan_city.nl__DROP'],
  ['=1+1', 'cli:_1_1'],
  ['j'.repeat(100), `cli:${'j'.repeat(48)}`],
])('an operator called %j is written down as %j', (account, written) => {
  expect(operator(account).operator).toBe(written);
});

describe('the highest role of a person', () => {
  const row = (role: (typeof rows)[1 | 2 | 3 | 4], profileWithheld = false) => ({ role, profileWithheld });

  it.each([
    ['is the highest of their rows', [row('member'), row('editor'), row('anonymous')], 'editor'],
    ['counts no row to which they never logged in', [row('member'), row('admin', true)], 'member'],
    ['is none where they never logged in', [row('admin', true)], 'all'],
    ['is none without rows', [], 'all'],
  ])('%s', (_what, of, expected) => {
    expect(highestRole(of)).toBe(expected);
  });
});

describe('scopes of management clients', () => {
  it.each<[readonly Scope[], readonly Scope[]]>([
    [[], []],
    [['public'], ['public']],
    [['authentication'], ['public', 'authentication']],
    [['admin'], ['public', 'authentication', 'admin']],
    [
      ['public', 'admin'],
      ['public', 'authentication', 'admin'],
    ],
  ])('%j include %j', (granted, included) => {
    expect(scopes.filter((needed) => includes(granted, needed))).toEqual(included);
  });

  it('are three words, and no others', () => {
    expect([...scopes, 'everything', ''].map(isScope)).toEqual([true, true, true, false, false]);
  });
});
