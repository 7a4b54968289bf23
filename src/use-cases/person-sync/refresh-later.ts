import { isFault } from '../../domain/fault.ts';
import type { Person } from '../../domain/people/person.ts';
import type { Background } from '../background.ts';
import { refreshPerson, type RefreshNeeds } from './refresh-person.ts';
import { shortMemory } from '../short-memory.ts';

/** Begins to refresh a person and does not wait for it. */
export type RefreshLater = (person: Person, siteId: number) => void;

/** Beyond it nobody is noted down: who is still stale will be asked for again. */
const maxAtOnce = 8;
const pauseMs = 10_000;

/**
 * Refreshes whoever was looked at while stale: once however many look, a few at a time, and not again at once where it failed.
 * Source: oauth-server.md §3 "The target".
 */
export const refreshLater = (ports: RefreshNeeds, background: Background): RefreshLater => {
  const refresh = refreshPerson(ports);
  const running = new Set<number>();
  const inVain = shortMemory<true>(ports.clock);
  const attempt = async (person: Person, siteId: number): Promise<void> => {
    try {
      const outcome = await refresh(person, siteId, 'if-stale');
      if (outcome !== 'refreshed') inVain.keep(String(person.id), true, ports.settings.freshSeconds * 1000);
    } catch (error) {
      inVain.keep(String(person.id), true, pauseMs);
      // The OAuth server's trouble is told where it was met; whoever looked has their answer.
      if (!isFault(error)) throw error;
    } finally {
      running.delete(person.id);
    }
  };
  return (person, siteId) => {
    if (person.state !== 'active' || running.size >= maxAtOnce || running.has(person.id)) return;
    if (inVain.find(String(person.id)) !== null) return;
    running.add(person.id);
    background.watch(attempt(person, siteId));
  };
};
