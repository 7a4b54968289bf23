import { isInRecord } from '../../domain/fault.ts';
import type { Finding } from '../../domain/people/finding.ts';
import { unfitting } from '../../domain/people/mirror.ts';
import type { Profile } from '../../domain/people/oauth-profile.ts';
import { type Person, isLive, type User, type UserRow } from '../../domain/users/user.ts';
import { changedRow, type UserChange } from '../../domain/users/user-change.ts';
import type { Ports } from '../../ports/index.ts';
import type { Messages, NewMessage } from '../../ports/outbox.ts';
import type { Lease } from '../../ports/unit-of-work.ts';
import { isFresh } from '../freshness.ts';
import { oauthClients, type OauthClients } from '../oauth-clients.ts';
import { personLeaseName, refreshKey } from '../person-keys.ts';
import {
  mirrorOf,
  saveChanged,
  isLeftAsFound,
  acceptForeignWrites,
  ofEachRow,
  type AcceptForeignWritesNeeds,
} from './write-rows.ts';
import { wishToSay } from './say-unsaid.ts';

export type RefreshNeeds = AcceptForeignWritesNeeds &
  Pick<Ports, 'persons' | 'secrets' | 'withLease' | 'inOneTransaction' | 'log'>;

/** `unsupported`: nobody can be asked about by id there; the next login tells. */
export type Refreshed = 'refreshed' | 'unknown-there' | 'unsupported';

/**
 * Reads the person anew from the OAuth server and mirrors the profile to all rows; with `if-stale` only where nobody else has done
 * so meanwhile. Somebody the server no longer knows stays as they are here, but for their sessions: nothing is anonymized by
 * itself. Faults: those of the OAuth server, `busy`. Source: oauth-server.md §3.
 */
export const refreshPerson =
  (ports: RefreshNeeds) =>
  async (
    person: Person,
    siteId: number | null,
    when: 'now' | 'if-stale' = 'now',
    freedBy: readonly number[] = [],
  ): Promise<Refreshed> => {
    const clients = await oauthClients(ports);
    if (!ports.identity.can(clients.credentials(person.issuer, [siteId]), 'find')) return 'unsupported';
    return ports.withLease(personLeaseName(ports.secrets, person), async (lease) => {
      const isEnough = when === 'if-stale' && isFresh(ports, (await ports.persons.find(person.id))?.fetchedAt ?? null);
      if (isEnough) return 'refreshed';
      const profile = await notingOdd(ports, person, () => fetchProfile(ports, person, siteId));
      if (profile === null) {
        await markUnknown(ports, person.id);
        return 'unknown-there';
      }
      await mirrorProfile(ports, lease, person.id, profile, { freedBy });
      return 'refreshed';
    });
  };

/** Somebody whose record cannot be read is listed by drift: nothing of them is refreshed until it can. */
const notingOdd = async <T>(
  { users, findings, clock }: Pick<Ports, 'users' | 'findings' | 'clock'>,
  { id }: Person,
  read: () => Promise<T>,
): Promise<T> => {
  try {
    return await read();
  } catch (error) {
    // Of somebody without rows another finding says more.
    const isListed = isInRecord(error) && ((await users.person(id, 'plain'))?.rows ?? []).some(isLive);
    if (isListed) await findings.note(id, [{ kind: 'unreadable', fields: [] }], clock.now());
    throw error;
  }
};

/** Their sessions end; the rows stay as they are: nothing is anonymized by itself. */
export const markUnknown = async (
  { sessions, findings, clock, log }: Pick<Ports, 'sessions' | 'findings' | 'clock' | 'log'>,
  personId: number,
): Promise<void> => {
  log.warn({ personId }, 'the OAuth server no longer knows a person who has rows here');
  await sessions.endOfPerson(personId);
  await findings.note(personId, [{ kind: 'unknown-there', fields: [] }], clock.now());
};

/**
 * The profile with the roles at the clients that the person's rows use, or at all of ours: somebody may be staff where they have no
 * row. `known`: their rows, where the caller has read them. Null when the server does not know the person.
 */
