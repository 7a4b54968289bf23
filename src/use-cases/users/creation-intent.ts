import { Fault, isFault, type FaultCode } from '../../domain/fault.ts';
import type { UserChange } from '../../domain/users/user-change.ts';
import type { Actor } from '../../domain/actor.ts';
import { mustBeAbleToCreate, type Creation } from '../../domain/users/write-rules.ts';
import { oauthClientOf } from '../../domain/sites/oauth-client.ts';
import { mustBeCreator } from '../../domain/users/user-rules.ts';
import type { Ports } from '../../ports/index.ts';
import type { NewMessage } from '../../ports/outbox.ts';
import type { ActorName } from '../actor-now.ts';
import { oauthClients, oauthClientsNow, type OauthClients } from '../oauth-clients.ts';
import { intentKey } from '../person-keys.ts';

/** What a creation wants, as it waits in the outbox (sealed: it names an address). */
export interface Intent {
  readonly siteId: number;
  readonly provider: string;
  readonly change: UserChange & { readonly email: string };
  /** Who asked for it: what they may do is asked again when it is done. */
  readonly actor: ActorName;
  /** Where the person is looked up and made. A site that is registered elsewhere by then has no use for them. */
  readonly issuer: string;
  /** As which client, where a role may have been given. */
  readonly clientId: string;
  readonly key: string;
  /** We were about to create the person there: something may have been left behind. */
  readonly creating: boolean;
  /** Whom the OAuth server said that it made for this; null: nobody yet. Whoever else has the address is somebody else's. */
  readonly made: string | null;
  /** Tells this creation from all others, so that it counts once: its row may be put back by whoever writes the database. */
  readonly nonce: string;
  /** After it the intent is worth nothing: nobody waits for it any more. */
  readonly expiresAt: string;
}

/** Not longer than endings are remembered (`ReplayStore`). */
const intentMs = 86_400_000;
export const onceOnly = ({
  clock,
  secrets,
}: Pick<Ports, 'clock' | 'secrets'>): Pick<Intent, 'nonce' | 'expiresAt'> => ({
  nonce: secrets.newToken(),
  expiresAt: later({ clock }, intentMs).toISOString(),
});

type Ending = Pick<Ports, 'outbox' | 'replays' | 'secrets'>;

/** The creation is over, whatever came of it: its intent goes, and counts no more when it comes back. In a transaction. */
export const endIntent = async (ports: Ending, intent: Intent): Promise<void> => {
  await ports.outbox.cancel('user.create', intentMessage(ports.secrets, intent).key);
  await ports.replays.rememberEnding(endingOf(ports, intent));
};

/** Whether it is too old to count. */
export const isExpired = ({ clock }: Pick<Ports, 'clock'>, { expiresAt }: Intent): boolean =>
  clock.now() >= new Date(expiresAt);

/** Whether it counted already; under the lease of the creation. */
export const isEnded = async (ports: Omit<Ending, 'outbox'>, intent: Intent): Promise<boolean> =>
  (await ports.replays.find(endingOf(ports, intent))) !== null;
const endingOf = ({ secrets }: Pick<Ports, 'secrets'>, { nonce }: Intent): string =>
  secrets.fingerprint('ended creation', nonce);

export const intentMessage = (secrets: Pick<Ports['secrets'], 'seal'>, intent: Intent): NewMessage<'user.create'> => ({
  topic: 'user.create',
  key: intentKey(intent.siteId, intent.key),
  payload: { sealed: secrets.seal('intent', JSON.stringify(intent)) },
});

/** How long a creation may take before somebody else finishes it. */
export const finishAfterMs = 60_000;
export const later = ({ clock }: Pick<Ports, 'clock'>, ms: number): Date => new Date(clock.now().getTime() + ms);

export const alreadyHere = (): Fault =>
  new Fault('conflict', { rule: 'already-at-this-site' }, 'This person already is a user of this site.');
export const beingRemoved = (): Fault =>
  new Fault(
    'person-being-removed',
    { retryAfterSeconds: 5 },
    'This person is just being removed from the OAuth server: try again.',
  );

