import type { Actor } from '../../domain/actor.ts';
import { Fault, type ConflictRule } from '../../domain/fault.ts';
import { positionIn, cursorText } from '../../domain/json.ts';
import { mustBePlatformAdmin } from '../../domain/refusals.ts';
import { topics, type ReadMessage, type Topic } from '../../ports/outbox.ts';
import type { Ports } from '../../ports/index.ts';
import { actorNow, type ActorNowNeeds } from '../actor-now.ts';
import { foreignCursor } from '../commands.ts';
import { siteOfIntent } from '../person-keys.ts';
import type { DeliverMessage } from './deliver-message.ts';

type Needs = Pick<Ports, 'outbox' | 'users' | 'secrets' | 'clock' | 'log' | 'settings' | 'inOneTransaction'> &
  ActorNowNeeds;

interface ListOutboxCommand {
  readonly actor: Actor;
  /** null: every topic. */
  readonly topic: Topic | null;
  readonly cursor: string | null;
  readonly pageSize: number;
}
/** A message that waits, by what it is about: nothing of what it holds beside that. */
export interface ToldMessage {
  readonly id: number;
  /** null: none of ours, so that somebody else wrote it. */
  readonly topic: Topic | null;
  /** Of our books, as drift names them; null: a creation, of whom there is no person yet. */
  readonly personId: number | null;
  /** Whose values go, or where somebody is added. */
  readonly siteIds: readonly number[];
  /** The person's live rows. */
  readonly users: readonly { readonly id: number; readonly siteId: number }[];
  readonly since: Date;
  readonly attempts: number;
  readonly dueAt: Date;
  /** A code; null: it was not tried yet. */
  readonly lastError: string | null;
}
interface ListedOutbox {
  readonly messages: readonly ToldMessage[];
  /** null: that was all. */
  readonly cursor: string | null;
}
/** What it came to, or how it waits on; neither: somebody else was quicker. */
interface RetriedMessage {
  readonly outcome: string | null;
  readonly message: ToldMessage | null;
}
interface RetryCommand {
  readonly actor: Actor;
  readonly messageId: number;
  /** Waits for what comes of it, however many questions the OAuth server is asked. */
  readonly isPatient?: boolean;
}
interface RetryAllCommand {
  readonly actor: Actor;
  readonly isStopped: () => boolean;
  readonly tell: (tried: number, due: number) => void;
}

/**
 * What still has to reach an OAuth server, in the order of ids: for platform admins, and at the command line. Three statements. Faults:
 * `unauthenticated`, `forbidden`, `malformed-request` for a cursor of another list. Source: people.md §1, docs/adr/0029.
 */
export const listOutbox =
  (ports: Needs) =>
  async ({ actor: asking, topic, cursor, pageSize }: ListOutboxCommand): Promise<ListedOutbox> => {
    // They may have waited for their turn.
    mustBePlatformAdmin(await actorNow(ports, asking));
    const after = cursor === null ? null : idAt(ports, topic, cursor);
    const found = await ports.outbox.page({ topic, after, limit: pageSize + 1 });
    const page = found.slice(0, pageSize);
    const last = found.length > pageSize ? page.at(-1) : undefined;
    return {
      messages: await toldAll(ports, page),
      cursor: last === undefined ? null : cursorBehind(ports, topic, last.id),
    };
  };

/**
 * Makes one message due now and tries it. Who is not patient waits one time limit at most, and it goes on. Faults: `unauthenticated`,
 * `forbidden`, `not-found`. Source: people.md §1.
 */
export const retryMessage =
  (ports: Needs, deliver: DeliverMessage) =>
  async ({ actor, messageId, isPatient = false }: RetryCommand): Promise<RetriedMessage> => {
    if ((await makeDue(ports, actor, messageId)) === 0)
      throw new Fault('not-found', {}, `No message ${messageId} is waiting.`);
    const message = await ports.outbox.one(messageId);
    const topic = message === null ? null : topicOf(message);
    const trying = message === null || topic === null ? null : deliver({ topic, key: message.key });
    const outcome = outcomeOf(await (isPatient ? trying : promptly(ports, trying)));
    if (outcome !== null) return { outcome, message: null };
    const left = await ports.outbox.one(messageId);
    const [told = null] = await toldAll(ports, left === null ? [] : [left]);
    return { outcome, message: told };
  };

