import { randomUUID } from 'node:crypto';
import type { Clock } from '../../../src/ports/platform.ts';
import { ClaimLost } from '../../../src/ports/outbox.ts';
import type { ClaimedRun, OutcomeCount, RunStore } from '../../../src/ports/runs.ts';
import type { FakeDatabase, State, StoredPerson, StoredRun } from './state.ts';
import { firstRows } from './user-store.ts';

const claimMs = 30_000;
const longAgo = new Date(0);

export const fakeRunStore = (database: FakeDatabase, clock: Pick<Clock, 'now'>): RunStore => {
  const runs = (): readonly StoredRun[] => [...database.state.runs.values()];
  const openAt: RunStore['openAt'] = async (siteId) =>
    runs().find((run) => run.siteId === siteId && run.state !== 'done') ?? null;
  const expiresAt = (): Date => new Date(clock.now().getTime() + claimMs);
  const turn = (runId: number, from: StoredRun['state'], change: Partial<StoredRun>): Promise<boolean> =>
    database.write((state) => {
      const run = state.runs.get(runId);
      if (run?.state !== from) return false;
      state.runs.set(runId, { ...run, ...change });
      return true;
    });
  return {
    begin: (run) =>
      database.write((state) => {
        const open = [...state.runs.values()].find((one) => one.siteId === run.siteId && one.state !== 'done');
        if (open !== undefined) return open;
        const id = database.nextId();
        const fresh = {
          state: 'running',
          reason: null,
          workedMs: 0,
          finishedAt: null,
          claim: null,
          isOurs: true,
        } as const;
        const begun: StoredRun = { ...run, ...fresh, id, claimedUntil: longAgo, startedAt: clock.now() };
        state.runs.set(id, begun);
        return begun;
      }),
    find: async (siteId, runId) => runs().find((run) => run.id === runId && run.siteId === siteId) ?? null,
    openAt,
    pause: (runId, reason) => turn(runId, 'running', { state: 'paused', reason, claim: null, claimedUntil: longAgo }),
    resume: (runId, by) => turn(runId, 'paused', { state: 'running', reason: null, ...by }),
    disown: async (runId) => {
      await turn(runId, 'running', {
        state: 'paused',
        reason: 'not-written-by-us',
        claim: null,
        claimedUntil: longAgo,
      });
    },
    claim: (except) =>
      database.write((state) => {
        const [free] = [...state.runs.values()]
          .filter((run) => run.state === 'running' && run.claimedUntil <= clock.now() && !except.includes(run.id))
          .sort((one, other) => one.claimedUntil.getTime() - other.claimedUntil.getTime() || one.id - other.id);
        if (free === undefined) return null;
        const claim = randomUUID();
        state.runs.set(free.id, { ...free, claim, claimedUntil: expiresAt() });
        return { ...free, claim };
      }),
    release: (run) =>
      database.write((state) => {
        const there = state.runs.get(run.id);
        if (there?.claim === run.claim) state.runs.set(run.id, { ...there, claim: null, claimedUntil: clock.now() });
      }),
    next: async ({ id, siteId }) => {
      const { state } = database;
      const head = firstRows(state, siteId).find((row) => !state.siteRunPeople.has(`${id}/${row.id}`));
      if (head !== undefined) return { kind: 'person', userId: head.id, attempts: 0 };
      const [failure] = peopleOf(state, id)
        .filter(({ dueAt }) => dueAt !== null)
        .sort((one, other) => Number(one.dueAt) - Number(other.dueAt) || one.userId - other.userId);
      if (failure === undefined) return { kind: 'nobody' };
      if (Number(failure.dueAt) > clock.now().getTime()) return { kind: 'later' };
      return { kind: 'person', userId: failure.userId, attempts: failure.attempts };
    },
    record: (run, visited, { tookMs, retryAt }) =>
      database.write((state) => {
        const there = held(state, run);
        const key = `${run.id}/${visited.userId}`;
        const attempts = (state.siteRunPeople.get(key)?.attempts ?? 0) + 1;
        state.siteRunPeople.set(key, { ...visited, runId: run.id, attempts, at: clock.now(), dueAt: retryAt });
        const workedMs = there.workedMs + Math.round(tookMs);
        state.runs.set(run.id, { ...there, claimedUntil: expiresAt(), workedMs });
      }),
    finish: (run) =>
      database.write((state) => {
        const ended = { state: 'done', claim: null, claimedUntil: longAgo, finishedAt: clock.now() } as const;
        state.runs.set(run.id, { ...held(state, run), ...ended });
      }),
    counts: async ({ id, lastUserId }) => {
      const counts = new Map<string, OutcomeCount>();
      for (const { outcome, reason, userId, dueAt } of peopleOf(database.state, id)) {
        const key = `${outcome} ${reason ?? ''}`;
        const { people, cameAfter, waiting } = counts.get(key) ?? { people: 0, cameAfter: 0, waiting: 0 };
        counts.set(key, {
          outcome,
          reason,
          people: people + 1,
          cameAfter: cameAfter + Number(userId > lastUserId),
          waiting: waiting + Number(dueAt !== null),
        });
      }
      return [...counts].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, count]) => count);
    },
    people: async (runId, { offset, limit, outcome }) =>
      peopleOf(database.state, runId)
        .filter((one) => outcome === undefined || one.outcome === outcome)
        .sort((one, other) => one.userId - other.userId)
        .slice(offset, offset + limit)
        .map(({ userId, outcome: its, reason, attempts, at }) => ({ userId, outcome: its, reason, attempts, at })),
  };
};

const peopleOf = ({ siteRunPeople }: State, runId: number): readonly StoredPerson[] =>
  [...siteRunPeople.values()].filter((one) => one.runId === runId);

const held = ({ runs }: State, { id, claim }: ClaimedRun): StoredRun => {
  const run = runs.get(id);
  if (run?.state !== 'running' || run.claim !== claim) throw new ClaimLost();
  return run;
};