export const fetchProfile = async (
  ports: Pick<Ports, 'users' | 'sites' | 'settings' | 'identity'>,
  person: Person,
  siteId: number | null,
  rolesAt: 'clients-of-rows' | 'all-clients' = 'clients-of-rows',
  known?: readonly User[],
): Promise<Profile | null> => {
  const clients = await oauthClients(ports);
  const rows = known ?? (await ports.users.person(person.id, 'plain'))?.rows ?? [];
  const credentials = clients.credentials(person.issuer, [siteId, ...rows.map((row) => row.siteId)]);
  const { issuer, externalId } = person;
  const asked = rolesAt === 'all-clients' ? clients.allClientIds(issuer) : clients.clientIds(rows, issuer);
  return ports.identity.find(credentials, externalId, asked);
};

interface Mirroring {
  /** What somebody has just changed, and through which row. */
  readonly changedThrough?: { readonly userId: number; readonly change: UserChange };
  /** Whatever rows of an adopted database held was written along: absent means absent from here on. */
  readonly saysAll?: boolean;
  /** False: an access token's answer, which leaves fields and roles unsaid. It makes nobody fresh and ends no waiting refresh. */
  readonly isWhole?: boolean;
  /** As for `giveAddresses`. */
  readonly freedBy?: readonly number[];
  /** Somebody else changed by what the person logs in: whoever is logged in as them may be somebody else by now. */
  readonly endsSessions?: boolean;
  /** The refresh that whoever mirrors wished for: ended by one statement, while nobody has added to it. */
  readonly wished?: NewMessage<'person.refresh'>;
}
type MirrorNeeds = AcceptForeignWritesNeeds & Pick<Ports, 'persons' | 'inOneTransaction'>;

/**
 * Writes a profile to all rows of the person, each with its own site's view, in one transaction that ends a waiting refresh
 * (`endRefresh`).
 * A row whose profile is withheld takes only what was written through it. Rows that were anonymized or deleted meanwhile no
 * longer belong to the person and stay untouched.
 */
export const mirrorProfile = (
  ports: MirrorNeeds,
  lease: Lease,
  personId: number,
  profile: Profile,
  mirroring: Mirroring = {},
): Promise<void> =>
  ports.inOneTransaction(async () => {
    await (await mirrorRows(ports, lease, personId, profile, mirroring)).endRefresh();
  });

interface MirroredRows {
  /** All rows of the person, as they are now. No statement where nothing of them was written. */
  readonly rows: () => Promise<readonly User[]>;
  /** What `mirrorProfile` ends with. */
  readonly endRefresh: () => Promise<unknown>;
}

/** `mirrorProfile` for who goes on in the same unit, with a refresh that is to be ended, or to be wished for anew. */
export const mirrorRows = async (
  ports: MirrorNeeds,
  lease: Lease,
  personId: number,
  profile: Profile,
  { changedThrough, isWhole = true, freedBy = [], saysAll = false, endsSessions = false, wished }: Mirroring = {},
): Promise<MirroredRows> => {
  const now = ports.clock.now();
  const held = await ports.users.person(personId, 'locked', isWhole ? { lease, fetchedAt: now } : { lease });
  const ending = isWhole ? once(() => endRefresh(ports, personId, freedBy, wished)) : () => Promise.resolve(freedBy);
  if (held?.person == null) return { rows: () => Promise.resolve([]), endRefresh: ending };
  const accepted = await acceptForeignWrites(ports, held);
  const { rows } = accepted;
  const clients = await oauthClients(ports);
  const hasUnsaidFields = held.person.hasUnsaidFields && !saysAll;
  const mirror = mirrorOf(clients, { ...held.person, hasUnsaidFields }, profile);
  const next = (row: User): UserRow => {
    const its = mirror(row);
    return row.profileWithheld && changedThrough?.userId === row.id ? changedRow(its, changedThrough.change) : its;
  };
  const saved = await saveChanged(ports, rows, next, {
    siteOf: clients.site,
    freedBy: ending,
    through: changedThrough?.userId ?? null,
  });
  if (endsSessions) await ports.sessions.endOfPerson(personId);
  const isAsRead = accepted === held && saved.differed.length === 0 && !held.person.hasUnsaidFields;
  const mirroredRows = {
    rows: async () => (isAsRead ? rows : ((await ports.users.person(personId, 'plain'))?.rows ?? [])),
    endRefresh: ending,
  };
  if (!isWhole) return mirroredRows;
  if (held.person.hasUnsaidFields)
    await (hasUnsaidFields ? wishToSay(ports, clients, personId, rows, profile) : ports.persons.setSaid(personId));
  if (changedThrough === undefined && rows.length > 0) {
    const hasLeftAsFound = held.rows.some((row) => isLeftAsFound(ports, row));
    const found = await findingsOf(ports, profile, rows, saved, clients, hasLeftAsFound);
    if (found.length > 0 || held.hasFindings !== false || accepted !== held)
      await ports.findings.note(personId, found, now);
  }
  return mirroredRows;
};

