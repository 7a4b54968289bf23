import { extraDataLimitErrors, firstSightErrors, siteValuesOf } from '../../domain/users/user-change.ts';
import { extraDataErrors, writeForSite } from '../../domain/users/extra-data.ts';
import { Fault } from '../../domain/fault.ts';
import { mustBeCreator } from '../../domain/users/user-rules.ts';
import { refuse } from '../../domain/refusals.ts';
import type { User } from '../../domain/users/user.ts';
import { oauthUnsupported } from '../../ports/identity-provider.ts';
import type { Ports } from '../../ports/index.ts';
import { actorNow, nameOf } from '../actor-now.ts';
import { creationKey } from '../person-keys.ts';
import { mustBeGivable } from '../person-sync/write-rows.ts';
import { mustFit, unholdable } from './write-change.ts';
import type { CreateUserCommand } from './commands.ts';
import { onceOnly, checkCreationAsKnown, type Intent } from './creation-intent.ts';
import { finishCreation } from './creation.ts';

type Needs = Omit<Ports, 'inOneSnapshot'>;

/**
 * Makes a user: the person is found at the OAuth server by address, else created there; then the row. Everything is validated
 * before the OAuth server hears of it. An intent is written before anything is written there, so that a crash in the middle is finished
 * later.
 * Faults: `forbidden`, `unauthenticated`, `invalid-values`, `conflict`, `oauth-not-configured`, `oauth-unsupported`,
 * `person-being-removed`, `busy`, those of the OAuth server. Source: user-api.md §3 "Create".
 */
export const createUser =
  (ports: Needs) =>
  async (command: CreateUserCommand): Promise<User> => {
    const { actor, site, change } = command;
    mustBeCreator(actor, site);
    mustFit(firstSightErrors({ extraData: {} }, change, site));
    mustFit([
      ...extraDataErrors(change.extraData ?? {}, site.config),
      ...unholdable(ports.identity, change),
      ...extraDataLimitErrors({}, writeForSite({}, site.id, site.config, siteValuesOf(change)), site.id),
    ]);
    const provider = command.provider ?? actor.provider;
    const { client } = await checkCreationAsKnown(ports, { actor, siteId: site.id, provider, change });
    if (!ports.identity.can(client, 'create')) throw oauthUnsupported('create');

    await mustBeGivable(ports, {
      ...{ id: 0, siteId: site.id, email: change.email, personId: null, slot: 0, deletedAt: null },
      issuer: client.issuer,
    });
    const key = creationKey(ports.secrets, client.issuer, change.email);
    const intent: Intent = {
      siteId: site.id,
      provider,
      change,
      actor: nameOf(actor) ?? refuse(actor, 'moderator-needed'),
      issuer: client.issuer,
      clientId: client.clientId,
      key,
      creating: false,
      made: null,
      ...onceOnly(ports),
    };
    return ports.withLease(`create:${key}`, async (lease) => {
      const userId = await finishCreation(ports)(intent, lease, () => actorNow(ports, actor), 'begins');
      const user = userId === null ? null : await ports.users.find(site.id, userId);
      if (user === null) throw new Fault('busy', { retryAfterSeconds: 1 }, 'The user was removed while being created.');
      return user;
    });
  };
