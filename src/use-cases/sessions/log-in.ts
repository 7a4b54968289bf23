import { addressesWritten, bringsAnother } from '../../domain/people/vouching.ts';
import { wantingOf } from '../../domain/people/assign-addresses.ts';
import { Fault } from '../../domain/fault.ts';
import { mirrored } from '../../domain/people/mirror.ts';
import { blankRow, type Person, isLive, type User, type UserRow } from '../../domain/users/user.ts';
import { clientAtIssuer, oauthClientOf, type OauthClient } from '../../domain/sites/oauth-client.ts';
import type { Profile } from '../../domain/people/oauth-profile.ts';
import { atLeast, type UserRole } from '../../domain/actor.ts';
import type { Session } from '../../domain/session.ts';
import { rules } from '../../domain/refusals.ts';
import type { LoggedIn } from '../../ports/identity-provider.ts';
import type { Ports } from '../../ports/index.ts';
import type { Lease } from '../../ports/unit-of-work.ts';
import { oauthClients } from '../oauth-clients.ts';
import type { DeliverMessage } from '../outbox/deliver-message.ts';
import { loginName, personLeaseName, refreshKey, addressFingerprint } from '../person-keys.ts';
import {
  giveAddresses,
  mirrorOf,
  saveChanged,
  isLeftAsFound,
  type AcceptForeignWritesNeeds,
} from '../person-sync/write-rows.ts';
import { beingRemoved } from '../users/creation-intent.ts';
import type { LogInCommand, LoginProvider, LoginThrough } from './commands.ts';
import {
  currentProfile,
  foundAnonymized,
  hasForeignWrite,
  isLeaving,
  noLongerVouchedFor,
  type LoginProfile,
} from './login-profile.ts';

type Needs = AcceptForeignWritesNeeds &
  Pick<Ports, 'persons' | 'replays' | 'secrets' | 'withLease' | 'inOneTransaction'>;

/**
 * Somebody came back from the OAuth server: their row at this site is found, revived or made, all rows of the person mirror the
 * profile, and a session begins, in one transaction under the lease on the person. Each login counts once (`state`).
 * Faults: `forbidden` (rule `site-creates-no-users`), `login-refused`, `person-being-removed`, `busy`, `oauth-not-configured`,
 * those of the OAuth server. Source: oauth-server.md §4, anonymization.md §3, docs/adr/0008.
 */
export const logIn =
  (ports: Needs, deliver: DeliverMessage) =>
  async (command: LogInCommand): Promise<Session> => {
    const client = loginClient(ports, command);
    const { externalId } = command.loggedIn.profile;
    const leaseName = personLeaseName(ports.secrets, { issuer: client.issuer, externalId });
    const { session, personId, isNewHere } = await ports.withLease(leaseName, async (lease) => {
      const profile = await currentProfile(ports, command, client);
      return ports.inOneTransaction(() => beginSession(ports, lease, command, client, profile));
    });
    // What a login says of somebody is not all: the rest is read at once, or by the outbox later.
    if (isNewHere)
      await ports.clock.within(
        deliver({ topic: 'person.refresh', key: refreshKey(personId) }),
        ports.settings.oauthTimeLimitMs,
      );
    return session;
  };

interface BegunSession {
  readonly session: Session;
  readonly personId: number;
  /** Whether the row holds for the first time, or again, what the OAuth server says, and there is more to be asked of it. */
  readonly isNewHere: boolean;
}

