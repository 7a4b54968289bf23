import request from 'supertest';
import { Fault } from '../../../src/domain/fault.ts';
import { sessionSigner } from '../../../src/http/auth/authenticate.ts';
import { aSession } from '../../support/builders.ts';
import { lastCommand, secret, testApp } from '../support/app.ts';
import { aBrowser, locationOf } from '../support/browsing.ts';
import { fakeWayIn } from '../support/login-provider.ts';

const logout = '/oauth/site/1/logout';
const tokenOf = (said: Parameters<typeof aSession>[0] = {}) =>
  sessionSigner(secret)(aSession({ userId: 7, jti: 'j', ...said }));

describe('GET logout', () => {
  it('sends the browser to be logged out at the OAuth server, and from there on', async () => {
    const answer = await aBrowser(testApp().app).open(`${logout}?redirectUrl=https://www.example.org/bye`);

    expect(answer.status).toBe(302);
    expect(answer.headers['location']).toBe(
      'https://oauth.example.org/logout?redirectUrl=https%3A%2F%2Fwww.example.org%2Fbye',
    );
    expect([answer.headers['cache-control'], answer.headers['referrer-policy']]).toEqual(['no-store', 'no-referrer']);
  });

  it('leads to where logins lead when it does not say where, without a token', async () => {
    const answer = await aBrowser(testApp().app).open(logout);

    expect(locationOf(answer).searchParams.get('redirectUrl')).toBe('https://www.example.org/welcome?jwt=');
  });

  it.each(['https://evil.org/', '//evil.org', 'javascript:alert(1)', 'https://www.example.org@evil.org/', ''])(
    'does not lead to %j, and ends nothing',
    async (target) => {
      const { app, heard } = testApp();
      const parameters = new URLSearchParams({ redirectUrl: target, jwt: await tokenOf() });

      const answer = await aBrowser(app).open(`${logout}?${parameters.toString()}`);

      expect([answer.status, answer.body.errors[0].pointer]).toEqual([400, 'redirectUrl']);
      expect(heard).toEqual([]);
    },
  );

  it('ends the session whose token stands in the address, or in a header', async () => {
    for (const header of [false, true]) {
      const { app, heard } = testApp();
      const token = await tokenOf();

      const answer = await aBrowser(app).open(
        header ? logout : `${logout}?jwt=${token}`,
        header ? { authorization: `Bearer ${token}` } : {},
      );

      expect(answer.status).toBe(302);
      expect([heard.at(-1)?.story, lastCommand(heard)]).toEqual(['logOut', { userId: 7, jti: 'j' }]);
    }
  });

  it.each([
    ['nonsense', async () => 'nonsense'],
    ['one that has run out', () => tokenOf({ expiresAt: new Date(Date.now() - 1000) })],
    ['one of somebody else', () => sessionSigner('another-secret-of-thirty-two-characters')(aSession())],
  ])('passes on all the same with a token in the address that is no good: %s', async (_what, token) => {
    const { app, heard } = testApp();

    expect((await aBrowser(app).open(`${logout}?jwt=${await token()}`)).status).toBe(302);
    expect(heard).toEqual([]);
  });

  it('ends the session also while the OAuth server cannot say where it logs people out', async () => {
    const down = new Fault('oauth-unreachable', { mayHaveHappened: false });
    const { app, heard } = testApp({
      loginProvider: () => ({ ...fakeWayIn('default'), logoutAddress: () => Promise.reject(down) }),
    });

    expect((await aBrowser(app).open(`${logout}?jwt=${await tokenOf()}`)).status).toBe(502);
    expect(lastCommand(heard)).toEqual({ userId: 7, jti: 'j' });
  });

  it('goes to the OAuth server that the token came from', async () => {
    const token = await tokenOf({ provider: 'second' });

    const answer = await aBrowser(testApp().app).open(`${logout}?jwt=${token}`);

    expect(locationOf(answer).searchParams.get('redirectUrl')).toBe('');
  });

  it('says to whoever is sent nowhere that they are logged out, to a browser as a page in its language', async () => {
    const { app } = testApp({
      loginProvider: () => ({ ...fakeWayIn('default'), logoutAddress: async () => null, afterLogin: null }),
    });
    const ask = (headers: Record<string, string>) => aBrowser(app).open(logout, headers);
    const dutch = await ask({ accept: 'text/html', 'accept-language': 'nl' });
    const english = await ask({ accept: 'text/html', 'accept-language': 'fr' });
    const plain = await ask({});

    expect([dutch.status, dutch.headers['content-language']]).toEqual([200, 'nl']);
    expect(dutch.text).toMatch(/<html lang="nl">[^]*<h1>U bent uitgelogd<\/h1>/);
    expect(english.text).toMatch(/<html lang="en">[^]*<h1>You are logged out<\/h1>/);
    expect(dutch.headers['vary']).toContain('Accept-Language');
    expect([plain.type, plain.text]).toEqual(['text/plain', 'You are logged out.\n']);
  });

  it('never logs the token', async () => {
    const { app, lines } = testApp();
    const token = await tokenOf();

    await aBrowser(app).open(`${logout}?jwt=${token}&redirectUrl=https://evil.org/`);

    expect(lines.join('')).not.toContain(token.slice(0, 20));
  });
});

describe('POST logout', () => {
  it('ends the session, without sending anybody anywhere', async () => {
    const { app, heard } = testApp();

    const answer = await request(app)
      .post(logout)
      .set('Authorization', `Bearer ${await tokenOf()}`);

    expect([answer.status, answer.body, answer.headers['cache-control']]).toEqual([
      200,
      { session: 'ended' },
      'no-store',
    ]);
    expect(lastCommand(heard)).toEqual({ userId: 7, jti: 'j' });
  });
});

describe('/me', () => {
  it('of a visitor is what OpenStad answers', async () => {
    const answer = await request(testApp({ getMe: async () => null }).app).get('/oauth/site/1/me');

    expect([answer.status, answer.body, answer.headers['cache-control']]).toEqual([
      200,
      { externalUserId: null, extraData: {} },
      'no-store',
    ]);
  });

  it('is what the owner may see, and no more', async () => {
    const answer = await request(testApp().app)
      .get('/oauth/site/1/me')
      .set('Authorization', `Bearer ${await tokenOf()}`);

    expect(answer.body).toMatchObject({ id: 7, email: 'niels@example.org', role: 'member' });
    for (const hidden of ['externalUserId', 'externalAccessToken', 'personId'])
      expect(answer.body).not.toHaveProperty(hidden);
  });

  it('may be read by pages of the site', async () => {
    const answer = await request(testApp().app).get('/oauth/site/1/me').set('Origin', 'https://www.example.org');

    expect(answer.headers['access-control-allow-origin']).toBe('https://www.example.org');
  });
});
