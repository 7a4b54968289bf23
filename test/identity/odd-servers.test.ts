import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { OauthClient } from '../../src/domain/sites/oauth-client.ts';
import { oauthServers } from '../../src/identity/index.ts';
import type { IdentityProvider } from '../../src/ports/identity-provider.ts';
import { silentLog } from '../support/oauth-world.ts';
import { permitted } from '../support/permitted.ts';

/** Answers that the development server never gives: other versions, other tables, other moods. */

type Answers = Readonly<Record<string, readonly [status: number, body: unknown]>>;

describe('An OAuth server of another make', () => {
  let server: Server;
  let identity: IdentityProvider & { close(): Promise<void> };
  let client: OauthClient;
  let answers: Answers;
  let connections: number;

  beforeEach(async () => {
    connections = 0;
    server = createServer((request, response) => {
      const [status, body] = answers[(request.url ?? '').split('?')[0] ?? ''] ?? [404, { message: 'Not found' }];
      setTimeout(() => {
        response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
      }, 5);
    });
    server.on('connection', () => connections++);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/base`;
    client = {
      issuer: url,
      internalUrl: url,
      clientId: 'client-1',
      clientSecret: 'secret-1',
      adapter: 'openstad',
      settings: {},
    };
    identity = oauthServers({
      allowedHosts: [],
      globalOauthClient: client,
      timeLimitMs: 20_000,
      connections: 3,
      log: silentLog,
    });
  });
  afterEach(async () => {
    await identity.close();
    server.close();
    server.closeAllConnections();
  });

  const well: Answers = {
    '/base/api/admin/roles': [
      200,
      [
        { id: 1, name: 'admin' },
        { id: 2, name: 'member' },
        { id: 9, name: 'superadmin' },
      ],
    ],
    '/base/api/admin/client/client-1': [200, { id: 11, clientId: 'client-1', clientSecret: 'never let in' }],
  };
  const person = (more: object = {}): Answers => ({ ...well, '/base/api/admin/user/5': [200, { id: 5, ...more }] });

  it('is called below the path of its address', async () => {
    answers = person({ email: 'a@example.org' });

    expect(await identity.find(client, '5', [])).toEqual({ externalId: '5', email: 'a@example.org' });
  });

  it('may word a missing person as old Node does, or as a 404', async () => {
    answers = { ...well, '/base/api/admin/user/5': [500, { message: "Cannot read property 'serialize' of null" }] };

    expect(await identity.find(client, '5', [])).toBeNull();
    expect(await identity.find(client, '6', [])).toBeNull();
  });

  it('calls nobody missing by any other 500', async () => {
    answers = { ...well, '/base/api/admin/user/5': [500, { message: 'ER_CON_COUNT_ERROR: Too many connections' }] };

    await expect(identity.find(client, '5', [])).rejects.toMatchObject({ code: 'oauth-refused' });
  });

  it('answers for a path that it does not have, and so knows nobody is not concluded', async () => {
    answers = {};

    await expect(identity.find(client, '5', [])).rejects.toMatchObject({ code: 'oauth-refused' });
  });

  it.each([
    ['{"bio":1}', { bio: 1 }],
    ['{}', {}],
    [{ bio: 1 }, { bio: 1 }],
    [null, {}],
    ['', {}],
  ])('may write extraData as %j', async (extraData, read) => {
    answers = person({ extraData });

    expect((await identity.find(client, '5', []))?.extraData).toEqual(read);
  });

  it.each(['{"bio":', '[1]', '7', [1], 7])(
    'is not read where extraData is %j: we would write over it',
    async (extraData) => {
      answers = person({ extraData });

      await expect(identity.find(client, '5', [])).rejects.toMatchObject({ code: 'oauth-refused' });
    },
  );

  it('may hold numbers and empty texts as fields, and never gets a password in', async () => {
    answers = person({ houseNumber: 3, city: '', password: 'hash', resetPasswordToken: 'token', twoFactorToken: 't' });

    expect(await identity.find(client, '5', [])).toEqual({ externalId: '5', houseNumber: '3', city: null });
  });

  it.each(['\ud800', 'a\nb', 'é', 'a b', 'x'.repeat(8193)])(
    'has no login with a token that no header can carry: %j',
    async (token) => {
      answers = { '/base/oauth/token': [200, { access_token: token }], '/base/api/userinfo': [200, { user_id: 5 }] };
      const wish = { state: 's', nonce: 'n', codeVerifier: 'v', redirectUri: 'http://x/', address: 'http://x/?code=c' };

      await expect(identity.exchange(client, wish)).rejects.toMatchObject({ code: 'oauth-refused' });
    },
  );

  it('is not read where extraData is a nested bomb', async () => {
    const extraData = `{"bomb":${'['.repeat(20_000)}${']'.repeat(20_000)}}`;
    answers = person({ extraData });

    await expect(identity.find(client, '5', [])).rejects.toMatchObject({ code: 'oauth-refused' });
  });

  it('counts an e-mail only when exactly one entry has it', async () => {
    const entry = { id: 5, email: 'a@example.org' };
    answers = {
      ...well,
      '/base/api/admin/users': [200, { total: 3, data: [entry, { ...entry, id: 6 }, { id: 7, email: null }] }],
    };

    expect(await identity.findByEmail(client, 'a@example.org', [])).toBeNull();
  });

  it('finds somebody by address, whatever is odd about others in the list', async () => {
    answers = {
      '/base/api/admin/users': [
        200,
        {
          total: 2,
          data: [
            { id: 'x', email: 'é@example.org', extraData: [1] },
            { id: 5, email: 'a@example.org' },
          ],
        },
      ],
    };

    expect(await identity.findByEmail(client, 'a@example.org', [])).toMatchObject({ externalId: '5' });
  });

  it('may have roles of other names: the least one for us, and a reason to keep the person', async () => {
    answers = person({ roles: [{ clientId: 11, roleId: 9 }] });

    expect((await identity.find(client, '5', ['client-1']))?.roles).toEqual({ 'client-1': 'anonymous' });
    expect(await identity.isNeededElsewhere(client, '5', [client], [])).toBe(true);
  });

  it('is not asked twice for how it numbers clients and roles', async () => {
    answers = person({ roles: [{ clientId: 11, roleId: 2 }] });
    await identity.find(client, '5', ['client-1']);
    answers = { '/base/api/admin/user/5': answers['/base/api/admin/user/5']! };

    expect((await identity.find(client, '5', ['client-1']))?.roles).toEqual({ 'client-1': 'member' });
  });

  it('has the role at a client unsaid where it fails over it, and nobody is unneeded for that', async () => {
    answers = {
      ...person({ roles: [{ clientId: 12, roleId: 2 }] }),
      '/base/api/admin/client/client-2': [500, { message: 'Lock wait timeout exceeded' }],
    };

    expect((await identity.find(client, '5', ['client-1', 'client-2']))?.roles).toEqual({ 'client-1': null });
    await expect(
      identity.isNeededElsewhere(client, '5', [client, { ...client, clientId: 'client-2' }], ['client-1']),
    ).rejects.toMatchObject({
      code: 'oauth-refused',
    });
  });

  it('answers for another person than asked, and is not believed', async () => {
    answers = { ...well, '/base/api/admin/user/5': [200, { id: 6 }] };

    await expect(identity.find(client, '5', [])).rejects.toMatchObject({ code: 'oauth-refused' });
  });

  it('whose connection to its database broke under a create may have done it', async () => {
    answers = { ...well, '/base/api/admin/user': [500, { message: 'insert into `users` (...) - Connection lost' }] };

    await expect(permitted(identity).create(client, { email: 'a@example.org' })).rejects.toMatchObject({
      code: 'oauth-refused',
      facts: { mayHaveHappened: true },
    });
  });

  it('never has more connections than were allowed', async () => {
    answers = person();

    await Promise.all(Array.from({ length: 40 }, () => identity.find(client, '5', [])));

    expect(connections).toBe(3);
  });

  it.each([
    ['of another host', 'http://127.0.0.2:9'],
    ['of another port', 'http://127.0.0.1:9'],
    ['with another scheme', 'file:///etc/passwd'],
    ['with credentials in it', 'http://me:pass@127.0.0.1:9'],
    ['that is none', 'nonsense'],
  ])('is not called at an address %s', async (_name, internalUrl) => {
    answers = person();

    const asked = identity.find({ ...client, internalUrl }, '5', []);

    await expect(asked).rejects.toMatchObject({ code: 'oauth-refused', facts: { mayHaveHappened: false } });
    expect(connections).toBe(0);
  });

  it.each(['😀', 'a\u{10400}b', '\ud83d'])('cannot hold %j, and says so beforehand', (text) => {
    expect(identity.refusesText(text)).toEqual(expect.any(String));
  });
});