const beginSession = async (
  ports: Needs,
  lease: Lease,
  command: LogInCommand,
  client: OauthClient,
  { profile, isCleared }: LoginProfile,
): Promise<BegunSession> => {
  const { site, loggedIn } = command;
  await lease.assertHeld();
  await countOnce(ports, command.state);
  const { person, rows, wasRemoved } = await ports.persons.ensureWithRows(client.issuer, profile.externalId, true);
  if (wasRemoved) throw noLongerVouchedFor();
  if (person.state === 'removing') throw beingRemoved();
  if (person.isUnclaimed) await ports.persons.setUnclaimed(person.id, false);
  const asFound = rows.filter((row) => isLeftAsFound(ports, row));
  if (asFound.some((row) => row.siteId === site.id)) throw foundAnonymized();
  // Another program has changed rows since the profile was read: whoever comes again is read anew.
  if (rows.some((row) => hasForeignWrite(row) && !asFound.includes(row))) throw beingRemoved();
  // Anonymized since we looked: the values that have to leave are still in this profile.
  if (!isCleared && (await isLeaving(ports, person.id, site.id))) throw beingRemoved();

  const before = ownRow(rows, site.id);
  if (before === undefined && !site.config.users.canCreateNewUsers)
    throw new Fault('forbidden', { rule: 'site-creates-no-users' }, rules['site-creates-no-users']);
  const now = ports.clock.now();
  // A site may have several clients at one server; its roles hang on one of them, as for every other reading of the profile.
  const { clientId } = clientAtIssuer(site, client.issuer, ports.settings.globalOauthClient) ?? client;
  const isUnsaid = (before === undefined || !isLive(before)) && clientId !== client.clientId;
  const arriving = isUnsaid ? { ...profile, roles: { [clientId]: null } } : profile;
  const addressWritten = await stillWritten(ports, person, rows, profile);
  const arrived = (row: User): UserRow =>
    mirrored(
      {
        ...row,
        profileWithheld: false,
        addressWritten,
        complete: true,
        lastLogin: now,
        deletedAt: null,
        ...(ports.settings.isBesideOpenstad ? { externalAccessToken: storable(loggedIn.accessToken) } : {}),
      },
      arriving,
      site,
      clientId,
      person.hasUnsaidFields ? 'is-not-said' : 'means-nothing',
    );
  const clients = await oauthClients(ports);
  const mirror = mirrorOf(clients, person, profile);
  const next = (row: User): UserRow => (row.id === before?.id ? arrived(row) : { ...mirror(row), addressWritten });
  // Everybody sees that a row is back; that there was a login, only who sees details.
  const back = before !== undefined && !isLive(before) ? before.id : null;
  await saveChanged(ports, rows, next, { siteOf: clients.site, through: back });
  const blank = (): User => ({
    id: 0,
    ...blankRow(site.id, person.id, profile.externalId, now),
    person: { ...person, isOursToRemove: true },
  });
  const userId = before?.id ?? (await ports.users.insert(await withGivenAddress(ports, arrived(blank()), person)));
  // Where nobody can be asked about by id, a login is all that is ever said.
  if (!ports.identity.can(client, 'find')) await ports.persons.setFetchedAt(person.id, now);
  const isNewHere =
    ports.identity.can(client, 'find') && (before === undefined || !isLive(before) || before.profileWithheld);
  if (isNewHere)
    await ports.outbox.addMerged(
      { topic: 'person.refresh', key: refreshKey(person.id), payload: { personId: person.id } },
      ({ freedBy = [] }) => ({ personId: person.id, freedBy }),
      'free',
    );
  const saved = await ports.users.find(site.id, userId);
  const session = sessionOf(ports, command, client, userId, saved?.role ?? 'member');
  await ports.sessions.open(session);
  return { session, personId: person.id, isNewHere };
};

/** What was written as the address through us, while that proves nothing; a write that may yet have to be healed may be the one. */
const stillWritten = async (
  { outbox, secrets }: Needs,
  { id }: Person,
  rows: readonly User[],
  { email }: Profile,
): Promise<string | null> => {
  const written = addressesWritten(rows);
  const isProven =
    written !== null &&
    email != null &&
    bringsAnother(written, addressFingerprint(secrets, email)) &&
    (await outbox.findLocked('person.refresh', refreshKey(id))) === null;
  return isProven ? null : written;
};

