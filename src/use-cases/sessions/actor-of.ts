import { isAboveMember, type Actor, lower } from '../../domain/actor.ts';
import { Fault } from '../../domain/fault.ts';
import type { Person } from '../../domain/users/user.ts';
import type { Ports } from '../../ports/index.ts';
import { knownActor, type KnownActor } from '../actor-now.ts';
import type { Background } from '../background.ts';
import type { ActorQuestion } from '../commands.ts';
import { isFresh, secondsSince, shortMemory } from '../freshness.ts';
import { checkActor, type Checked, type AskedActor } from './check-actor.ts';

type Needs = Parameters<typeof confirmActor>[0];

/**
 * Who a verified token speaks for; null when the user is gone, soft-deleted or anonymized, or the session has ended. When the
 * OAuth server has not answered for the session for `freshSeconds`, it is asked first; while it does not answer, what is known
 * counts for `maxStaleSeconds`. Fault `role-unconfirmed` beyond that for roles above member, or such roles count as member; the same
 * at once where the server is well and its record of the person cannot be read: else they could keep a role by spoiling it. One
 * statement while fresh.
 * Source: user-api.md §1, oauth-server.md §3.
 */
export const actorOf = (ports: Needs, background: Background): ((question: ActorQuestion) => Promise<Actor | null>) => {
  const confirm = confirmActor(ports, background);
  return async (question) => {
    const known = await knownActor(ports, question);
    if (known === null || !needsConfirming(ports, question, known)) return known?.actor ?? null;
    const { outcome, retryAfterSeconds } = await confirm({ ...question, ...known });
    if (outcome === 'ended') return null;
    const now = await knownActor(ports, question);
    const counts = outcome === 'confirmed' || (outcome !== 'unreadable' && now !== null && isStillKnown(ports, now));
    if (now === null || counts) return now?.actor ?? null;
    if (outcome === 'cannot') {
      // Nobody can vouch for this login any more: a new one is needed.
      if (question.jti !== undefined) await ports.sessions.end(question.jti);
      return null;
    }
    if (!isAboveMember(now.actor)) return now.actor;
    if (question.orMember !== true) throw unconfirmed(outcome, retryAfterSeconds);
    return asMember(now.actor);
  };
};

/** Fixed tokens are never refreshed; nor is somebody who is just being removed at the OAuth server. */
const needsConfirming = (
  ports: Pick<Ports, 'clock' | 'settings'>,
  { reach, asKnown }: ActorQuestion,
  known: KnownActor,
): known is KnownActor & { readonly person: Person } =>
  reach !== 'everywhere' && asKnown !== true && known.person?.state === 'active' && !isFresh(ports, known.checkedAt);

const isStillKnown = ({ clock, settings }: Pick<Ports, 'clock' | 'settings'>, { checkedAt }: KnownActor): boolean =>
  secondsSince(clock, checkedAt) <= settings.maxStaleSeconds;

const asMember = (actor: Actor): Actor => ({
  ...actor,
  roleBySite: new Map([...actor.roleBySite].map(([siteId, role]) => [siteId, lower(role, 'member')])),
});

const unconfirmed = (outcome: Checked, retryAfterSeconds: number): Fault<'role-unconfirmed'> =>
  new Fault(
    'role-unconfirmed',
    { retryAfterSeconds },
    outcome === 'unreadable'
      ? 'What the OAuth server says of you cannot be read, so it does not confirm your role.'
      : 'The OAuth server has not confirmed your role for too long, and does not answer.',
  );

interface Confirmation {
  readonly outcome: Checked;
  /** When asking again may bring another outcome. */
  readonly retryAfterSeconds: number;
}

/** After a question without an answer nobody asks again for so long: requests must not each wait a whole time limit. */
const silenceMs = 5000;

/**
 * Has the OAuth server asked about an actor, once however many requests wait, and none of them longer than a time limit: the
 * question goes on without them. Source: oauth-server.md §3 "The actor".
 */
const confirmActor = (
  ports: Parameters<typeof checkActor>[0] & Pick<Ports, 'settings'>,
  background: Background,
): ((asked: AskedActor) => Promise<Confirmation>) => {
  const check = checkActor(ports);
  const flights = singleFlight<Checked>();
  const memory = shortMemory<Checked>(ports.clock);
  const keep = (name: string, outcome: Checked): Confirmation => {
    memory.keep(name, outcome, silenceMs);
    return { outcome, retryAfterSeconds: silenceMs / 1000 };
  };
  return async (asked) => {
    const name = asked.jti ?? `user-${asked.userId}`;
    const remembered = memory.find(name);
    if (remembered !== null) return { outcome: remembered.value, retryAfterSeconds: remembered.secondsLeft };
    const flight = flights(name, async () => {
      const outcome = await check(asked);
      return outcome === 'confirmed' ? outcome : keep(name, outcome).outcome;
    });
    background.watch(flight);
    const outcome = await ports.clock.within(flight, ports.settings.oauthTimeLimitMs);
    return outcome === undefined ? keep(name, 'unanswered') : { outcome, retryAfterSeconds: silenceMs / 1000 };
  };
};

/** Begins work under a name, or joins what is under way under it: once, however many ask. */
type SingleFlight<T> = (name: string, work: () => Promise<T>) => Promise<T>;

const singleFlight = <T>(): SingleFlight<T> => {
  const flights = new Map<string, Promise<T>>();
  return (name, work) => {
    const under = flights.get(name);
    if (under !== undefined) return under;
    const flight = work().finally(() => flights.delete(name));
    flights.set(name, flight);
    return flight;
  };
};
