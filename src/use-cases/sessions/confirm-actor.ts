import type { Ports } from '../../ports/index.ts';
import type { Background } from '../background.ts';
import { checkActor, type AskedActor, type Checked } from './check-actor.ts';
import { shortMemory } from '../short-memory.ts';
import { singleFlight } from './single-flight.ts';

export interface Confirmation {
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
export const confirmActor = (
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
