import { isBeyond, type Actor, atLeast } from '../../domain/actor.ts';
import { isFault, isInRecord } from '../../domain/fault.ts';
import { oauthClientOf, type OauthClient } from '../../domain/sites/oauth-client.ts';
import { type Person, isLive, type User } from '../../domain/users/user.ts';
import type { Lease } from '../../ports/unit-of-work.ts';
import type { ActorQuestion } from '../commands.ts';
import { isFresh } from '../freshness.ts';
import { oauthClients, type OauthClients } from '../oauth-clients.ts';
import { personLeaseName } from '../person-keys.ts';
import { mirrorProfile, markUnknown, type RefreshNeeds } from '../person-sync/refresh-person.ts';

/** An actor to ask the OAuth server about. */
export type AskedActor = Pick<ActorQuestion, 'userId' | 'jti' | 'personId' | 'provider'> & {
  readonly person: Person;
  readonly actor: Actor;
  readonly siteId: number | null;
};
/**
 * `confirmed`: the rows are what the OAuth server says. `ended`: the token counts no more. `cannot`: there is no way to ask: the
 * adapter has none (any more), or no site is registered there. `unanswered`: the server did not answer, or with something that says nothing.
 * `unreadable`: it is well, but what it says of this person is too large, malformed or odd.
 */
export type Checked = 'confirmed' | 'ended' | 'cannot' | 'unanswered' | 'unreadable';

/** The OAuth server would call an access token that has just run out a wrong one; ours must not be the later clock. */
const tokenMarginMs = 60_000;

/**
 * Asks whose access token the session's is (by id, when it has none that still lives), and mirrors what is said to all rows of
 * the person. Under the person's lease, and again only where nobody else has asked meanwhile: two instances make one call.
 * A 401 ends the session, somebody unknown ends all sessions of the person; nothing else does. Source: oauth-server.md §3.
 */
export const checkActor =
  (ports: RefreshNeeds) =>
  async (asked: AskedActor): Promise<Checked> => {
    try {
      return await ports.withLease(personLeaseName(ports.secrets, asked.person), (lease) => check(ports, asked, lease));
    } catch (error) {
      // An OpenID Connect server without userinfo says so only when it is asked.
      if (isFault(error, 'oauth-not-configured') || isFault(error, 'oauth-unsupported')) return 'cannot';
      if (isInRecord(error)) return 'unreadable';
      if (silences.some((code) => isFault(error, code))) return 'unanswered';
      throw error;
    }
  };

const silences = ['oauth-unreachable', 'oauth-refused', 'oauth-timeout', 'oauth-circuit-open', 'busy'] as const;

const check = async (ports: RefreshNeeds, asked: AskedActor, lease: Lease): Promise<Checked> => {
  const { person, jti } = asked;
  const rows = (await ports.users.person(person.id, 'plain'))?.rows ?? [];
  const standing = await standingOf(ports, asked, rows);
  if (standing === null) return 'ended';
  if (isFresh(ports, standing.checkedAt)) return 'confirmed';
  const clients = await oauthClients(ports);
  const client = tokenClient(ports, asked, clients);
  const checkedAt = ports.clock.now();

  const credentials = clients.credentials(person.issuer, [asked.siteId, ...rows.map((row) => row.siteId)]);
  const canFind = ports.identity.can(credentials, 'find');

  const isToken = client !== null && standing.token !== null && ports.identity.can(client, 'holder');
  const said = isToken ? await ports.identity.holder(client, standing.token) : undefined;
  if (said === null)
    return end(ports, asked, 'a session ends: the OAuth server does not accept its access token any more');
  if (said !== undefined && said.externalId !== person.externalId)
    return end(ports, asked, 'a session ends: its access token is somebody else’s');
  if (said === undefined && !canFind) return 'cannot';
  if (said !== undefined) await mirrorProfile(ports, lease, person.id, said, { isWhole: !canFind });

  // What the token's own client does not know of, and everything where there is no token, is asked by id.
  // At the console every role counts, also one that was given since.
  const wantsAll = asked.personId !== undefined || hasRightsOfOtherClients(rows, client, asked, clients);
  if (canFind && (said === undefined || jti === undefined || wantsAll)) {
    const found = await ports.identity.find(credentials, person.externalId, clients.clientIds(rows, person.issuer));
    if (found === null) {
      await markUnknown(ports, person.id);
      return 'ended';
    }
    await mirrorProfile(ports, lease, person.id, found);
  }
  if (jti !== undefined) await ports.sessions.setCheckedAt(jti, checkedAt);
  return 'confirmed';
};

/** The access token while it lives, and when the server answered last, as of this moment; null: the session has ended. */
const standingOf = async (
  { sessions, persons, clock }: RefreshNeeds,
  { jti, person, userId }: AskedActor,
  rows: readonly User[],
): Promise<{ readonly token: string | null; readonly checkedAt: Date | null } | null> => {
  if (jti === undefined) {
    const now = await persons.find(person.id);
    const token = rows.find(({ id }) => id === userId)?.externalAccessToken ?? null;
    return now === null ? null : { token, checkedAt: now.fetchedAt };
  }
  const session = await sessions.find(jti);
  if (session === null) return null;
  const { accessToken, accessTokenExpiresAt, checkedAt } = session;
  const lives = accessTokenExpiresAt === null || accessTokenExpiresAt.getTime() - tokenMarginMs > clock.now().getTime();
  return { token: lives ? accessToken : null, checkedAt };
};

/** Who we were at the login; null when the site's settings name another server by now: the token is not that one's business. */
const tokenClient = (
  { settings }: RefreshNeeds,
  { siteId, provider, person, personId }: AskedActor,
  clients: OauthClients,
): OauthClient | null => {
  const site = clients.site(siteId);
  const isGlobal = personId !== undefined && siteId === null;
  const ofSite = site === null ? null : oauthClientOf(site, provider, settings.globalOauthClient);
  const client = isGlobal ? settings.globalOauthClient : ofSite;
  return client?.issuer === person.issuer ? client : null;
};

/** Whether a role above member that counts for this token hangs on another client than the token's. */
const hasRightsOfOtherClients = (
  rows: readonly User[],
  client: OauthClient | null,
  { actor, person: { issuer } }: AskedActor,
  clients: OauthClients,
): boolean =>
  rows
    .filter((row) => isLive(row) && atLeast(row.role, 'moderator') && !isBeyond(actor, row.siteId))
    .some((row) => clients.clientId(row.siteId, issuer) !== client?.clientId);

const end = async (ports: RefreshNeeds, { jti, userId }: AskedActor, line: string): Promise<'ended'> => {
  ports.log.info({ userId }, line);
  if (jti !== undefined) await ports.sessions.end(jti);
  return 'ended';
};
