import { sameJson } from '../../domain/json.ts';
import { withUnsaid } from '../../domain/people/mirror.ts';
import type { Profile } from '../../domain/people/oauth-profile.ts';
import { permitSaying } from '../../domain/permit.ts';
import type { Person, User } from '../../domain/users/user.ts';
import type { Ports } from '../../ports/index.ts';
import type { Lease } from '../../ports/unit-of-work.ts';
import type { HandlerResult, MessageHandler } from '../outbox/deliver-message.ts';
import { oauthClients, type OauthClients } from '../oauth-clients.ts';
import { personLeaseName, refreshKey } from '../person-keys.ts';

type Needs = Pick<Ports, 'users' | 'persons' | 'sites' | 'settings' | 'identity' | 'secrets' | 'outbox' | 'withLease'>;

/**
 * After a refresh of somebody from an adopted database, in its transaction: the wish to write what the server has never heard of,
 * or, where there is nothing of the kind, the end of it. Source: oauth-server.md §3 "The first fetch", docs/adr/0017.
 */
export const wishToSay = async (
  { identity, persons, outbox }: Pick<Ports, 'identity' | 'persons' | 'outbox'>,
  { site }: OauthClients,
  personId: number,
  rows: readonly User[],
  { extraData }: Profile,
): Promise<void> => {
  // Not said at all: nothing is known of what is missing.
  if (extraData === undefined) return;
  const isUnsaid = (canHold: (text: string) => boolean): boolean =>
    !sameJson(withUnsaid(extraData, rows, site, canHold), extraData);
  if (!isUnsaid(() => true)) return persons.setSaid(personId);
  // What the server cannot hold stays with the rows.
  if (!isUnsaid(holdableBy(identity))) return;
  const message = { topic: 'person.say-unsaid', key: refreshKey(personId), payload: { personId } } as const;
  // One that waits may be in somebody's hands.
  if ((await outbox.findLocked(message.topic, message.key)) === null) await outbox.add(message);
};

/** Writes it, under the person's lease; the second time everything is said. */
export const sayUnsaid =
  (ports: Needs): MessageHandler<'person.say-unsaid'> =>
  async ({ payload, attempts }) => {
    const person = await ports.persons.find(payload.personId);
    if (person?.hasUnsaidFields !== true) return { outcome: 'not-needed', settle: () => Promise.resolve() };
    const outcome = await ports.withLease(personLeaseName(ports.secrets, person), (lease) =>
      say(ports, person, attempts, lease),
    );
    return { outcome, settle: () => (outcome === 'done' ? ports.persons.setSaid(person.id) : Promise.resolve()) };
  };

const say = async (ports: Needs, person: Person, attempts: number, lease: Lease): Promise<HandlerResult['outcome']> => {
  const clients = await oauthClients(ports);
  const known = (await ports.users.person(person.id, 'plain'))?.rows ?? [];
  const sites = known.map(({ siteId }) => siteId);
  const credentials = clients.credentials(person.issuer, sites, attempts);
  if (!ports.identity.can(credentials, 'update')) return 'unsupported';
  const profile = await ports.identity.find(credentials, person.externalId, []);
  if (profile?.extraData === undefined) return profile === null ? 'unknown-there' : 'unsupported';
  await lease.assertHeld();
  // As they are now: while the server was asked, rows may have gone.
  const rows = (await ports.users.person(person.id, 'plain'))?.rows ?? [];
  const unsaid = [rows, clients.site, holdableBy(ports.identity)] as const;
  const permit = permitSaying(credentials, person, profile, ...unsaid);
  if (permit !== null) await ports.identity.update(permit);
  const extraData = withUnsaid(profile.extraData, ...unsaid);
  const isAll = sameJson(
    withUnsaid(extraData, rows, clients.site, () => true),
    extraData,
  );
  return isAll ? 'done' : 'unsupported';
};

const holdableBy =
  ({ refusesText }: Pick<Ports['identity'], 'refusesText'>) =>
  (text: string): boolean =>
    refusesText(text) === null;