/** However often it is asked for: in one run of a unit. */
const once = <T>(work: () => Promise<T>): (() => Promise<T>) => {
  let begun: Promise<T> | undefined;
  return () => (begun ??= work());
};

/**
 * Ends a waiting refresh, as this is one. But one that was asked for by somebody of whom this one does not know stays: they took an
 * address after this profile was read, perhaps. Answers from whom nothing is taken back.
 */
const endRefresh = async (
  { outbox }: Pick<Ports, 'outbox'>,
  personId: number,
  freedBy: readonly number[],
  wished?: NewMessage<'person.refresh'>,
): Promise<readonly number[]> => {
  if (wished !== undefined && (await outbox.cancelUnchanged(wished))) return freedBy;
  const waiting = await outbox.findLocked('person.refresh', refreshKey(personId));
  const since = askedBySince(waiting, freedBy);
  if (waiting !== null && since.length === 0) await outbox.cancel('person.refresh', refreshKey(personId));
  return [...freedBy, ...since];
};

const askedBySince = (waiting: Messages['person.refresh'] | null, freedBy: readonly number[]): readonly number[] =>
  waiting?.freedBy?.filter((id) => !freedBy.includes(id)) ?? [];

/** A refresh that an update wished for before it writes at the OAuth server, so that rows follow if it never comes back. */
export interface WishedRefresh {
  readonly message: NewMessage<'person.refresh'>;
  /** Nobody else wished for it. */
  readonly isAlone: boolean;
}

/**
 * In the unit that has mirrored the person: one that waits ends with it, but for whom it does not know (`endRefresh`), and the wish is
 * added to that. One statement where none waits.
 */
export const wishForRefresh = async (
  { outbox }: Pick<Ports, 'outbox'>,
  personId: number,
  dueAt: Date,
): Promise<WishedRefresh> => {
  const message = {
    topic: 'person.refresh',
    key: refreshKey(personId),
    payload: { personId, byUpdate: true },
  } as const;
  let isAlone = true;
  const merged = (earlier: Messages['person.refresh']): Messages['person.refresh'] => {
    isAlone = askedBySince(earlier, []).length === 0;
    return isAlone ? message.payload : { ...earlier, personId };
  };
  await outbox.addMerged<'person.refresh'>(message, merged, 'free', dueAt);
  return { message, isAlone };
};

/** Where the update certainly did nothing there. A refresh that somebody else asked for (they took an address of this person) stays. */
export const callOffRefresh = async (
  { outbox, inOneTransaction }: Pick<Ports, 'outbox' | 'inOneTransaction'>,
  { message: { topic, key }, isAlone }: WishedRefresh,
): Promise<void> => {
  if (!isAlone) return;
  await inOneTransaction(async () => {
    const waiting = await outbox.findLocked(topic, key);
    if (waiting?.byUpdate === true) await outbox.cancel(topic, key);
  });
};

/** What a check found: which fields of the rows said something else than the server, and which values do not fit in. */
const findingsOf = async (
  ports: Pick<Ports, 'clock'>,
  profile: Profile,
  rows: readonly User[],
  { differed, isWithoutAddress }: Awaited<ReturnType<typeof saveChanged>>,
  clients: OauthClients,
  hasLeftAsFound: boolean,
): Promise<readonly Finding[]> => {
  const open = rows.filter(({ profileWithheld }) => !profileWithheld);
  const cut = (await ofEachRow(ports, open, ({ siteId }) => unfitting(profile, clients.site(siteId)))).flat();
  const found = [
    { kind: 'differed', fields: differed },
    { kind: 'does-not-fit', fields: [...new Set(cut)] },
    { kind: 'address-taken', fields: isWithoutAddress ? (['email'] as const) : [] },
  ] as const;
  return [
    ...found.filter(({ fields }) => fields.length > 0),
    ...(hasLeftAsFound ? ([{ kind: 'found-anonymized', fields: [] }] as const) : []),
  ];
};
