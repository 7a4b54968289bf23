import { visitor, type Client, type Scope } from '../../../src/domain/actor.ts';
import { noFacts } from '../../../src/domain/people/person-facts.ts';
import type { ManagementUseCases } from '../../../src/use-cases/index.ts';
import type { PersonView } from '../../../src/use-cases/people/commands.ts';
import { Fault } from '../../../src/domain/fault.ts';
import { aDay } from '../../support/builders.ts';

export const aPersonView = (said: Partial<PersonView> = {}): PersonView => ({
  id: 21,
  imageUrl: null,
  fullName: 'Jean Dupont',
  level: { id: 1, name: 'New to the debate', iconUrl: null, from: 0 },
  slug: 'jean-dupont-21',
  description: null,
  createdAt: aDay,
  messages: 10,
  votes: 123,
  ...noFacts,
  ...said,
});

export const aClient: Client = {
  id: 5,
  name: 'Back office',
  key: 'civ_key',
  scopes: ['public', 'authentication', 'admin'],
  siteIds: [1, 2],
  issuer: 'https://oauth.example',
  createdAt: aDay,
  lastUsedAt: null,
};

const acting = (scopes: readonly Scope[]) => ({ ...visitor, client: { ...aClient, scopes } });
const tokens: ReadonlyMap<string, readonly Scope[]> = new Map([
  ['token-public', ['public']],
  ['token-authentication', ['authentication']],
  ['token-admin', ['admin']],
]);
const mustBe = (secret: string): void => {
  if (secret !== 'civ_secret') throw new Fault('invalid-client', { scheme: 'Basic' }, 'The client is not known.');
};

type Hear = <R>(story: string, answer: R) => (command: unknown) => Promise<R>;

/** Use cases that answer fixed values: one client, whose secret is `civ_secret` and whose tokens are named after their scopes. */
export const managementUseCases = (hear: Hear): ManagementUseCases => ({
  clientByToken: async (token) => {
    const scopes = tokens.get(token);
    return scopes === undefined ? null : acting(scopes);
  },
  clientByKey: async (key) => (key === aClient.key ? acting(['public']) : null),
  grantToken: async (command) => {
    mustBe(command.secret);
    await hear('grantToken', null)(command);
    const expiresAt = new Date(aDay.getTime() + 7_200_000);
    return { token: 't'.repeat(43), scopes: ['public'], createdAt: aDay, expiresAt };
  },
  revokeToken: async ({ secret }) => {
    mustBe(secret);
  },
  introspectToken: async ({ secret, token }) => {
    mustBe(secret);
    return token === 'known' ? { key: aClient.key, scopes: ['public'], createdAt: aDay, expiresAt: aDay } : null;
  },
  createClient: hear('createClient', { client: aClient, secret: 'civ_secret' }),
  listClients: hear('listClients', [aClient]),
  rotateClient: hear('rotateClient', { secret: 'civ_secret_2', previousExpiresAt: aDay }),
  revokeClient: hear('revokeClient', undefined),
  listPeople: hear('listPeople', { people: [aPersonView()], total: 21 }),
  getPerson: hear('getPerson', aPersonView({ uid: '7' })),
  exportPerson: async function* () {
    yield { of: 'users', rows: [{ id: 1 }] };
    yield { of: 'ideas', rows: [] };
    yield { of: 'ideas', rows: [{ id: 2 }, { id: 3 }] };
    yield { of: 'ideas', rows: [{ id: 4 }] };
  },
  setFacts: hear('setFacts', aPersonView({ uid: '7' })),
  anonymizePerson: hear('anonymizePerson', {
    digest: 'd1',
    summary: { digest: 'd1', users: 2, sites: [], oauth: 'removed' },
    oauth: { removal: 'done', values: 'none' },
    receipt: 'r'.repeat(43),
  } as const),
  deletePerson: hear('deletePerson', {
    users: 2,
    removed: { ideas: 1, articles: 0, arguments: 3, votes: 4 },
    oauth: { removal: 'done', values: 'none' },
    receipt: 'r'.repeat(43),
  } as const),
});
