import {
  judgedChange,
  needsPlaces,
  realChangeOf,
  type AskedChange,
  type PersonElsewhere,
} from '../../domain/users/write-rules.ts';
import {
  extraDataLimitErrors,
  isTooFullFor,
  ownMeasures,
  isEmptyChange,
  type UserChange,
} from '../../domain/users/user-change.ts';
import { type FieldError, invalidValues, pointerToken } from '../../domain/fault.ts';
import { withUnsaid } from '../../domain/people/mirror.ts';
import type { Profile } from '../../domain/people/oauth-profile.ts';
import type { Actor } from '../../domain/actor.ts';
import { changeThere, permitChange } from '../../domain/permit.ts';
import { type Person, isLive, type User } from '../../domain/users/user.ts';
import { perSiteFields } from '../../domain/users/user-fields.ts';
import { isStillMade, isWithheldFrom, ofSiteOnly, vouchesByRole } from '../../domain/people/vouching.ts';
import type { Ports } from '../../ports/index.ts';
import type { Lease } from '../../ports/unit-of-work.ts';
import type { PlaceRow } from '../../ports/user-store.ts';
import { actorNow } from '../actor-now.ts';
import { oauthClients, oauthClientsNow, placesOf, type OauthClients } from '../oauth-clients.ts';
import type { UpdateUserCommand } from './commands.ts';
import { withLoginMark, withAddressMark, withWord } from './address-marks.ts';

type Needs = Omit<Ports, 'inOneSnapshot'>;

/** A change of a person that the rules agreed to when they were asked last. */
export interface Wanted {
  readonly person: Person;
  readonly user: User;
  /** All of the person. */
  readonly rows: readonly User[];
  /** As the OAuth server has just shown them. */
  readonly profile: Profile;
  readonly real: UserChange;
}
interface WriteResult {
  /** Who asked, as they stood directly before the write. */
  readonly actor: Actor;
  /** The person as they are there now. */
  readonly profile: Profile;
  /** What only rows of an adopted database held was written along. */
  readonly saysAll: boolean;
  /** Whether they log in by another address from here on. */
  readonly isOtherAddress: boolean;
}

/**
 * Writes a change at the OAuth server, as far as it is for there: the rights are asked once more, and then nothing is waited for but
 * the write, which takes what was asked about. Faults: `unauthenticated`, `forbidden`, `invalid-values`, `busy`, those of the server.
 */
export const writeChange = async (
  ports: Needs,
  command: UpdateUserCommand,
  wanted: Wanted,
  lease: Lease,
): Promise<WriteResult> => {
  const { user, rows, person, real } = wanted;
  const isWithheld = isWithheldFrom(command.actor, user);
  const siteClientIds = (await oauthClients(ports)).siteClientIds(command.site.id, person.issuer);
  const isKnown = isWithheld && !isStillMade(user, rows, wanted.profile, siteClientIds);
  if (isKnown && isEmptyChange(ofSiteOnly(real, command.site.config)))
    return keepInOwnRow(ports, command, wanted, lease);
  const unsaid = await unsaidBeside(ports, wanted, rows);
  const write = (): Promise<WriteResult> =>
    writeNow(ports, command, { ...wanted, profile: unsaid ?? wanted.profile }, lease, unsaid !== null);
  const { email = null, phoneNumber } = isKnown ? {} : real;
  const marking =
    email === null ? write : (): Promise<WriteResult> => withAddressMark(ports, person, email, lease, write);
  const setsLogin = email !== null || phoneNumber != null;
  const markingLogin = setsLogin
    ? (): Promise<WriteResult> => withLoginMark(ports, { actor: command.actor, user, person }, lease, marking)
    : marking;
  const isWord = vouchesByRole(command.actor, real.role, user);
  return isWord ? withWord(ports, person, lease, markingLogin) : markingLogin();
};

const keepInOwnRow = async (
  ports: Needs,
  command: UpdateUserCommand,
  { user, profile }: Wanted,
  lease: Lease,
): Promise<WriteResult> => {
  await lease.assertHeld();
  const { asked, places } = await askedNow(ports, command, user);
  judgedChange(asked, await personElsewhere(ports, asked, await oauthClients(ports), places, profile));
  return { actor: asked.actor, profile, saysAll: false, isOtherAddress: false };
};

const writeNow = async (
  ports: Needs,
  command: UpdateUserCommand,
  { person, user, profile, real }: Wanted,
  lease: Lease,
  saysAll: boolean,
): Promise<WriteResult> => {
  await lease.assertHeld();
  // Before the rights: nothing is waited for behind those but what they are asked about.
  const clients = await clientsFor(ports, { ...command, user });
  const { asked, places } = await askedNow(ports, command, user);
  const elsewhere = await personElsewhere(ports, asked, clients, places, profile);
  const isWithheld = isWithheldFrom(asked.actor, user);
  const rows = isWithheld ? await rowsOf(ports, person) : [user];
  const { site } = command;
  const there = {
    client: clients.credentials(person.issuer, [site.id]),
    clientId: clients.clientId(site.id, person.issuer),
    siteClientIds: clients.siteClientIds(site.id, person.issuer),
    profile,
    rows,
  };
  const change = changeThere(asked, real, there);
  const [before, after] = [profile.extraData ?? {}, change?.extraData];
  if (after !== undefined) mustFit(extraDataLimitErrors(before, after, site.id, isWithheld ? ownMeasures : undefined));
  // How full the person's record is by others is not told of somebody who was added: values that do not fit in there stay here.
  const isTooFull = after !== undefined && isWithheld && isTooFullFor(before, after, site.id);
  const permit = permitChange(asked, elsewhere, there, isTooFull ? 'but-extra-data' : 'all');
  const { actor } = asked;
  if (permit === null) return { actor, profile, saysAll: saysAll && !isTooFull, isOtherAddress: false };
  const answer = await ports.identity.update(permit);
  return {
    actor,
    profile: { ...answer, roles: { ...profile.roles, ...change?.roles } },
    saysAll: saysAll && !isTooFull,
    isOtherAddress: change?.email !== undefined,
  };
};