/** Makes all that waits due now, and tries what is due, one after the other. Faults: `unauthenticated`, `forbidden`. */
export const retryOutbox =
  (ports: Needs, deliver: DeliverMessage) =>
  async ({ actor, isStopped, tell }: RetryAllCommand): Promise<{ due: number; delivered: number }> => {
    const due = await makeDue(ports, actor);
    const count = { tried: 0, delivered: 0 };
    while (!isStopped()) {
      tell(count.tried, due);
      const outcome = await deliver();
      if (outcome === null) break;
      count.tried += 1;
      if (outcome !== 'pending') count.delivered += 1;
    }
    return { due, delivered: count.delivered };
  };

/** Who asked for it is a line in the log: nobody's row is touched by it, so that the audit has no place for it. */
const makeDue = async (ports: Needs, actor: Actor, messageId?: number): Promise<number> => {
  const due = await ports.inOneTransaction(async () => {
    mustBePlatformAdmin(await actorNow(ports, actor));
    return ports.outbox.retry(messageId);
  });
  const { userId: actorId, operator } = actor;
  const who = operator === undefined ? { actorId } : { operator };
  ports.log.info({ ...(messageId === undefined ? {} : { messageId }), ...who, due }, 'the outbox is tried as asked');
  return due;
};

const promptly = async ({ clock, settings }: Needs, trying: Promise<string | null> | null): Promise<string | null> =>
  trying === null ? null : ((await clock.within(trying, settings.oauthTimeLimitMs)) ?? null);

/** null: it waits on, or somebody else has it in hand. */
const outcomeOf = (delivered: string | null): string | null => (delivered === 'pending' ? null : delivered);

const topicOf = ({ topic }: ReadMessage): Topic | null => topics.find((one) => one === topic) ?? null;

/** One statement for all of them, none where nobody is meant. */
const toldAll = async (
  { users }: Pick<Ports, 'users'>,
  messages: readonly ReadMessage[],
): Promise<readonly ToldMessage[]> => {
  const abouts = messages.map((message) => ({ message, ...aboutOf(message) }));
  const rows = await users.liveOf([...new Set(abouts.flatMap(({ personId }) => personId ?? []))]);
  return abouts.map(({ message, personId, siteIds }) => ({
    id: message.id,
    topic: topicOf(message),
    personId,
    siteIds,
    users: rows.filter((row) => row.personId === personId).map(({ id, siteId }) => ({ id, siteId })),
    since: message.createdAt,
    attempts: message.attempts,
    dueAt: message.dueAt,
    // Of what we did not write nothing is believed.
    lastError: message.payload === null ? ('not-written-by-us' satisfies ConflictRule) : message.lastError,
  }));
};

const aboutOf = ({ key, payload }: ReadMessage): Pick<ToldMessage, 'personId' | 'siteIds'> => {
  if (payload === null) return { personId: null, siteIds: [] };
  if ('personId' in payload)
    return { personId: payload.personId, siteIds: 'siteIds' in payload ? payload.siteIds : [] };
  const siteId = siteOfIntent(key);
  return { personId: null, siteIds: siteId === null ? [] : [siteId] };
};

const cursorBehind = ({ secrets }: Needs, topic: Topic | null, id: number): string =>
  secrets.seal('outbox cursor', cursorText(JSON.stringify(topic), [id]));

const idAt = ({ secrets }: Needs, topic: Topic | null, cursor: string): number => {
  const position = positionIn(secrets.open('outbox cursor', cursor), JSON.stringify(topic));
  if (position === null) throw foreignCursor('topic');
  return Number(position[0]);
};
