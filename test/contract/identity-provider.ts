import type { OauthClient } from '../../src/domain/sites/oauth-client.ts';
import type { PersonSpec, SnapshotPerson } from '../../src/demo/oauth-server/index.ts';
import {
  oauthCapabilities,
  type IdentityProvider,
  type LoginRequest,
  type OauthCapability,
} from '../../src/ports/identity-provider.ts';
import { permitted } from '../support/permitted.ts';

export interface IdentityWorld {
  readonly identity: IdentityProvider;
  /** `client-1` … `client-3` are known to the server; what else is asked for is not. */
  client(clientId?: string): OauthClient;
  /** Where the server may send browsers back to; absent: anywhere. */
  readonly redirectUri?: string;
  /** Somebody logs in with a browser that was sent to the authorization address; answers where it comes back to, and as whom. */
  comeBack(request: LoginRequest): Promise<{ readonly address: string; readonly externalId: string }>;
  /** What the server holds. */
  people(): readonly SnapshotPerson[];
  close(): Promise<void>;
}

const niels: PersonSpec = {
  id: 5,
  email: 'niels@example.org',
  firstName: 'Niels',
  lastName: 'Vegter',
  city: 'Amsterdam',
  extraData: { bio: ['plain', { value: 'own', siteId: 2 }], shared: 1 },
  roles: { 'client-1': 'member', 'client-2': 'moderator' },
};
const jose: PersonSpec = { id: 6, email: 'jose@example.org' };

/** One call of each thing that an adapter may be unable to do. */
const attempts: Readonly<
  Record<OauthCapability, (identity: IdentityProvider, client: OauthClient) => Promise<unknown>>
> = {
  find: (identity, client) => identity.find(client, '5', []),
  findByEmail: (identity, client) => identity.findByEmail(client, 'niels@example.org', []),
  isAddressFree: (identity, client) => identity.isAddressFree(client, 'niels@example.org', '5'),
  create: (identity, client) => permitted(identity).create(client, { email: 'new@example.org' }),
  update: (identity, client) => permitted(identity).update(client, '5', { firstName: 'Nils' }),
  remove: (identity, client) => permitted(identity).remove(client, '5'),
  isNeededElsewhere: (identity, client) => identity.isNeededElsewhere(client, '5', [], []),
  holder: (identity, client) => identity.holder(client, 'a token'),
  endedLogin: (identity, client) => identity.endedLogin(client, 'a message'),
};

/**
 * What every adapter must do, whatever its server is like: run on each of them, and on the fake that use cases are tested with.
 * What a server has no way to do (`cannot`) its adapter declares, and refuses by its name. Source: oauth-server.md §2.
 */
