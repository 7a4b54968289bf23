import { sayUnsaid } from '../../src/use-cases/person-sync/say-unsaid.ts';
import { aPerson, aSite, aUser } from '../support/builders.ts';
import { fakeIdentityProvider } from '../support/fakes/identity-provider.ts';
import { startFakes } from '../support/fakes/index.ts';
import { fakeSettings } from '../support/fakes/settings.ts';

/** oauth-server.md §3 "The first fetch": what rows of an adopted database held is written to the OAuth server, where that can be. */
const site = aSite({
  id: 1,
  config: {
    oauth: {
      default: { 'auth-server-url': 'https://oauth.example', 'auth-client-id': 'own', 'auth-client-secret': 'secret' },
    },
  },
});
const delivered = async (said: 'all' | 'nothing' | 'no-extra-data', canUpdate = true, text = 'male') => {
  const fakes = startFakes();
  const person = aPerson({ hasUnsaidFields: true });
  fakes.world.put.site(site);
  fakes.world.put.person(person);
  fakes.world.put.user(aUser({ siteId: 1, person, nickName: text }));
  const provider = fakeIdentityProvider(['own']);
  const profile = { externalId: person.externalId, email: 'a@example.org', extraData: {}, roles: {} };
  const updates: unknown[] = [];
  const identity = {
    ...provider,
    can: () => canUpdate,
    find: () => {
      if (said === 'nothing') return Promise.resolve(null);
      return Promise.resolve(said === 'all' ? profile : { externalId: person.externalId, email: 'a@example.org' });
    },
    update: (permit: unknown) => {
      updates.push(permit);
      return Promise.resolve(profile);
    },
    refusesText: (one: string) => (one.includes('🦆') ? 'it holds no 🦆' : null),
  } as unknown as typeof provider;
  const message = {
    topic: 'person.say-unsaid',
    key: 'a',
    payload: { personId: person.id },
    claim: 'ours',
    id: 1,
    attempts: 0,
    createdAt: new Date(),
  } as const;
  const { outcome, settle } = await sayUnsaid({ ...fakes, settings: fakeSettings(), identity })(message);
  await settle();
  return [outcome, updates.length, (await fakes.persons.find(person.id))?.hasUnsaidFields];
};

test('is said once, and then is', async () => {
  expect(await delivered('all')).toEqual(['done', 1, false]);
});

test('stays unsaid where the server takes no writes, does not tell, knows nobody, or cannot hold the text', async () => {
  expect(await delivered('all', false)).toEqual(['unsupported', 0, true]);
  expect(await delivered('no-extra-data')).toEqual(['unsupported', 0, true]);
  expect(await delivered('nothing')).toEqual(['unknown-there', 0, true]);
  expect(await delivered('all', true, 'Piet 🦆')).toEqual(['unsupported', 0, true]);
});
