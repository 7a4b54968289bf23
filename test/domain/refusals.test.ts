import { visitor, type Actor, type Scope } from '../../src/domain/actor.ts';
import {
  mustBeAdmin,
  mustBeEditor,
  mustBeModerator,
  mustBePlatformAdmin,
  mustBeSiteAdmin,
  refuse,
} from '../../src/domain/refusals.ts';
import { anActor } from '../support/builders.ts';
import { verdict } from '../support/verdict.ts';

/** user-api.md §1, management-api.md §1: what each kind of actor is answered where a role is needed. */
const client = (...scopes: Scope[]): Actor => ({
  ...visitor,
  client: { id: 1, issuer: 'https://oauth.example', siteIds: [1], scopes },
});
const needs = {
  moderator: mustBeModerator,
  editor: mustBeEditor,
  admin: mustBeAdmin,
  siteAdmin: mustBeSiteAdmin,
  platformAdmin: (actor: Actor) => {
    mustBePlatformAdmin(actor);
  },
} as const;
type Need = keyof typeof needs;

it.each<[string, Actor, readonly Need[]]>([
  ['a member', anActor({ userId: 1, roles: { 1: 'member' } }), []],
  ['an admin of another site', anActor({ userId: 1, roles: { 2: 'admin' } }), []],
  ['a moderator', anActor({ userId: 1, roles: { 1: 'moderator' } }), ['moderator']],
  ['an editor', anActor({ userId: 1, roles: { 1: 'editor' } }), ['moderator', 'editor']],
  ['an admin', anActor({ userId: 1, roles: { 1: 'admin' } }), ['moderator', 'editor', 'admin', 'siteAdmin']],
  [
    'a fixed token of an admin',
    anActor({ userId: 1, reach: { kind: 'everywhere', role: 'admin' } }),
    ['moderator', 'editor', 'admin', 'siteAdmin', 'platformAdmin'],
  ],
  [
    'a client for people, which is there for people and not for sites',
    client('authentication'),
    ['moderator', 'admin'],
  ],
  ['a client that only reads', client('public'), []],
])('%s passes, or is told the rule, need by need', (_who, actor, may) => {
  const rules: Record<Need, string> = {
    moderator: 'moderator-needed',
    editor: 'editor-needed',
    admin: 'admin-needed',
    siteAdmin: 'admin-needed',
    platformAdmin: 'platform-admin-needed',
  };
  for (const need of Object.keys(needs) as Need[])
    expect([
      need,
      verdict(() => {
        needs[need](actor, 1);
      }),
    ]).toEqual([need, may.includes(need) ? 'may' : rules[need]]);
});

it('names the field that only an admin, or a platform admin, changes', () => {
  const member = anActor({ userId: 1, roles: { 1: 'member' } });

  expect(
    verdict(() => {
      mustBeSiteAdmin(member, 1, 'config');
    }),
  ).toBe('admin-needed config');
  expect(
    verdict(() => {
      mustBePlatformAdmin(member, 'config');
    }),
  ).toBe('platform-admin-needed config');
});

it('tells a visitor nothing but that a token is needed, whatever the rule', () => {
  const asked = (): never => refuse(visitor, 'higher-role-elsewhere', 'role');

  expect(asked).toThrow(expect.objectContaining({ code: 'unauthenticated', facts: { reason: 'no-token' } }));
});

it('tells a client, which came with a credential, the rule', () => {
  expect(verdict(() => refuse(client(), 'admin-needed'))).toBe('admin-needed');
});
