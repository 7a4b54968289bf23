import { extraDataErrors } from '../domain/extra-data-rules.ts';
import { Fault, type FieldError } from '../domain/fault.ts';
import { invalidValues, pointerToken } from '../domain/invalid-values.ts';
import { highestRole, isPlatformAdmin } from '../domain/actor.ts';
import { onePostcode, realChange, type UserChange } from '../domain/user-change.ts';
import { mustBeAbleToActOn, mustReachPerson, mustWriteFields, reachesPerson, refuse } from '../domain/user-rules.ts';
import { isLive, type User } from '../domain/user.ts';
import { isFoundAnonymized } from '../domain/written-past-us.ts';
import type { Ports } from '../ports/index.ts';
import type { UpdateUserCommand } from './commands.ts';
import { oauthClients } from './oauth-clients.ts';

type Needs = Pick<Ports, 'users' | 'sites' | 'settings' | 'identity'>;

/**
 * What of the asked change would really change this user, once all rules agree: the actor may act on the row, write each
 * field, reach the whole person where a field does, and every value fits. Nothing was written anywhere. Source: user-api.md §1–4.
 */
export const checkChange = async (
  ports: Needs,
  { actor, site, change: written }: UpdateUserCommand,
  user: User,
): Promise<UserChange> => {
  mustBeAbleToActOn(actor, user);
  if (user.anonymizedAt !== null || isFoundAnonymized(user, user.person))
    throw new Fault('conflict', { rule: 'already-anonymized' }, 'An anonymized user cannot be changed.');
  const change = onePostcode(user, written);
  const real = realChange(user, change);
  const clients = await oauthClients(ports);
  const clientId = user.person === null ? null : clients.clientId(site.id, user.person.issuer);
  const sitesOfClient =
    user.person === null || clientId === null ? [site.id] : clients.sitesOfClient(user.person.issuer, clientId);
  mustWriteFields(actor, user, site, change, real, sitesOfClient);
  // Its role holds on every site: an admin of one could else make a token of theirs the admin of all.
  if (real.role !== undefined && ports.settings.fixedTokenUserIds.includes(user.id) && !isPlatformAdmin(actor))
    refuse(actor, 'platform-admin-needed', 'role');
  if (reachesPerson(real, site.config) && user.personId !== null) {
    const held = await ports.users.person(user.personId, 'plain');
    mustReachPerson(actor, user, highestRole((held?.rows ?? [user]).filter(isLive)));
  }
  mustFit([
    ...extraDataErrors(real.extraData ?? {}, site.config, user.extraData),
    ...(user.person === null ? [] : unholdable(ports.identity, real)),
  ]);
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
