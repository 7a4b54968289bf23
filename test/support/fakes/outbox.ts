import { randomUUID } from 'node:crypto';
import type { Clock } from '../../../src/ports/platform.ts';
import {
  ClaimLost,
  type Message,
  type Messages,
  type Outbox,
  type ReadMessage,
  type Topic,
} from '../../../src/ports/outbox.ts';
import type { FakeDatabase, State, StoredMessage } from './state.ts';

const claimMs = 30_000;
const longAgo = new Date(0);

export const fakeOutbox = (database: FakeDatabase, clock: Pick<Clock, 'now'>): Outbox => ({
  add: (message, dueAt) =>
    database.write((state) => {
      const there = [...state.outbox.values()].find((one) => one.topic === message.topic && one.key === message.key);
      const id = there?.id ?? database.nextId();
      const fresh = { attempts: 0, createdAt: clock.now(), lastError: null, claim: null, claimedUntil: longAgo };
      state.outbox.set(id, { ...message, id, ...fresh, dueAt: dueAt ?? clock.now() });
    }),
  addMerged: (message, merged, addedAs, dueAt) =>
    database.write((state) => {
      const there = [...state.outbox.values()].find((one) => one.topic === message.topic && one.key === message.key);
      // The topic names the payload; the compiler cannot follow that through a union.
      const payload = there === undefined ? message.payload : merged(there.payload as typeof message.payload);
      const now = clock.now();
      const claim = addedAs === 'claimed' && there === undefined ? randomUUID() : null;
      const claimedUntil = claim === null ? longAgo : new Date(now.getTime() + claimMs);
      const id = there?.id ?? database.nextId();
      const fresh = { id, attempts: 0, createdAt: now };
      state.outbox.set(id, {
        ...message,
        payload,
        ...fresh,
        lastError: null,
        claim,
        claimedUntil,
        dueAt: dueAt ?? now,
      });
      return { payload, claimed: claim === null ? null : { ...message, ...fresh, claim } };
    }),
  findLocked: async <T extends Topic>(topic: T, key: string) => {
    const one = [...database.state.outbox.values()].find((message) => message.topic === topic && message.key === key);
    // The topic names the payload; the compiler cannot follow that through a union.
    return one === undefined ? null : (one.payload as Messages[T]);
  },
  claim: (named) =>
    database.write((state) => {
      const now = clock.now();
      const [next] = [...state.outbox.values()]
        .filter((one) => one.claim === null || one.claimedUntil <= now)
        .filter((one) => (named === undefined ? one.dueAt <= now : one.topic === named.topic && one.key === named.key))
        .sort((one, other) => one.dueAt.getTime() - other.dueAt.getTime() || one.id - other.id);
      if (next === undefined) return null;
      const claim = randomUUID();
      state.outbox.set(next.id, { ...next, claim, claimedUntil: new Date(now.getTime() + claimMs) });
      const { id, topic, key, payload, attempts, createdAt } = next;
      return { id, topic, key, payload, attempts, createdAt, claim };
    }),
  holdOn: (message, forMs) =>
    database.write((state) => {
      const one = held(state, message);
      state.outbox.set(one.id, { ...one, claimedUntil: new Date(clock.now().getTime() + forMs) });
    }),
  settle: (message) => database.write((state) => void state.outbox.delete(held(state, message).id)),
  postpone: (message, dueAt, lastError) =>
    database.write((state) => {
      const one = held(state, message);
      const next = { dueAt, lastError, attempts: one.attempts + 1, claim: null, claimedUntil: longAgo };
      state.outbox.set(one.id, { ...one, ...next });
    }),
  cancel: (topic, key) =>
    database.write((state) => {
      for (const one of state.outbox.values()) if (one.topic === topic && one.key === key) state.outbox.delete(one.id);
    }),
  cancelUnchanged: ({ topic, key, payload }) =>
    database.write((state) => {
      const same = [...state.outbox.values()].find(
        (one) => one.topic === topic && one.key === key && JSON.stringify(one.payload) === JSON.stringify(payload),
      );
      return same !== undefined && state.outbox.delete(same.id);
    }),
  awaitedOperations: async () =>
    new Set(
      [...database.state.outbox.values()].flatMap(({ payload }) => ('operations' in payload ? payload.operations : [])),
    ),
  waiting: async () =>
    [...database.state.outbox.values()].map(({ id, topic, key, attempts, dueAt, createdAt, lastError }) => ({
      id,
      topic,
      key,
      attempts,
      dueAt,
      createdAt,
      lastError,
    })),
  page: async ({ topic, after, limit }) =>
    [...database.state.outbox.values()]
      .filter((one) => (topic === null || one.topic === topic) && (after === null || one.id > after))
      .sort((one, other) => one.id - other.id)
      .slice(0, limit)
      .map(readMessage),
  one: async (id) => {
    const one = database.state.outbox.get(id);
    return one === undefined ? null : readMessage(one);
  },
  retry: (id) =>
    database.write((state) => {
      const chosen = [...state.outbox.values()].filter((one) => id === undefined || one.id === id);
      for (const one of chosen) state.outbox.set(one.id, { ...one, dueAt: clock.now() });
      return chosen.length;
    }),
});

const readMessage = (message: StoredMessage): ReadMessage => {
  const { id, topic, key, payload, attempts, dueAt, createdAt, lastError } = message;
  return { id, topic, key, payload, attempts, dueAt, createdAt, lastError };
};

const held = ({ outbox }: State, message: Message): StoredMessage => {
  const one = outbox.get(message.id);
  if (one?.claim !== message.claim) throw new ClaimLost();
  return one;
};
