import type { JsonObject } from '../../src/domain/json.ts';
import { mustBeTrustedWithIssuers } from '../../src/domain/oauth-trust.ts';
import { aSite, anActor } from '../support/builders.ts';
import { verdict } from '../support/verdict.ts';

const shared = {
  'auth-server-url': 'https://shared.example.org',
  'auth-client-id': 'me',
  'auth-client-secret': 'mine',
};
const elsewhere = { ...shared, 'auth-server-url': 'https://shared.example.org/elsewhere' };
const unfinished = { 'auth-server-url': shared['auth-server-url'], 'auth-client-id': 'me' };
const path = { 'auth-server-get-user-path': '/uploads/me.json' };
const oidc = { adapter: 'oidc', claims: { email: 'nickname' } };

/** What is said to an admin of site 1 who changes its settings to these, while site 2 is at the shared issuer. */
const changing = (before: JsonObject, after: JsonObject) =>
  verdict(() => {
    const actor = anActor({ userId: 1, roles: { 1: 'admin' } });
    const [was, is] = [before, after].map((settings): JsonObject => ({ oauth: { default: settings } }));
    const wish = { actor, siteId: 1, before: was ?? {}, after: is ?? {} };
    const theirs: JsonObject = { oauth: { default: shared } };
    mustBeTrustedWithIssuers(wish, [aSite({ id: 1, config: was ?? {} }), aSite({ id: 2, config: theirs })], null);
  });

describe('how an issuer that another site shares is read', () => {
  it.each<[string, JsonObject, JsonObject]>([
    ['said there', shared, { ...shared, ...path }],
    ['said of another issuer before, and brought along', { ...elsewhere, ...path }, { ...shared, ...path }],
    ['said of claims of another issuer before', { ...elsewhere, ...oidc }, { ...shared, ...oidc }],
    ['said while there was no whole set yet', { ...unfinished, ...path }, { ...shared, ...path }],
  ])('is not for an admin of one site to say: %s', (_how, before, after) => {
    expect(changing(before, after)).toBe('admin-needed config.oauth');
  });

  it.each<[string, JsonObject, JsonObject]>([
    ['coming with nothing of its own', elsewhere, shared],
    ['keeping what was agreed to', { ...shared, ...path }, { ...shared, ...path, 'auth-client-id': 'other' }],
  ])('is nothing to ask about: %s', (_how, before, after) => {
    expect(changing(before, after)).toBe('may');
  });
});
