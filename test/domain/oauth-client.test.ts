import { clientAtIssuer, normalisedIssuer, oauthClientOf } from '../../src/domain/sites/oauth-client.ts';
import { aSite } from '../support/builders.ts';

const globals = {
  issuer: 'https://login.example.org',
  internalUrl: 'http://oauth:8080',
  clientId: 'global-id',
  clientSecret: 'global-secret',
  adapter: 'openstad',
  settings: {},
} as const;
const siteWith = (settings: Record<string, string>) => aSite({ config: { oauth: { default: settings } } });
const own = { 'auth-client-id': 'own-id', 'auth-client-secret': 'own-secret' };
const clientOf = (settings: Record<string, string>) => oauthClientOf(siteWith(settings), 'default', globals);

it.each([
  ['HTTPS://Login.Example.org/', 'https://login.example.org'],
  ['https://login.example.org:443//', 'https://login.example.org'],
  ['http://login.example.org:80/oauth/', 'http://login.example.org/oauth'],
  ['http://login.example.org:8080?x=1#y', 'http://login.example.org:8080'],
  ['http://user:pass@login.example.org', null],
  ['ftp://login.example.org', null],
  ['javascript:alert(1)', null],
  ['login.example.org', null],
  ['', null],
])('the issuer %j is written %j', (address, issuer) => {
  expect(normalisedIssuer(address)).toBe(issuer);
});

describe("a site's client", () => {
  it('is the global one where the site says nothing', () => {
    expect(oauthClientOf(aSite(), 'default', globals)).toEqual(globals);
    expect(clientOf({})).toEqual(globals);
    const settings = { 'auth-server-login-path': '/dialog/authorize' };
    expect(clientOf(settings)).toEqual({ ...globals, settings });
  });

  it('is its own where it brings a whole set', () => {
    const settings = { ...own, 'auth-server-url': 'https://other.example' };
    expect(clientOf(settings)).toEqual({
      issuer: 'https://other.example',
      internalUrl: 'https://other.example',
      clientId: 'own-id',
      clientSecret: 'own-secret',
      adapter: 'openstad',
      settings,
    });
  });

  it('reaches the global server on its internal way, with its own id', () => {
    expect(clientOf(own)).toEqual({ ...globals, clientId: 'own-id', clientSecret: 'own-secret', settings: own });
    expect(clientOf({ ...own, 'auth-server-url': 'https://LOGIN.example.org/' })).toMatchObject({
      internalUrl: 'http://oauth:8080',
    });
  });

  it('keeps to the internal address that it names itself', () => {
    expect(clientOf({ ...own, 'auth-internal-server-url': 'http://inside:1/' })).toMatchObject({
      internalUrl: 'http://inside:1',
    });
  });

  it('does not exist under a name that the site does not know', () => {
    expect(oauthClientOf(aSite(), 'other', globals)).toBeNull();
    expect(oauthClientOf(siteWith(own), '__proto__', globals)).toBeNull();
  });

  it('does not exist without global settings', () => {
    expect(oauthClientOf(aSite(), 'default', null)).toBeNull();
    expect(oauthClientOf(siteWith(own), 'default', null)).toBeNull();
  });
});

describe('the global credentials', () => {
  const leaks = (settings: Record<string, string>) => {
    const client = clientOf(settings);
    if (client === null) return false;
    const global = client.clientSecret === globals.clientSecret || client.clientId === globals.clientId;
    return global && (client.internalUrl !== globals.internalUrl || client.issuer !== globals.issuer);
  };
  const addresses: Record<string, string>[] = [
    {},
    { 'auth-server-url': 'https://evil.example' },
    { 'auth-server-url': 'https://login.example.org' },
    { 'auth-server-url': 'https://login.example.org:8443' },
    { 'auth-internal-server-url': 'https://evil.example' },
    { 'auth-internal-server-url': 'http://oauth:8080' },
    { 'auth-server-url': 'https://login.example.org', 'auth-internal-server-url': 'https://evil.example' },
    { 'auth-server-url': 'https://evil.example', 'auth-internal-server-url': 'http://oauth:8080' },
    { 'auth-server-url': 'not an address' },
    { 'auth-internal-server-url': 'http://user:pass@oauth:8080' },
  ];
  const credentials: Record<string, string>[] = [
    {},
    { 'auth-client-id': 'own-id' },
    { 'auth-client-secret': 'own-secret' },
    own,
    { 'auth-client-id': 'global-id' },
  ];
  const all = addresses.flatMap((address) => credentials.map((credential) => ({ ...address, ...credential })));

  it.each(all)('go to the global address only: %j', (settings) => {
    expect(leaks(settings)).toBe(false);
  });

  it('are never mixed with a site’s own: an id without its secret is no client', () => {
    expect(clientOf({ 'auth-client-id': 'own-id' })).toBeNull();
    expect(clientOf({ 'auth-client-id': 'global-id', 'auth-server-url': 'https://evil.example' })).toBeNull();
  });
});

describe("the client at a person's issuer", () => {
  const site = aSite({ config: { oauth: { other: { ...own, 'auth-server-url': 'https://other.example' } } } });

  it('is the one that names the issuer, whatever it is called', () => {
    expect(clientAtIssuer(site, 'https://other.example', globals)).toMatchObject({ clientId: 'own-id' });
    expect(clientAtIssuer(site, 'https://login.example.org', globals)).toEqual(globals);
  });

  it('does not exist where the site knows no such issuer', () => {
    expect(clientAtIssuer(site, 'https://elsewhere.example', globals)).toBeNull();
  });
});