/** An address that somebody else keeps at this site stays out of the row; it is no reason not to come in. */
const withGivenAddress = async (ports: Needs, row: UserRow, { issuer }: Person): Promise<UserRow> => {
  const refused = await giveAddresses(ports, [wantingOf(row, issuer)]);
  return refused.size > 0 ? { ...row, email: null } : row;
};

/** One state, one login, whoever holds the cookie: the second finds it used. */
export const countOnce = async (
  { replays, secrets }: Pick<Ports, 'replays' | 'secrets'>,
  state: string,
): Promise<void> => {
  const scope = secrets.fingerprint('used login', state);
  if ((await replays.find(scope)) !== null)
    throw new Fault('login-refused', { reason: 'state' }, 'This login has been used: log in again.');
  await replays.remember(scope, { body: '', summary: '' });
};

/** Of several rows at one site (old databases have them) the first live one; a soft-deleted one only if it is the one that login makes. */
const ownRow = (rows: readonly User[], siteId: number): User | undefined => {
  const here = rows
    .filter((row) => row.siteId === siteId && row.anonymizedAt === null)
    .sort((one, other) => one.slot - other.slot);
  return here.find(isLive) ?? here.find((row) => row.slot === 0);
};

const sessionOf = (
  ports: Needs,
  { provider, loggedIn }: LogInCommand,
  client: OauthClient,
  userId: number,
  role: UserRole,
): Session => {
  const { staff, others } = ports.settings.sessionSeconds;
  // A token has no more powers than its site's row anywhere, so that row's role says how long.
  const seconds = atLeast(role, 'moderator') ? staff : others;
  return { userId, provider, ...begun(ports, loggedIn, client, seconds) };
};

/** What every session has of its login. */
export const begun = (
  { secrets, clock }: Pick<Ports, 'secrets' | 'clock'>,
  { accessToken, accessTokenExpiresAt, sid: name }: LoggedIn,
  { issuer }: OauthClient,
  seconds: number,
): Omit<Session, 'userId' | 'provider'> => {
  const now = clock.now();
  const sid = name === null ? null : loginName(secrets, issuer, name);
  const expiresAt = new Date((Math.floor(now.getTime() / 1000) + seconds) * 1000);
  return {
    jti: secrets.newToken(),
    ...{ accessToken, accessTokenExpiresAt, sid },
    ...{ checkedAt: now, createdAt: now, expiresAt },
  };
};

/** OpenStad's column is that long; a token that is longer is of no use there. */
const storable = (token: string | null): string | null => (token !== null && token.length <= 2048 ? token : null);

/** The OAuth server that a login goes through, as http speaks with it. Fault `oauth-not-configured` for an unknown name. */
export const loginProvider =
  (ports: Pick<Ports, 'settings' | 'identity'>) =>
  ({ site, provider }: LoginThrough): LoginProvider => {
    const { identity } = ports;
    const client = loginClient(ports, { site, provider });
    const after = client.settings['after-login-redirect-uri'];
    return {
      issuer: client.issuer,
      clientId: client.clientId,
      afterLogin: after === undefined || after === '' ? null : after,
      stateIsIn: identity.stateIsIn(client),
      authorizationAddress: (wish) => identity.authorizationAddress(client, wish),
      exchange: (answer) => identity.exchange(client, answer),
      logoutAddress: (redirectUrl) => identity.logoutAddress(client, redirectUrl),
    };
  };

/** Who we are at the OAuth server that the site calls so; without a site at the global one. Fault `oauth-not-configured`. */
export const loginClient = ({ settings }: Pick<Ports, 'settings'>, { site, provider }: LoginThrough): OauthClient => {
  const globals = settings.globalOauthClient;
  const client = site === null ? globals : oauthClientOf(site, provider, globals);
  if (client !== null) return client;
  const sentence =
    site === null ? 'There is no global OAuth server: name a site.' : 'This site has no OAuth server of that name.';
  throw new Fault('oauth-not-configured', { provider }, sentence);
};
