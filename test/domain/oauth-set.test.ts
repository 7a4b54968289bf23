import { mergedConfig } from '../../src/domain/sites/config-merge.ts';
import { atOnce } from '../support/at-once.ts';
import type { JsonObject } from '../../src/domain/json.ts';
import type { GlobalOauthClient } from '../../src/domain/sites/oauth-client.ts';
import { oauthSetErrors } from '../../src/domain/people/oauth-set.ts';

const globals: GlobalOauthClient = {
  issuer: 'https://login.example.org',
  internalUrl: 'https://login.example.org',
  clientId: 'global',
  clientSecret: 'global-secret',
  adapter: 'openstad',
  settings: {},
};
const own = {
  'auth-server-url': 'https://one.example.org',
  'auth-client-id': 'me',
  'auth-client-secret': 'mine',
};
/** Pointers of what is wrong when this is sent for the settings `default`. */
const wrong = (before: JsonObject | null, sent: JsonObject | null, known = globals as GlobalOauthClient) => {
  const was: JsonObject = before === null ? {} : { oauth: { default: before } };
  const given: JsonObject = { oauth: { default: sent } };
  const { config } = atOnce(mergedConfig(was, given));
  const hosts = ['one.example.org', 'two.example.org', 'two.example.org:8443'];
  return oauthSetErrors(
    { before: was, after: config, sent: given },
    { globalOauthClient: known, allowedOauthHosts: hosts },
  ).map(({ pointer }) => pointer.replace('/config/oauth/default', ''));
};
const secret = '/auth-client-secret';

describe('OAuth settings: address, client id and secret are one set', () => {
  it.each<[string, JsonObject | null, JsonObject | null, readonly string[]]>([
    ['another address without the secret', own, { 'auth-server-url': 'https://two.example.org' }, [secret]],
    [
      'another internal address without the secret',
      own,
      { 'auth-internal-server-url': 'https://two.example.org' },
      [secret],
    ],
    ['another id without the secret', own, { 'auth-client-id': 'you' }, [secret]],
    ['another adapter without the secret', own, { adapter: 'oidc' }, [secret]],
    [
      'another address with the mask',
      own,
      { 'auth-server-url': 'https://two.example.org', 'auth-client-secret': '********' },
      [secret],
    ],
    [
      'another address with the secret',
      own,
      { 'auth-server-url': 'https://two.example.org:8443', 'auth-client-secret': 'new' },
      [],
    ],
    [
      'another address with the same secret, given anew',
      own,
      { 'auth-server-url': 'https://two.example.org', 'auth-client-secret': 'mine' },
      [],
    ],
    ['the secret alone', own, { 'auth-client-secret': 'new' }, []],
    ['a path alone', own, { 'auth-server-login-path': '/login' }, []],
    ['everything as it was', own, { ...own, 'auth-client-secret': '********' }, []],
    ['no settings any more', own, null, []],
    [
      'an id taken away and the address turned',
      own,
      { 'auth-client-id': null, 'auth-server-url': 'https://two.example.org' },
      [''],
    ],
    ['the address taken away: with the own id at the global one', own, { 'auth-server-url': null }, [secret]],
    [
      'the id taken away, at the global address',
      { 'auth-client-id': 'me', 'auth-client-secret': 'mine' },
      { 'auth-client-id': null },
      [],
    ],
    ['the id given back without the secret', { 'auth-client-secret': 'mine' }, { 'auth-client-id': 'me' }, [secret]],
    ['a new whole set', null, own, []],
    [
      'a new set without a secret',
      null,
      { 'auth-server-url': 'https://one.example.org', 'auth-client-id': 'me' },
      [secret],
    ],
    [
      'a new set without an id',
      null,
      { 'auth-server-url': 'https://one.example.org', 'auth-client-secret': 'x' },
      [''],
    ],
    ['the global address, spelled out', null, { 'auth-server-url': 'https://login.example.org/' }, []],
    ['the global id is not sent elsewhere', null, { 'auth-internal-server-url': 'https://two.example.org' }, ['']],
  ])('%s', (_name, before, sent, expected) => {
    expect(wrong(before, sent)).toEqual(expected);
  });

  it.each([
    ['https://evil.example', ['/auth-server-url']],
    ['https://one.example.org:9999', ['/auth-server-url']],
    ['https://ONE.example.org', []],
    ['https://login.example.org', []],
  ])('hosts are allowed ones: %s', (address, expected) => {
    expect(wrong(own, { ...own, 'auth-server-url': address })).toEqual(expected);
    expect(wrong(own, { ...own, 'auth-internal-server-url': address })).toEqual(
      expected.map(() => '/auth-internal-server-url'),
    );
  });

  it('an address from before the rule stays while it does not change', () => {
    const old = { ...own, 'auth-server-url': 'https://old.example' };
    expect(wrong(old, { ...old, 'auth-client-secret': '********', 'after-login-redirect-uri': '/x' })).toEqual([]);
  });

  it('without a global server a site brings its own', () => {
    expect(wrong(null, { 'auth-client-id': 'me', 'auth-client-secret': 'x' }, null)).toEqual(['']);
    expect(wrong(null, own, null)).toEqual([]);
  });
});
