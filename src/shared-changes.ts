import { isJsonObject, type Json } from './domain/json.ts';
import type { Broadcasting } from './platform/redis.ts';
import type { Change, Changes } from './ports/site-store.ts';

/** The port `changes`: in this process always, and to others where there is a way to tell them. Source: docs/adr/0011, 0015. */
export const sharedChanges = (broadcast: Broadcasting | null): Changes => {
  const listeners: ((change: Change | 'everything') => void)[] = [];
  const notifyAll = (change: Change | 'everything'): void => {
    for (const listener of listeners) listener(change);
  };
  const others =
    broadcast === null
      ? null
      : broadcast({
          onText: (text) => {
            const change = changeOf(text);
            if (change !== null) notifyAll(change);
          },
          onGap: () => {
            notifyAll('everything');
          },
        });
  return {
    announce: async (change) => {
      notifyAll(change);
      await others?.publish(JSON.stringify(change));
    },
    listen: (listener) => {
      listeners.push(listener);
    },
  };
};

/** What another instance said; null for what this version does not know. */
const changeOf = (text: string): Change | null => {
  const said = parsed(text);
  if (!isJsonObject(said)) return null;
  const { kind, id } = said;
  return kind === 'site' && typeof id === 'number' ? { kind, id } : null;
};

const parsed = (text: string): Json => {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return null;
  }
};