/**
 * What a fault means for a creation that is followed up. `again`: waiting may change it, and it ends with its intent after a day.
 * `over`: it ends for good. `nobody-comes`: the same, and whoever was made at the OAuth server for it is removed there.
 */
const afterFault: Readonly<Record<FaultCode, 'again' | 'over' | 'nobody-comes'>> = {
  'site-not-found': 'nobody-comes',
  unauthenticated: 'nobody-comes',
  forbidden: 'nobody-comes',
  'oauth-not-configured': 'nobody-comes',
  conflict: 'over',
  'oauth-unsupported': 'over',
  'user-not-found': 'again',
  'not-found': 'again',
  'method-not-allowed': 'again',
  'malformed-request': 'again',
  'invalid-values': 'again',
  'body-too-large': 'again',
  'unsupported-media-type': 'again',
  'precondition-failed': 'again',
  'plan-changed': 'again',
  'preview-required': 'again',
  'result-too-large': 'again',
  busy: 'again',
  'not-ready': 'again',
  'person-being-removed': 'again',
  'oauth-unreachable': 'again',
  'oauth-refused': 'again',
  'oauth-timeout': 'again',
  'oauth-circuit-open': 'again',
  'role-unconfirmed': 'again',
  'login-refused': 'again',
  'token-refused': 'again',
  'invalid-client': 'again',
  'insufficient-scope': 'again',
  'too-many-requests': 'again',
};
/** Whether a creation ends with it for good. */
export const endsCreation = (error: unknown): boolean => isFault(error) && afterFault[error.code] !== 'again';
/** Whether it ends so that no row comes, whoever else may have one. */
export const leavesNobody = (error: unknown): boolean => isFault(error) && afterFault[error.code] === 'nobody-comes';

/** All that the rules ask about, of one moment: the client is the one that the rights are asked for. */
export interface CreationRights extends Creation {
  readonly clients: OauthClients;
}
/** Whoever asked for it, as they stand at the moment of the question. Fault `unauthenticated` when they are gone. */
export type WhoAsks = () => Promise<Actor>;
/** The rights to it as of now; asked before each write, as whoever waited for a lease or another machine knows nothing any more. */
export type RightsNow = () => Promise<CreationRights>;

type IntentRightsNeeds = Pick<Ports, 'users' | 'sites' | 'settings' | 'identity'>;
type Asked = Pick<Intent, 'siteId' | 'provider' | 'change'> & { readonly actor: Actor };

/**
 * Whether this actor may create this user at this site, with every field and, for a role, at every site that shares the client. Asked
 * again before each write: nothing of it holds longer. Faults: `site-not-found`, `oauth-not-configured`, `forbidden`. No statement
 * while the sites are known, two where a role is given. Source: user-api.md §1 and §3 "Create", docs/reference/neighbours.md.
 */
export const checkCreation = async (ports: IntentRightsNeeds, asked: Asked): Promise<CreationRights> =>
  checked(ports, asked, await (asked.change.role === undefined ? oauthClients(ports) : oauthClientsNow(ports)));

/** `checkCreation` by what is known of the sites, to refuse before anything is read: it proves nothing. */
export const checkCreationAsKnown = async (ports: IntentRightsNeeds, asked: Asked): Promise<CreationRights> => {
  const known = await oauthClients(ports);
  // Another instance may just have made it.
  return known.site(asked.siteId) === null ? checkCreation(ports, asked) : checked(ports, asked, known);
};

const checked = (
  ports: Pick<IntentRightsNeeds, 'settings'>,
  { actor, siteId, provider, change }: Asked,
  clients: OauthClients,
): CreationRights => {
  const site = clients.site(siteId);
  if (site === null) throw new Fault('site-not-found', {});
  mustBeCreator(actor, site);
  const client = oauthClientOf(site, provider, ports.settings.globalOauthClient);
  if (client === null)
    throw new Fault('oauth-not-configured', { provider }, 'This site has no OAuth server of that name.');
  const sitesOfClient = clients.sitesOfClient(client.issuer, client.clientId);
  const rights = { actor, site, client, clients, change, sitesOfClient };
  mustBeAbleToCreate(rights);
  return rights;
};
