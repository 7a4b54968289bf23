import * as permits from '../../src/domain/permit.ts';
import { permitChange, permitCreation, permitRemoval, permitWithdrawal, usePermit } from '../../src/domain/permit.ts';
import type { UpdatePermit } from '../../src/domain/permit.ts';
import type { OauthClient } from '../../src/domain/sites/oauth-client.ts';
import type { IdentityProvider } from '../../src/ports/identity-provider.ts';
import { anActor, aPerson, aSite, aUser } from '../support/builders.ts';
import { fakeIdentityProvider } from '../support/fakes/identity-provider.ts';

/** docs/reference/neighbours.md: a right is a value, made where it is used. */
const client: OauthClient = {
  ...{ issuer: 'https://oauth.example', internalUrl: 'https://oauth.example', clientId: 'one', clientSecret: 'secret' },
  ...{ adapter: 'openstad', settings: {} },
};
const site = aSite({ id: 1 });
const change = { email: 'new@example.org', role: 'admin' } as const;
const creation = { site, client, sitesOfClient: [1, 2], change };
const write = { client, externalId: '5', change: { firstName: 'Nils' } };

describe('a write at the OAuth server', () => {
  const identity: IdentityProvider = fakeIdentityProvider(['one']);

  /* eslint-disable @typescript-eslint/no-unsafe-class-instance-assignment, @typescript-eslint/no-unsafe-call, @typescript-eslint/no-unsafe-return --
     they say what the compiler says */
  test('does not compile without a permit', () => {
    const attempts = [
      // @ts-expect-error: client, person and change, as they were before anybody had to ask
      () => identity.update(client, '5', { firstName: 'Nils' }),
      // @ts-expect-error: what a permit holds is none
      () => identity.update(write),
      // @ts-expect-error: nor is what looks like one
      () => identity.update({ client, ...write }),
      // @ts-expect-error: of another kind
      () => identity.update(permitCreation({ ...creation, actor: anActor({ roles: { 1: 'admin', 2: 'admin' } }) })),
      // @ts-expect-error: neither to make somebody
      () => identity.create({ client, person: { email: 'new@example.org' } }),
      // @ts-expect-error: nor to remove them
      () => identity.remove({ client, externalId: '5' }),
      // @ts-expect-error: only its own file makes one
      () => new permits.Permit(write),
    ];
    expect(attempts).toHaveLength(7);
  });
  /* eslint-enable */

  test.each([
    ['what it would hold', write],
    ['something of its shape', Object.create(Object.getPrototypeOf(someWithdrawal()) as object)],
  ])('is refused for %s, whoever got it past the compiler', async (_what, forged) => {
    await expect(identity.update(forged as UpdatePermit)).rejects.toThrow('no permit');
  });

  test('is good for once', () => {
    const permit = someWithdrawal();
    expect(usePermit(permit).change).toEqual({ extraData: {} });
    expect(() => usePermit(permit)).toThrow('one write');
  });
});

describe('a check', () => {
  test('gives no permit to whoever may not, at each site that shares the client', () => {
    expect(() => permitCreation({ ...creation, actor: anActor({ roles: { 1: 'admin' } }) })).toThrow();
    const both = anActor({ roles: { 1: 'admin', 2: 'admin' } });
    expect(permitCreation({ ...creation, actor: both }).client).toBe(client);
  });

  test('permits no change of somebody whom the actor may not act on', () => {
    const asked = {
      actor: anActor({ userId: 9, roles: { 1: 'member' } }),
      site,
      user: aUser(),
      change: { city: 'Ede' },
    };
    const there = { client, clientId: 'one', siteClientIds: [], profile: { externalId: '5' }, rows: [] };
    const around = { places: [], tokenRows: [], sitesOfClient: [1] };
    expect(() => permitChange(asked, around, there)).toThrow();
    const moderator = anActor({ userId: 9, roles: { 1: 'moderator' } });
    const permit = permitChange({ ...asked, actor: moderator }, around, there);
    expect(permit === null ? null : usePermit(permit).change).toEqual({ city: 'Ede' });
  });

  test('permits a removal of whoever is taken for it, ours, and kept by nobody', () => {
    const taken = aPerson({ state: 'removing' });
    expect(permitRemoval(client, taken, [aUser()])).toBe('rows-elsewhere');
    expect(permitRemoval(client, { ...taken, state: 'active' }, [])).toBe('rows-elsewhere');
    expect(permitRemoval(client, { ...taken, isOursToRemove: false }, [])).toBe('not-ours');
    expect(typeof permitRemoval(client, taken, [])).toBe('object');
  });

  test('permits to withdraw values of sites that were left, and of no others', () => {
    const profile = { externalId: '5', extraData: { bio: [{ value: 'x', siteId: 1 }] } };
    expect(permitWithdrawal(client, profile, [1], [aUser({ siteId: 1 })])).toBeNull();
    expect(permitWithdrawal(client, profile, [2], [])).toBeNull();
    expect(permitWithdrawal(client, profile, [1], [])).not.toBeNull();
  });
});

function someWithdrawal(): UpdatePermit {
  const permit = permitWithdrawal(
    client,
    { externalId: '5', extraData: { bio: [{ value: 'x', siteId: 1 }] } },
    [1],
    [],
  );
  if (permit === null) throw new Error('nothing to withdraw');
  return permit;
}
