import type { Actor } from '../domain/actor.ts';
import { Fault } from '../domain/fault.ts';
import type { Ports } from '../ports/index.ts';
import { actorNamed } from './actor-now.ts';
import { endsCreation, isEnded, isExpired, type Intent } from './users/creation-intent.ts';
import { finishCreation } from './users/creation.ts';
import { noteLeftByCreation } from './users/abandon-creation.ts';
import type { MessageHandlers, MessageHandler } from './outbox/deliver-message.ts';
import { refreshPerson } from './person-sync/refresh-person.ts';
import { removeIdentity } from './outbox/remove-identity.ts';
import { sayUnsaid } from './person-sync/say-unsaid.ts';
import { withdrawValues } from './outbox/withdraw-values.ts';

/** Who executes which message; complete for the compiler. */
export const messageHandlersOf = (ports: Ports): MessageHandlers => ({
  'person.remove': removeIdentity(ports),
  'person.withdraw-values': withdrawValues(ports),
  'person.refresh': refresh(ports),
  'person.say-unsaid': sayUnsaid(ports),
  'user.create': creationHandler(ports),
});

/** As they stand now: their login may be over, which is no reason to leave undone what they asked for. */
const whoAsked = async (ports: Ports, { actor }: Intent): Promise<Actor> => {
  const now = await actorNamed(ports, actor);
  if (now === null)
    throw new Fault('unauthenticated', { reason: 'invalid-token' }, 'Whoever asked for this creation is gone.');
  return now;
};

const nothing = (): Promise<void> => Promise.resolve();

const refresh =
  (ports: Ports): MessageHandler<'person.refresh'> =>
  async ({ payload }) => {
    const person = await ports.persons.find(payload.personId);
    const outcome = person === null ? 'gone' : await refreshPerson(ports)(person, null, 'now', payload.freedBy);
    // A mirror of the whole person ends the wish for one.
    return { outcome, settle: nothing, ...(outcome === 'refreshed' ? { endsItself: true } : {}) };
  };

/** A creation that stopped half-way is followed up; one that never can be (already done, forbidden), or is over, is forgotten. */
const creationHandler =
  (ports: Ports): MessageHandler<'user.create'> =>
  async ({ payload }) => {
    const opened = ports.secrets.open('intent', payload.sealed);
    if (opened === null) throw new Error('an intent that DATA_KEY does not open');
    // What opens was sealed by us.
    const intent = JSON.parse(opened) as Intent;
    try {
      return await ports.withLease(`create:${intent.key}`, async (lease) => {
        if (await isEnded(ports, intent)) return { outcome: 'not-needed', settle: nothing };
        if (isExpired(ports, intent)) return { outcome: 'not-needed', settle: () => noteLeftByCreation(ports, intent) };
        const userId = await finishCreation(ports)(intent, lease, () => whoAsked(ports, intent), 'follows-up');
        return { outcome: userId === null ? 'not-needed' : 'created', settle: nothing, endsItself: true };
      });
    } catch (error) {
      if (!endsCreation(error)) throw error;
      return { outcome: 'not-needed', settle: nothing, endsItself: true };
    }
  };