/** Who asks, and where the person is, as of now: one statement. `places` null: it did not seem to matter. */
const askedNow = async (
  ports: Needs,
  { actor, site, change }: UpdateUserCommand,
  user: User,
): Promise<{ readonly asked: AskedChange; readonly places: readonly PlaceRow[] | null }> => {
  const isAsked = needsPlaces({ actor, site, user, change });
  const [now, places] = await Promise.all([actorNow(ports, actor), isAsked ? knownPlaces(ports, user) : null]);
  return { asked: { actor: now, site, user, change }, places };
};

/** Null: the row is nobody's, or alone. */
const knownPlaces = async (
  { users }: Pick<Ports, 'users'>,
  { personId }: User,
): Promise<readonly PlaceRow[] | null> => {
  const rows = personId === null ? [] : await users.placeRows(personId);
  return rows.length === 0 ? null : rows;
};

const rowsOf = async ({ users }: Pick<Needs, 'users'>, { id }: Person): Promise<readonly User[]> =>
  (await users.person(id, 'plain'))?.rows ?? [];

/**
 * The profile with what only rows of an adopted database hold, where one of the five per-site fields is said: it is written along,
 * as what is cleared there could not be told from what was never said. Null: there is nothing of the kind.
 */
const unsaidBeside = async (
  ports: Needs,
  { person, profile, real }: Wanted,
  rows: readonly User[],
): Promise<Profile | null> => {
  if (!person.hasUnsaidFields || !perSiteFields.some((field) => real[field] !== undefined)) return null;
  const clients = await oauthClients(ports);
  const canHold = (text: string): boolean => ports.identity.refusesText(text) === null;
  return { ...profile, extraData: withUnsaid(profile.extraData ?? {}, rows, clients.site, canHold) };
};

/**
 * The sites as they are for a change: past the cache where it sets a role or by what somebody logs in, as another instance may have
 * made or moved one meanwhile. Reading all of them for every name would cost all who come next.
 */
const clientsFor = (ports: Pick<Needs, 'sites' | 'settings'>, asked: AskedChange): Promise<OauthClients> =>
  isLoginField(realChangeOf(asked)) ? oauthClientsNow(ports) : oauthClients(ports);

const isLoginField = ({ role, email, phoneNumber }: UserChange): boolean =>
  role !== undefined || email !== undefined || phoneNumber !== undefined;

/**
 * What the rules ask about beyond the row. `known`: the person's rows, where they are as of now; null: they are read, if need be. One
 * statement at most, two more where a row is at a site that is not known.
 */
export const personElsewhere = async (
  ports: Pick<Needs, 'users' | 'sites' | 'settings'>,
  asked: AskedChange,
  asKnown: OauthClients,
  known: readonly PlaceRow[] | null,
  said?: Pick<Profile, 'roles' | 'roleElsewhere'>,
): Promise<PersonElsewhere> => {
  const { users, settings } = ports;
  const { user, site } = asked;
  const issuer = user.person?.issuer ?? null;
  const isAsked = needsPlaces(asked) && user.personId !== null;
  const rows: readonly PlaceRow[] = isAsked ? (known ?? (await knownPlaces({ users }, user)) ?? [user]) : [user];
  // Gone, or made by another instance just now.
  const isStrange = (row: PlaceRow): boolean => isLive(row) && asKnown.site(row.siteId) === null;
  const clients = !asKnown.isNow && rows.some(isStrange) ? await oauthClientsNow(ports) : asKnown;
  const clientOf = (siteId: number | null): string | null =>
    issuer === null ? null : clients.clientId(siteId, issuer);
  const clientId = clientOf(site.id);
  return {
    places: placesOf(rows, { issuer, ...said }, clients),
    tokenRows: rows
      .filter(({ id }) => settings.fixedTokenUserIds.includes(id))
      .map(({ id, siteId }) => ({ id, sharesRole: clientId !== null && clientOf(siteId) === clientId })),
    sitesOfClient: issuer === null || clientId === null ? [site.id] : clients.sitesOfClient(issuer, clientId),
  };
};

/** Fault `invalid-values` for these, if any. */
export const mustFit = (errors: readonly FieldError[]): void => {
  if (errors.length > 0) throw invalidValues(errors);
};

/** Texts that the OAuth server cannot hold, so that it is never asked to. */
export const unholdable = (
  identity: Needs['identity'],
  { extraData = {}, ...fields }: UserChange,
): readonly FieldError[] =>
  [
    ...Object.entries(fields).map(
      ([field, value]) => [`/${field}`, typeof value === 'string' ? identity.refusesText(value) : null] as const,
    ),
    ...Object.entries(extraData).map(
      ([key, value]) => [`/extraData/${pointerToken(key)}`, identity.refusesEntry(key, value)] as const,
    ),
  ].flatMap(([pointer, detail]) => (detail === null ? [] : [{ pointer, detail }]));
