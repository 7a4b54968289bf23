import { permitWithdrawal } from '../../domain/permit.ts';
import type { Person } from '../../domain/users/user.ts';
import type { Ports } from '../../ports/index.ts';
import type { Lease } from '../../ports/unit-of-work.ts';
import type { Message } from '../../ports/outbox.ts';
import { recordOutcome } from '../audit/entries.ts';
import { oauthClients } from '../oauth-clients.ts';
import { mustBeWhom, personLeaseName, removalKey } from '../person-keys.ts';
import { endTooOld, openOperations } from './identity-cleanup.ts';
import type { MessageHandler } from './deliver-message.ts';

type Needs = Pick<
  Ports,
  | 'users'
  | 'persons'
  | 'findings'
  | 'sites'
  | 'settings'
  | 'identity'
  | 'secrets'
  | 'outbox'
  | 'audit'
  | 'clock'
  | 'log'
  | 'withLease'
>;
type Withdrawn = 'done' | 'unsupported';

/**
 * Withdraws the person's `{value, siteId}` entries of the sites they left; never plain values, and not those of a site where
 * they have a row again. A person row to which nothing belongs any more, and no message, goes. Source: anonymization.md §2.
 */
export const withdrawValues =
  (ports: Needs): MessageHandler<'person.withdraw-values'> =>
  async (message) => {
    const operations = await openOperations(ports, 'oauth-values', message);
    if (operations === null) return { outcome: 'not-needed', settle: () => endTooOld(ports, message) };
    const person = await ports.persons.find(message.payload.personId);
    if (person !== null) mustBeWhom(ports, person, message.payload.whom);
    const withdrawn =
      person === null
        ? 'done'
        : await ports.withLease(personLeaseName(ports.secrets, person), (lease) =>
            withdraw(ports, person, message, lease),
          );
    return {
      outcome: withdrawn,
      settle: async () => {
        await recordOutcome(ports, 'oauth-values', withdrawn, operations);
        const held = await ports.users.person(message.payload.personId, 'locked');
        if (held?.person?.state !== 'active' || held.rows.length > 0) return;
        if (message.payload.isLeftBehind === true) return;
        // A removal that waits finds out by the person row who is meant: without it, it would do nothing and call that done.
        const isAwaited = (await ports.outbox.findLocked('person.remove', removalKey(held.person.id))) !== null;
        if (isAwaited) return;
        const { id, issuer, externalId, loginSetAt } = held.person;
        if (loginSetAt !== null) await ports.persons.rememberLoginSet(issuer, externalId);
        await ports.persons.remove(id);
      },
    };
  };

const withdraw = async (
  ports: Needs,
  person: Person,
  { payload, attempts }: Message<'person.withdraw-values'>,
  lease: Lease,
): Promise<Withdrawn> => {
  const clients = await oauthClients(ports);
  const credentials = clients.credentials(person.issuer, payload.siteIds, attempts);
  // Where we cannot write, no value of ours ever was.
  if (!ports.identity.can(credentials, 'update')) return 'unsupported';
  const profile = await ports.identity.find(credentials, person.externalId, []);
  if (profile === null) return 'done';
  await lease.assertHeld();
  // As they are now: while the server was asked, they may have come back.
  const rows = (await ports.users.person(person.id, 'plain'))?.rows ?? [];
  const permit = permitWithdrawal(credentials, profile, payload.siteIds, rows);
  if (permit !== null) await ports.identity.update(permit);
  return 'done';
};
