import { RunAgain, type ReplayStore } from '../../../src/ports/unit-of-work.ts';
import type { FakeClock } from './clock.ts';
import type { FakeDatabase } from './state.ts';

const keptMs = 86_400_000;

export const fakeReplayStore = (database: FakeDatabase, clock: FakeClock): ReplayStore => ({
  find: async (scope) => {
    const kept = database.state.replays.get(scope);
    return kept === undefined || kept.expiresAt <= clock.now().getTime()
      ? null
      : { body: kept.body, summary: kept.summary };
  },
  remember: (scope, answer) =>
    database.write((state) => {
      const kept = state.replays.get(scope);
      if (kept !== undefined && kept.expiresAt > clock.now().getTime()) throw new RunAgain('the same key');
      state.replays.set(scope, { ...answer, expiresAt: clock.now().getTime() + keptMs });
    }),
  rememberEnding: (scope) =>
    database.write((state) => {
      state.replays.set(scope, { body: '', summary: '', expiresAt: clock.now().getTime() + keptMs });
    }),
  forgetExpired: (now) =>
    database.write((state) => {
      for (const [scope, kept] of state.replays) if (kept.expiresAt < now.getTime()) state.replays.delete(scope);
    }),
});
