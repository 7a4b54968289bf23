import { extraDataErrors } from '../domain/extra-data-rules.ts';
import { Fault, type FieldError } from '../domain/fault.ts';
import { isPlatformAdmin } from '../domain/actor.ts';
import { invalidValues, pointerToken } from '../domain/invalid-values.ts';
import type { Profile } from '../domain/oauth-profile.ts';
import { onePostcode, realChange, type UserChange } from '../domain/user-change.ts';
import {
  isMeansOfLogin,
  judgedFields,
  mustBeAbleToActOn,
  mustReachPerson,
  mustWriteFields,
  reachesPerson,
  refuse,
} from '../domain/user-rules.ts';
import type { User } from '../domain/user.ts';
import { isWithheldFrom } from '../domain/withheld.ts';
import { isFoundAnonymized } from '../domain/written-past-us.ts';
import type { Ports } from '../ports/index.ts';
import type { UpdateUserCommand } from './commands.ts';
import { oauthClients } from './oauth-clients.ts';
import { placesOf } from './person-places.ts';

type Needs = Pick<Ports, 'users' | 'sites' | 'settings' | 'identity'>;

/**
 * What of the asked change would really change this user, once all rules agree: the actor may act on the row, write each
 * field, reach the whole person where a field does, and every value fits. Nothing was written anywhere. `said`: the person as the
 * OAuth server has just shown them, with their roles at all clients of ours: who is staff somewhere without a row is staff, too.
 * Source: user-api.md §1–4.
 */
export const checkChange = async (
  ports: Needs,
  { actor, site, change: written }: UpdateUserCommand,
  user: User,
  said?: Pick<Profile, 'roles'>,
): Promise<UserChange> => {
  mustBeAbleToActOn(actor, user);
  const change = onePostcode(user, written);
  const real = realChange(user, change);
  mustFit([
    ...extraDataErrors(real.extraData ?? {}, site.config, user.extraData),
    ...(user.person === null ? [] : unholdable(ports.identity, real)),
  ]);
  const clients = await oauthClients(ports);
  const issuer = user.person?.issuer ?? null;
  const clientOf = (siteId: number | null): string | null =>
    issuer === null ? null : clients.clientId(siteId, issuer);
  const clientId = clientOf(site.id);
  // What others write into a withheld row stays there, but for a role: a refusal must not tell where else they are.
  const withheld = isWithheldFrom(actor, user);
  const reaches = withheld ? real.role !== undefined : reachesPerson(real, site.config);
  const isWhole = reaches || (!withheld && judgedFields(actor, user, site, change, real).some(isMeansOfLogin));
  const held = isWhole && user.personId !== null ? await ports.users.person(user.personId, 'plain') : null;
  const rows = held?.rows ?? [user];
  const named = rows.filter(({ id }) => ports.settings.fixedTokenUserIds.includes(id));
  const places = placesOf(rows, { issuer, roles: said?.roles }, clients);
  const reached = {
    places: withheld ? [user] : places,
    isNamedByFixedToken: withheld ? named.some(({ id }) => id === user.id) : named.length > 0,
    sitesOfClient: issuer === null || clientId === null ? [site.id] : clients.sitesOfClient(issuer, clientId),
  };
  mustWriteFields(actor, user, site, change, real, reached);
  // A fixed token's role holds on every site: an admin of one could else make a token of theirs the admin of all, by any row that shares it.
  const isTokens = named.some(
    ({ id, siteId }) => id === user.id || (clientId !== null && clientOf(siteId) === clientId),
  );
  if (real.role !== undefined && isTokens && !isPlatformAdmin(actor)) refuse(actor, 'platform-admin-needed', 'role');
  if (reaches) mustReachPerson(actor, user, { places });
  if (user.anonymizedAt !== null || isFoundAnonymized(user, user.person))
    throw new Fault('conflict', { rule: 'already-anonymized' }, 'An anonymized user cannot be changed.');
  return real;
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
