import { Fault } from '../../domain/fault.ts';
import { noFacts, type PersonFacts } from '../../domain/people/person-facts.ts';
import { type Person, isLive, type User } from '../../domain/users/user.ts';
import type { Site } from '../../domain/sites/site.ts';
import { hasCome } from '../../domain/people/vouching.ts';
import type { KeptBy } from '../../ports/people.ts';
import type { Ports } from '../../ports/index.ts';
import type { LockMode } from '../../ports/user-store.ts';
import { clientNow } from '../actor-now.ts';
import type { ClientActor } from '../clients/commands.ts';
import type { OnePerson } from './commands.ts';

/** A person with at least one live row at the client's sites. */
export interface FoundPerson {
  readonly person: Person;
  /** Their live rows at sites of the client that are there, in id order. */
  readonly rows: readonly [User, ...User[]];
  /** Of the first row. */
  readonly site: Site;
  /** Every row of the person, at whatever site. */
  readonly all: readonly User[];
}
type Needs = Pick<Ports, 'persons' | 'users' | 'sites'>;

/** Whom an external id names at the client's sites; null for one who is unknown, or at other sites only, and by the same statement. */
export const findPerson = async (
  { persons, users, sites }: Needs,
  { actor, uid }: OnePerson,
  lockMode: LockMode = 'plain',
): Promise<FoundPerson | null> => {
  const { issuer, siteIds } = actor.client;
  const id = isExternalId(uid) ? await persons.idAt(siteIds, issuer, uid) : null;
  const held = id === null ? null : await users.person(id, lockMode);
  if (!held?.person) return null;
  const there = new Map((await sites.readNow(siteIds)).map((site) => [site.id, site]));
  const [first, ...others] = held.rows.filter((row) => isLive(row) && there.has(row.siteId ?? 0));
  const site = there.get(first?.siteId ?? 0);
  return first === undefined || site === undefined
    ? null
    : { person: held.person, rows: [first, ...others], site, all: held.rows };
};

/** What this client keeps of them, once they have come to one of its sites. */
export const toldFacts = async (
  { facts }: Pick<Ports, 'facts'>,
  actor: ClientActor,
  found: FoundPerson,
): Promise<PersonFacts> => keptFacts({ facts }, keptBy(actor, found));

/** Under what it is kept; null where it is not told. */
export const keptBy = ({ client }: ClientActor, { person, rows }: FoundPerson): KeptBy | null =>
  hasCome(rows) ? { personId: person.id, clientId: client.id } : null;

export const keptFacts = async ({ facts }: Pick<Ports, 'facts'>, kept: KeptBy | null): Promise<PersonFacts> =>
  kept === null ? noFacts : facts.of(kept);

export const noSuchPerson = (): Fault<'user-not-found'> =>
  new Fault('user-not-found', {}, 'There is no such user at your sites.');

/** What `persons.externalId` can hold; anything else is nobody's. */
export const isExternalId = (uid: string): boolean => uid !== '' && uid.length <= 191;

/**
 * Whether this client has anonymized or deleted the person within the last thirty days: then asking again is answered as done, not
 * as unknown. Whom others removed it does not learn. Source: management-api.md §2, docs/adr/0012.
 */
export const isGone = async ({ persons }: Pick<Ports, 'persons'>, { actor, uid }: OnePerson): Promise<boolean> =>
  isExternalId(uid) && (await persons.hasTombstone(asLeft(actor), uid));

/**
 * Before a client is told what it did earlier: its body may have come slowly, and the client be revoked since. Fault `unauthenticated`.
 */
export const mayStillManage = async (ports: Pick<Ports, 'clients'>, actor: ClientActor): Promise<void> => {
  await clientNow(ports, actor);
};

/** In the transaction of the operation. */
export const markGone = ({ persons }: Pick<Ports, 'persons'>, { actor, uid }: OnePerson): Promise<void> =>
  persons.addTombstone(asLeft(actor), uid);

/** A name beside all issuers, which are addresses: the persons that this client's sites have parted from. */
const asLeft = ({ client }: ClientActor): string => `client ${client.id} at ${client.issuer}`;
