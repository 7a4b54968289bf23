import type { Session } from '../../src/domain/session.ts';
import { endLogin } from '../../src/use-cases/sessions/log-out.ts';
import { loginName } from '../../src/use-cases/person-keys.ts';
import { aDay, anId, aPerson, aSite, aUser } from '../support/builders.ts';
import { fakeIdentityProvider } from '../support/fakes/identity-provider.ts';
import { startFakes } from '../support/fakes/index.ts';
import { fakeSettings } from '../support/fakes/settings.ts';

const issuer = 'https://oidc.example';
const settings = { 'auth-server-url': issuer, 'auth-client-id': 'me', 'auth-client-secret': 'hush', adapter: 'oidc' };
const site = aSite({ config: { oauth: { default: settings } } });

const world = async () => {
  const fakes = startFakes();
  const ports = { ...fakes, identity: fakeIdentityProvider(), settings: fakeSettings() };
  const [ada, bob] = [aPerson({ issuer, externalId: 'ada' }), aPerson({ issuer, externalId: 'bob' })];
  const rows = { ada: aUser({ person: ada }), adaElsewhere: aUser({ person: ada }), bob: aUser({ person: bob }) };
  fakes.world.put.user(...Object.values(rows));
  const open = async (jti: string, userId: number, sid: string | null) => {
    const name = sid === null ? null : loginName(fakes.secrets, issuer, sid);
    const fixed = {
      provider: 'default',
      accessToken: null,
      accessTokenExpiresAt: null,
      checkedAt: aDay,
      createdAt: aDay,
    };
    await fakes.sessions.open({
      ...fixed,
      jti,
      userId,
      sid: name,
      expiresAt: new Date('2100-01-01'),
    } satisfies Session);
  };
  await open('ada-1', rows.ada.id, 'login-1');
  await open('ada-2', rows.ada.id, 'login-2');
  await open('ada-elsewhere', rows.adaElsewhere.id, 'login-1');
  await open('bob', rows.bob.id, 'login-3');
  return {
    hear: (ended: object, at = site) =>
      endLogin(ports)({
        site: at,
        provider: 'default',
        message: JSON.stringify({ sid: null, externalId: null, jti: `m${anId()}`, ...ended }),
      }),
    say: (message: string) => endLogin(ports)({ site, provider: 'default', message }),
    open,
    rows,
    left: async () => {
      const all = ['ada-1', 'ada-2', 'ada-elsewhere', 'bob', 'later'];
      const found = await Promise.all(all.map((jti) => fakes.sessions.find(jti)));
      return found.flatMap((session) => (session === null ? [] : [session.jti]));
    },
  };
};

describe('When the OAuth server says that a login has ended', () => {
  it('the sessions that came of that login end, at every site, and no other', async () => {
    const { hear, left } = await world();

    await hear({ sid: 'login-1', externalId: 'ada' });

    expect(await left()).toEqual(['ada-2', 'bob']);
  });

  it('all sessions of the person end where it names no login', async () => {
    const { hear, left } = await world();

    await hear({ externalId: 'ada' });

    expect(await left()).toEqual(['bob']);
  });

  it.each([{ sid: 'unheard-of' }, { externalId: 'nobody' }])(
    'and %j is not known here, nothing ends',
    async (ended) => {
      const { hear, left } = await world();

      await hear(ended);

      expect(await left()).toEqual(['ada-1', 'ada-2', 'ada-elsewhere', 'bob']);
    },
  );

  it('it is believed once: said again, it ends no login of later', async () => {
    const { hear, open, rows, left } = await world();
    await hear({ externalId: 'ada', jti: 'once' });
    await open('later', rows.ada.id, 'login-4');

    await expect(hear({ externalId: 'ada', jti: 'once' })).rejects.toMatchObject({ code: 'malformed-request' });

    expect(await left()).toEqual(['bob', 'later']);
  });

  it('ten times at once, it counts once', async () => {
    const { hear } = await world();

    const heard = await Promise.allSettled(Array.from({ length: 10 }, () => hear({ externalId: 'ada', jti: 'once' })));

    expect(heard.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  it('a message that does not hold is called malformed, and ends nothing', async () => {
    const { say, left } = await world();

    await expect(say('nonsense')).rejects.toMatchObject({
      code: 'malformed-request',
      facts: { errors: [{ pointer: 'logout_token' }] },
    });

    expect(await left()).toHaveLength(4);
  });

  it('a site without an OAuth server of that name hears nothing', async () => {
    const { hear } = await world();

    await expect(hear({ sid: 'login-1' }, aSite())).rejects.toMatchObject({ code: 'oauth-not-configured' });
  });
});
