import { operator } from '../../src/domain/actor.ts';
import type { OauthClient } from '../../src/domain/sites/oauth-client.ts';
import { profileFields, type Profile, type ProfileChange } from '../../src/domain/people/oauth-profile.ts';
import { permitChange, permitCreation, permitRemoval, permitRole } from '../../src/domain/permit.ts';
import type { UserChange } from '../../src/domain/users/user-change.ts';
import type { IdentityProvider } from '../../src/ports/identity-provider.ts';
import { aPerson, aSite, aUser } from './builders.ts';

/** Writes of whoever may do everything, as tests of adapters ask for them: by the checks that everybody's writes go through. */
export const permitted = ({ create, update, remove }: Pick<IdentityProvider, 'create' | 'update' | 'remove'>) => ({
  create: async (client: OauthClient, person: UserChange & { readonly email: string }): Promise<Profile> =>
    create(permitCreation({ ...creation(client), change: person })),
  /** A role is one at the client itself; extraData is replaced whole. */
  update: async (client: OauthClient, externalId: string, said: ProfileChange): Promise<Profile> => {
    const { roles, extraData, ...fields } = said;
    const role = roles?.[client.clientId];
    const values = extraData === undefined ? {} : { extraData: { ...extraData, earlier: null } };
    const asked = { actor: operator('root'), site, user: aUser(someone), change: { ...fields, ...values } };
    const around = { places: [], tokenRows: [], sitesOfClient: [] };
    const there = {
      client,
      clientId: null,
      siteClientIds: [],
      profile: { externalId, extraData: { earlier: true } },
      rows: [],
    };
    const permit =
      role === undefined
        ? permitChange(asked, around, there)
        : permitRole({ ...creation(client), change: { email: '', role } }, externalId, null, null);
    if (permit === null) throw new Error('nothing would change');
    return update(permit);
  },
  remove: async (client: OauthClient, externalId: string): Promise<void> => {
    const permit = permitRemoval(client, { ...aPerson(), externalId, state: 'removing', isOursToRemove: true }, []);
    if (typeof permit === 'string') throw new Error(permit);
    return remove(permit);
  },
});

/** Whatever is said of them is a change. */
const someone = {
  ...Object.fromEntries(profileFields.map((field) => [field, 'anything else'])),
  extraData: { earlier: true },
};
/** Where no key is a site's own. */
const site = aSite({ config: { users: { extraData: { bio: { sitespecific: false } } } } });
const creation = (client: OauthClient) => ({ actor: operator('root'), site, client, sitesOfClient: [] });
