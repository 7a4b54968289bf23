import {
  judgedChange,
  type AskedChange,
  type PersonElsewhere,
  mustBeAbleToCreate,
  mustBeAddable,
  mustBeGrantable,
  withValuesOfSite,
  type Creation,
} from './users/write-rules.ts';
import { withoutSites, writeForSite } from './users/extra-data.ts';
import { sameJson } from './json.ts';
import {
  isLoginSetElsewhere,
  isRaised,
  isRoleHeldBack,
  isStillMade,
  isWithheldFrom,
  ofSiteOnly,
} from './people/vouching.ts';
import { withUnsaid } from './people/mirror.ts';
import type { OauthClient } from './sites/oauth-client.ts';
import { profileFields, type Profile, type ProfileChange } from './people/oauth-profile.ts';
import { type Person, isLive, type User } from './users/user.ts';
import type { UserRole } from './actor.ts';
import { isEmptyChange, profileChangeOf, siteValuesOf, type UserChange } from './users/user-change.ts';
import type { Place } from './users/user-rules.ts';

/** A write at an OAuth server, whole: as whom, to whom, what. */
interface Write {
  readonly client: OauthClient;
}
interface Creating extends Write {
  readonly person: Omit<ProfileChange, 'roles'> & { readonly email: string };
}
interface Updating extends Write {
  readonly externalId: string;
  readonly change: ProfileChange;
}
interface Removing extends Write {
  readonly externalId: string;
}

/**
 * That a write at an OAuth server was checked, as a value: adapters take nothing else. The class is not exported, so that only the
 * checks of this file make one; what was asked about is what is written, once. Source: user-api.md §1, docs/reference/neighbours.md.
 */
class Permit<W extends Write> {
  readonly #write: W;
  #isUsed = false;

  constructor(write: W) {
    this.#write = write;
  }

  get client(): OauthClient {
    return this.#write.client;
  }

