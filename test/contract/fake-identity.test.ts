import type { PersonSpec, SnapshotPerson } from '../../src/demo/oauth-server/index.ts';
import { profileFields } from '../../src/domain/people/oauth-profile.ts';
import { fakeIdentityProvider } from '../support/fakes/identity-provider.ts';
import { describeIdentityProvider } from './identity-provider.ts';

const clientIds = ['client-1', 'client-2', 'client-3'];

describeIdentityProvider('The fake', async (people) => {
  const identity = fakeIdentityProvider(clientIds);
  for (const person of people) identity.people.set(String(person.id), personOf(person));
  return {
    identity,
    client: (clientId = 'client-1') => ({
      ...{ issuer: 'i', internalUrl: 'i', clientId, clientSecret: 's' },
      ...{ adapter: 'openstad', settings: {} },
    }),
    comeBack: async ({ redirectUri, state }) => ({
      address: `${redirectUri}?state=${state}&code=${identity.codeFor('5')}`,
      externalId: '5',
    }),
    people: () =>
      [...identity.people.values()].map(
        (person) => ({ ...person, id: Number(person.externalId) }) as unknown as SnapshotPerson,
      ),
    close: async () => undefined,
  };
});

const personOf = ({ id, roles = {}, extraData = {}, ...said }: PersonSpec) => ({
  ...Object.fromEntries(profileFields.map((field) => [field, said[field] ?? null])),
  externalId: String(id),
  extraData,
  roles,
});
