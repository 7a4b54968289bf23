import { Fault } from '../../domain/fault.ts';
import { consoleSeconds, type Session } from '../../domain/session.ts';
import type { OauthClient } from '../../domain/sites/oauth-client.ts';
import { isFoundAnonymized, isLive, namesAnotherPerson, type User } from '../../domain/users/user.ts';
import type { Lease } from '../../ports/unit-of-work.ts';
import { personLeaseName } from '../person-keys.ts';
import { mirrorProfile } from '../person-sync/refresh-person.ts';
import { beingRemoved } from '../users/creation-intent.ts';
import type { ConsoleClaims, LogIntoConsoleCommand } from './commands.ts';
import { begun, countOnce, loginClient } from './log-in.ts';
import { noLongerVouchedFor } from './login-profile.ts';
import type { Ports } from '../../ports/index.ts';

type Needs = Parameters<typeof mirrorProfile>[0] & Pick<Ports, 'replays' | 'secrets' | 'withLease'>;

/**
 * Somebody came back from the OAuth server to the console: a session of the person begins, who has a row at some site already; nobody
 * is made. What the server says of them is asked when they first act, before anything counts; where it cannot be asked, the login
 * itself has said it. Each login counts once (`state`). Faults: `login-refused`, `person-being-removed`, `busy`,
 * `oauth-not-configured`. Source: people.md §6, docs/adr/0027.
 */
export const logIntoConsole =
  (ports: Needs) =>
  async (command: LogIntoConsoleCommand): Promise<ConsoleClaims> => {
    const client = loginClient(ports, command);
    const { externalId } = command.loggedIn.profile;
    const leaseName = personLeaseName(ports.secrets, { issuer: client.issuer, externalId });
    return ports.withLease(leaseName, (lease) =>
      ports.inOneTransaction(() => beginSession(ports, lease, command, client)),
    );
  };

const beginSession = async (
  ports: Needs,
  lease: Lease,
  { site, provider, loggedIn, state }: LogIntoConsoleCommand,
  client: OauthClient,
): Promise<ConsoleClaims> => {
  await lease.assertHeld();
  await countOnce(ports, state);
  const { profile } = loggedIn;
  // Whoever is refused below leaves nothing behind: not in this unit.
  const person = await ports.persons.ensure(client.issuer, profile.externalId, true);
  if (await ports.persons.hasTombstone(client.issuer, profile.externalId)) throw noLongerVouchedFor();
  if (person.state === 'removing') throw beingRemoved();
  const rows = (await ports.users.person(person.id, 'locked'))?.rows ?? [];
  const [first] = rows.filter(counts);
  if (first === undefined) throw unknownHere();
  if (person.isUnclaimed) await ports.persons.setUnclaimed(person.id, false);
  const canBeAsked = ports.identity.can(client, 'find');
  if (!canBeAsked) await mirrorProfile(ports, lease, person.id, profile);
  const session: Session = {
    ...begun(ports, loggedIn, client, consoleSeconds),
    ...(canBeAsked ? { checkedAt: never } : {}),
    userId: first.id,
    provider,
    console: { personId: person.id, siteId: site?.id ?? null },
  };
  await ports.sessions.open(session);
  return { jti: session.jti, personId: person.id };
};

const never = new Date(0);

const counts = (row: User): boolean =>
  isLive(row) &&
  row.anonymizedAt === null &&
  !isFoundAnonymized(row, row.person) &&
  !namesAnotherPerson(row, row.person);

const unknownHere = (): Fault<'login-refused'> =>
  new Fault(
    'login-refused',
    { reason: 'claims' },
    'This account is known at no site here. Log in at a site first, or with another account.',
  );
