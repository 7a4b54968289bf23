import { extraDataErrors } from '../../domain/users/extra-data-rules.ts';
import {
  isWhole,
  judgedChange,
  realChangeOf,
  type AskedChange,
  type Surroundings,
} from '../../domain/users/change-rules.ts';
import { newKeyErrors, rowLimitErrors } from '../../domain/users/extra-data-limits.ts';
import type { FieldError } from '../../domain/fault.ts';
import { invalidValues, pointerToken } from '../../domain/users/invalid-values.ts';
import type { Profile } from '../../domain/people/oauth-profile.ts';
import type { UserChange } from '../../domain/users/user-change.ts';
import { mustBeAbleToActOn } from '../../domain/users/user-rules.ts';
import { isLive, type User } from '../../domain/users/user.ts';
import type { Ports } from '../../ports/index.ts';
import { oauthClients, oauthClientsNow, type OauthClients } from '../oauth-clients.ts';
import { placesOf } from '../person-places.ts';

type Needs = Pick<Ports, 'users' | 'sites' | 'settings' | 'identity'>;

/**
 * What of the asked change would really change this user, once all rules agree, and every value fits. Nothing was written anywhere.
 * `said`: the person as the OAuth server has just shown them, with their roles at all clients of ours: who is staff somewhere
 * without a row is staff, too. Source: user-api.md §1–4.
 */
export const checkChange = async (
  ports: Needs,
  asked: AskedChange,
  said?: Pick<Profile, 'roles' | 'roleElsewhere'>,
): Promise<UserChange> => {
  const { actor, user, site } = asked;
  mustBeAbleToActOn(actor, user);
  const real = realChangeOf(asked);
  mustFit(newKeyErrors(user, real, site));
  mustFit([
    ...extraDataErrors(real.extraData ?? {}, site.config, user.extraData),
    ...(user.person === null ? [] : unholdable(ports.identity, real)),
    ...rowLimitErrors(user, real, site),
  ]);
  return judgedChange(asked, await surroundingsOf(ports, asked, await oauthClients(ports), said));
};

/**
 * The sites as they are for a change: past the cache where it sets a role or by what somebody logs in, as another instance may have
 * made or moved one meanwhile. Reading all of them for every name would cost all who come next.
 */
export const clientsFor = (ports: Needs, asked: AskedChange): Promise<OauthClients> =>
  isLoginField(realChangeOf(asked)) ? oauthClientsNow(ports) : oauthClients(ports);

const isLoginField = ({ role, email, phoneNumber }: UserChange): boolean =>
  role !== undefined || email !== undefined || phoneNumber !== undefined;

/** What the rules ask about beyond the row. One statement at most, two more where a row is at a site that is not known. */
export const surroundingsOf = async (
  ports: Pick<Needs, 'users' | 'sites' | 'settings'>,
  asked: AskedChange,
  asKnown: OauthClients,
  said?: Pick<Profile, 'roles' | 'roleElsewhere'>,
): Promise<Surroundings> => {
  const { users, settings } = ports;
  const { user, site } = asked;
  const issuer = user.person?.issuer ?? null;
  const held = isWhole(asked) && user.personId !== null ? await users.person(user.personId, 'plain') : null;
  const rows = held?.rows ?? [user];
  // Gone, or made by another instance just now.
  const isStrange = (row: User): boolean => isLive(row) && asKnown.site(row.siteId) === null;
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