  /** For the adapter that carries it out. A second use would be a write that nobody asked about again: a bug. */
  static use<W extends Write>(permit: Permit<W>): W {
    if (!(#write in permit)) throw new TypeError('this is no permit');
    if (permit.#isUsed) throw new Error('a permit is good for one write');
    permit.#isUsed = true;
    return permit.#write;
  }
}
export type CreatePermit = Permit<Creating>;
export type UpdatePermit = Permit<Updating>;
export type RemovePermit = Permit<Removing>;
export const usePermit = <W extends Write>(permit: Permit<W>): W => Permit.use(permit);

/** Somebody new, with what the body gives; their role comes after. Fault `forbidden`. */
export const permitCreation = (creation: Creation): CreatePermit => {
  mustBeAbleToCreate(creation);
  const { client, site, change } = creation;
  const given: Omit<ProfileChange, 'roles'> = Object.fromEntries(
    profileFields.filter((field) => change[field] != null).map((field) => [field, change[field]]),
  );
  return new Permit({
    client,
    person: {
      ...given,
      email: change.email.trim(),
      extraData: writeForSite({}, site.id, site.config, siteValuesOf(change)),
    },
  });
};

/** The values of this site, in somebody whom the OAuth server knew before; null: there is nothing to write. Fault `forbidden`. */
export const permitSiteValues = (
  creation: Creation,
  places: readonly Place[],
  profile: Profile,
): UpdatePermit | null => {
  mustBeAbleToCreate(creation);
  mustBeAddable(creation, places);
  const extraData = withValuesOfSite(creation, profile);
  if (sameJson(extraData, profile.extraData ?? {})) return null;
  return new Permit({ client: creation.client, externalId: profile.externalId, change: { extraData } });
};

/** Whether the role that a body gives, or a member's, is not the one that somebody has there (null: none). */
export const isRoleToWrite = ({ role }: Pick<UserChange, 'role'>, present: UserRole | null): boolean =>
  (role ?? present ?? 'member') !== present;

/**
 * The role at the creation's client; null: they have it. `present`: what they have there. Without a wish it stays, and whoever has
 * none is a member; so it is where by what they log in was set elsewhere (`loginSetAt`), and the wish waits in the row. Fault
 * `forbidden`.
 */
export const permitRole = (
  creation: Creation,
  externalId: string,
  present: UserRole | null,
  loginSetAt: Person['loginSetAt'],
): UpdatePermit | null => {
  mustBeAbleToCreate(creation);
  const { client, site, change } = creation;
  const asked = change.role ?? present ?? 'member';
  if (!isRoleToWrite(change, present)) return null;
  mustBeGrantable(creation, present);
  const isHeldBack = isRaised(asked, present ?? 'all') && isLoginSetElsewhere(loginSetAt, site.id);
  const wanted = isHeldBack ? (present ?? 'member') : asked;
  if (wanted === present) return null;
  return new Permit({ client, externalId, change: { roles: { [client.clientId]: wanted } } });
};

/** The person whose row is changed, as they are at the OAuth server now, and who we are there. */
interface There {
  readonly client: OauthClient;
  /** The client on which the role of the row's site hangs; null: there is none. */
  readonly clientId: string | null;
  /** All that the site is there. */
  readonly siteClientIds: readonly string[];
  /** With roles at all clients of ours, where the row is withheld. */
  readonly profile: Profile;
  /** All rows of the person, where the row is withheld; else the row alone. */
  readonly rows: readonly User[];
}

/**
 * The part of a change to write at the OAuth server; null: none. `part: 'but-extra-data'` leaves out extraData, which would not fit
 * there. Others write the fields of the whole person into the row only, where the person was added by address and has not logged in,
 * unless the row made them. Fault `forbidden`.
 */
export const permitChange = (
  asked: AskedChange,
  elsewhere: PersonElsewhere,
  there: There,
  part: 'all' | 'but-extra-data' = 'all',
): UpdatePermit | null => {
  const whole = changeThere(asked, judgedChange(asked, elsewhere), there);
  if (whole === null) return null;
  const { extraData, ...fields } = whole;
  const change = part === 'all' && extraData !== undefined ? whole : fields;
  if (Object.keys(change).length === 0) return null;
  return new Permit({ client: there.client, externalId: there.profile.externalId, change });
};

/** What `permitChange` would write, without asking whether the actor may: to measure its size, and to see which roles and address it changes. */
export const changeThere = (
  { actor, user, site }: AskedChange,
  real: UserChange,
  { clientId, siteClientIds, profile, rows }: Omit<There, 'client'>,
): ProfileChange | null => {
  const fieldsThere = (fields: UserChange): ProfileChange => profileChangeOf(fields, profile.extraData ?? {}, site);
  const isForRowOnly = isWithheldFrom(actor, user) && !isStillMade(user, rows, profile, siteClientIds);
  const change = isForRowOnly ? ofSiteOnly(real, site.config) : real;
  // Until they come, nobody can say whether they are whom the site means. What they have is what the server says, not the row.
  const { role, ...rest } = change;
  const present = (clientId === null ? null : profile.roles?.[clientId]) ?? 'member';
  if (isWithheldFrom(actor, user) && isRoleHeldBack(role, user, present))
    return isEmptyChange(rest) ? null : fieldsThere(rest);
  if (isEmptyChange(change)) return null;
  const roles = role === undefined ? {} : { roles: clientId === null ? {} : { [clientId]: role } };
  return { ...fieldsThere(change), ...roles };
};

/** Without the values of sites where none of these rows is live; null: there are none. */
export const permitWithdrawal = (
  client: OauthClient,
  profile: Profile,
  siteIds: readonly number[],
  rows: readonly User[],
): UpdatePermit | null => {
  if (profile.extraData === undefined) return null;
  const left = siteIds.filter((siteId) => !rows.some((row) => isLive(row) && row.siteId === siteId));
  const extraData = withoutSites(profile.extraData, left);
  if (sameJson(extraData, profile.extraData)) return null;
  return new Permit({ client, externalId: profile.externalId, change: { extraData } });
};

/** With what only rows of an adopted database hold, of somebody whose issuer has not heard of all of it; null: it has. */
export const permitSaying = (
  client: OauthClient,
  person: Person,
  profile: Profile,
  ...unsaid: Parameters<typeof withUnsaid> extends [unknown, ...infer Rest] ? Rest : never
): UpdatePermit | null => {
  if (!person.hasUnsaidFields || profile.extraData === undefined) return null;
  const extraData = withUnsaid(profile.extraData, ...unsaid);
  if (sameJson(extraData, profile.extraData)) return null;
  return new Permit({ client, externalId: person.externalId, change: { extraData } });
};

/** Of a person who is taken for removal, ours, and kept by none of their rows; else why not. */
export const permitRemoval = (
  client: OauthClient,
  person: Person,
  keeping: readonly User[],
): RemovePermit | 'rows-elsewhere' | 'not-ours' => {
  if (keeping.length > 0 || person.state !== 'removing') return 'rows-elsewhere';
  return person.isOursToRemove ? new Permit({ client, externalId: person.externalId }) : 'not-ours';
};