export const describeIdentityProvider = (
  name: string,
  start: (people: readonly PersonSpec[]) => Promise<IdentityWorld>,
  cannot: readonly OauthCapability[] = [],
): void => {
  describe(`${name} as an identity provider`, () => {
    let world: IdentityWorld;
    let identity: IdentityProvider;
    let client: OauthClient;
    beforeEach(async () => {
      world = await start([niels, jose]);
      ({ identity } = world);
      client = world.client('client-1');
    });
    afterEach(() => world.close());
    const describeWhereIt = (can: OauthCapability, title: string, tests: () => void): void => {
      if (!cannot.includes(can)) describe(title, tests);
    };
    const held = (id: number) => world.people().find((person) => person.id === id);

    describe('its credentials', () => {
      it('are accepted, or the server has no way to say', async () => {
        expect([true, null]).toContain(await identity.credentialsAccepted(client));
      });

      it('are not accepted where the secret is another', async () => {
        expect([false, null]).toContain(await identity.credentialsAccepted({ ...client, clientSecret: 'wrong' }));
      });
    });

    describeWhereIt('find', 'finding by id', () => {
      it('says what is known, and null for what is explicitly nothing', async () => {
        expect(await identity.find(client, '5', [])).toEqual({
          externalId: '5',
          email: 'niels@example.org',
          firstName: 'Niels',
          lastName: 'Vegter',
          phoneNumber: null,
          streetName: null,
          houseNumber: null,
          suffix: null,
          postcode: null,
          city: 'Amsterdam',
          extraData: niels.extraData,
        });
      });

      it('says the roles at the clients that were asked for, and no others', async () => {
        const profile = await identity.find(client, '5', ['client-1', 'client-3']);

        expect(profile?.roles).toEqual({ 'client-1': 'member', 'client-3': null });
      });

      it.each([
        ['1', ['client-1', 'client-2'], null],
        ['2', ['client-1', 'client-3'], 'moderator'],
        ['3', ['client-2'], 'member'],
        ['4', ['unheard-of'], 'moderator'],
      ])('says the highest role at clients that were not named (%s)', async (_number, named, highest) => {
        expect((await identity.find(client, '5', named))?.roleElsewhere).toBe(highest);
      });

      it('leaves the role at a client that the server does not know unsaid', async () => {
        const profile = await identity.find(client, '5', ['client-2', 'unheard-of']);

        expect(profile?.roles).toEqual({ 'client-2': 'moderator' });
      });

      it.each(['424242', '5abc', '0', '', '../roles', '9'.repeat(40), '-5', '5.0'])(
        'finds nobody with the id %j',
        async (id) => {
          expect(await identity.find(client, id, ['client-1'])).toBeNull();
        },
      );
    });

    describeWhereIt('findByEmail', 'finding by e-mail', () => {
      it.each(['niels@example.org', ' Niels@Example.ORG '])('finds %j, with roles', async (email) => {
        expect(await identity.findByEmail(client, email, ['client-1'])).toMatchObject({
          externalId: '5',
          firstName: 'Niels',
          roles: { 'client-1': 'member' },
        });
      });

      it.each(['josé@example.org', 'nobody@example.org', '', '   ', '😀@example.org'])(
        'finds nobody for %j',
        async (email) => {
          expect(await identity.findByEmail(client, email, [])).toBeNull();
        },
      );
    });

    describeWhereIt('isAddressFree', 'asking whether an address is free', () => {
      it.each([
        ['nobody’s', 'nobody@example.org', '5', true],
        ['their own', ' Niels@Example.ORG ', '5', true],
        ['somebody else’s', 'JOSE@example.org', '5', false],
        ['nothing', ' ', '5', false],
      ])('%s', async (_whose, email, externalId, isFree) => {
        expect(await identity.isAddressFree(client, email, externalId)).toBe(isFree);
      });
    });

    describeWhereIt('create', 'creating', () => {
      it('makes the person, and answers them with their new id', async () => {
        const made = await permitted(identity).create(client, {
          email: 'new@example.org',
          firstName: 'New',
          city: null,
          extraData: { bio: [{ value: 'x', siteId: 1 }] },
        });

        expect(made).toMatchObject({
          email: 'new@example.org',
          firstName: 'New',
          extraData: { bio: [{ value: 'x', siteId: 1 }] },
        });
        expect(held(Number(made.externalId))).toMatchObject({ email: 'new@example.org', firstName: 'New', city: null });
      });

      it('refuses an address that is taken, and has certainly done nothing', async () => {
        await expect(permitted(identity).create(client, { email: 'NIELS@example.org' })).rejects.toMatchObject({
          code: 'conflict',
          facts: { rule: 'address-taken', field: 'email' },
        });
        expect(world.people()).toHaveLength(2);
      });
    });

    describeWhereIt('update', 'updating', () => {
      it('changes what is named, clears with null and with nothing, and leaves the rest', async () => {
        const profile = await permitted(identity).update(client, '5', { firstName: 'Nils', lastName: null, city: '' });

        expect(profile).toMatchObject({
          externalId: '5',
          firstName: 'Nils',
          lastName: null,
          city: null,
          extraData: niels.extraData,
        });
        expect(held(5)).toMatchObject({ firstName: 'Nils', lastName: null, city: null, email: 'niels@example.org' });
      });

      it('replaces extraData whole', async () => {
        const profile = await permitted(identity).update(client, '5', { extraData: { other: [1, '2', null] } });

        expect(profile.extraData).toEqual({ other: [1, '2', null] });
        expect(held(5)?.extraData).toEqual({ other: [1, '2', null] });
      });

      it('changes the roles that are named and no others', async () => {
        await permitted(identity).update(client, '5', { roles: { 'client-1': 'editor' } });
        await permitted(identity).update(world.client('client-3'), '5', { roles: { 'client-3': 'anonymous' } });

        expect(held(5)?.roles).toEqual({ 'client-1': 'editor', 'client-2': 'moderator', 'client-3': 'anonymous' });
      });

      it.each(['424242', 'nobody'])('refuses somebody unknown (%s), and has certainly done nothing', async (id) => {
        await expect(permitted(identity).update(client, id, { firstName: 'x' })).rejects.toMatchObject({
          code: 'oauth-refused',
          facts: { mayHaveHappened: false },
        });
      });

      it('refuses an address that is taken, and has certainly done nothing', async () => {
        await expect(permitted(identity).update(client, '6', { email: 'niels@example.org' })).rejects.toMatchObject({
          code: 'conflict',
          facts: { rule: 'address-taken', field: 'email' },
        });
        expect(held(6)?.email).toBe('jose@example.org');
      });
    });

    describeWhereIt('remove', 'removing', () => {
      it('removes the person', async () => {
        await permitted(identity).remove(client, '5');

        expect(held(5)).toBeUndefined();
        expect(await identity.find(client, '5', [])).toBeNull();
      });

      it.each(['5', 'nobody'])('may be asked twice, and for nobody (%s)', async (id) => {
        await permitted(identity).remove(client, id);

        await expect(permitted(identity).remove(client, id)).resolves.toBeUndefined();
      });
    });

    describeWhereIt('isNeededElsewhere', 'asking whether somebody is needed elsewhere', () => {
      const known = (clientId: string): OauthClient =>
        clientId.startsWith('client-') ? world.client(clientId) : { ...client, clientId };
      // Niels is member at client-1 and moderator at client-2.
      it.each([
        ['every role is at a client that is left', ['client-1', 'client-2'], ['client-1', 'client-2'], false],
        ['what stays is a member only', ['client-1', 'client-2', 'client-3'], ['client-2'], false],
        ['above member at a client that is not left', ['client-1', 'client-2'], ['client-1'], true],
        ['a role at a client that is none of ours', ['client-2'], ['client-2'], true],
        ['a client of ours that the server does not know', ['client-1', 'client-2', 'unheard-of'], ['client-2'], false],
      ])('%s', async (_name, ours, leaving, needed) => {
        expect(await identity.isNeededElsewhere(client, '5', ours.map(known), leaving)).toBe(needed);
      });

      it.each([
        ['that is left', ['client-1', 'client-2']],
        ['that is not', ['client-2']],
      ])('cannot say while the secret of a client %s is refused: it may be somebody else’s', async (_name, leaving) => {
        const ours = [{ ...world.client('client-1'), clientSecret: 'wrong' }, world.client('client-2')];

        const answer = identity.isNeededElsewhere(world.client('client-2'), '5', ours, leaving);

        await expect(answer).rejects.toMatchObject({ code: 'oauth-refused' });
      });

      it('goes by whichever secret of a client is taken', async () => {
        const one = world.client('client-1');
        const ours = [{ ...one, clientSecret: 'wrong' }, one, world.client('client-2')];

        expect(await identity.isNeededElsewhere(one, '5', ours, ['client-1', 'client-2'])).toBe(false);
      });

      it('says yes for a role at a client that is left and none of ours any more', async () => {
        expect(await identity.isNeededElsewhere(client, '5', [world.client('client-2')], ['client-1'])).toBe(true);
      });

      it.each(['6', '424242'])('says no for somebody without roles, and for somebody who is gone (%s)', async (id) => {
        expect(await identity.isNeededElsewhere(client, id, [client], ['client-1'])).toBe(false);
      });
    });

    it('declares what it cannot do, and nothing else', () => {
      expect(oauthCapabilities.filter((operation) => !identity.can(client, operation))).toEqual(
        oauthCapabilities.filter((operation) => cannot.includes(operation)),
      );
    });

    if (cannot.length > 0) {
      it.each(cannot)(
        'refuses by its name what it cannot do (%s), and has certainly done nothing',
        async (operation) => {
          const before = world.people();

          await expect(attempts[operation](identity, client)).rejects.toMatchObject({
            code: 'oauth-unsupported',
            facts: { what: expect.any(String) as string },
          });

          expect(world.people()).toEqual(before);
        },
      );
    }

    describeWhereIt('endedLogin', 'hearing that a login has ended', () => {
      it.each([
        ['nothing', ''],
        ['a word', 'nonsense'],
        ['no JWT', 'a.b.c'],
        ['a long one', 'x'.repeat(10_000)],
      ])('does not believe %s', async (_what, message) => {
        await expect(identity.endedLogin(client, message)).rejects.toMatchObject({ code: 'login-refused' });
      });
    });

    describe('a login', () => {
      let last = 0;
      const aLoginRequest = (): LoginRequest => {
        last += 1;
        const secret = (what: string): string => `${what}-${Date.now()}-${last}-`.padEnd(43, 'x');
        const state = secret('state');
        const query = identity.stateIsIn(client) === 'state' ? '' : `?state=${state}`;
        const redirectUri = world.redirectUri ?? `http://127.0.0.1:9/digest-login${query}`;
        return { redirectUri, privileged: false, state, nonce: secret('nonce'), codeVerifier: secret('verifier') };
      };

      it('comes back with our state, and says who it is', async () => {
        const request = aLoginRequest();

        const { address, externalId } = await world.comeBack(request);
        const loggedIn = await identity.exchange(client, { ...request, address });

        expect(new URL(address).searchParams.get('state')).toBe(request.state);
        expect(loggedIn.profile.externalId).toBe(externalId);
        expect(loggedIn.accessToken).toEqual(expect.any(String));
      });

      it('with a code that the server did not give is refused', async () => {
        const request = aLoginRequest();
        const back = new URL((await world.comeBack(request)).address);
        back.searchParams.set('code', 'not-a-code');

        await expect(identity.exchange(client, { ...request, address: back.href })).rejects.toMatchObject({
          code: 'login-refused',
          facts: { reason: 'code' },
        });
      });

      it('with a code counts once', async () => {
        const request = aLoginRequest();
        const { address } = await world.comeBack(request);
        await identity.exchange(client, { ...request, address });

        await expect(identity.exchange(client, { ...request, address })).rejects.toMatchObject({
          code: 'login-refused',
        });
      });

      if (!cannot.includes('holder')) {
        it('gives an access token that says whose it is', async () => {
          const request = aLoginRequest();
          const { address, externalId } = await world.comeBack(request);
          const { accessToken } = await identity.exchange(client, { ...request, address });

          expect((await identity.holder(client, accessToken ?? ''))?.externalId).toBe(externalId);
        });
      }

      it('ends at an address of the server, where it has one', async () => {
        const address = await identity.logoutAddress(client, 'http://127.0.0.1:9/bye');

        expect(address === null || address.startsWith(client.issuer)).toBe(true);
      });
    });

    it('has nothing against ordinary text', () => {
      expect(identity.refusesText('Jansen & Zn, é, 漢, 1 < 2')).toBeNull();
    });
  });
};
