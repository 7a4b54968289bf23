import { randomUUID } from 'node:crypto';
import type { Clock } from '../../../src/ports/platform.ts';
import { ClaimLost } from '../../../src/ports/outbox.ts';
import type { ClaimedRun, ListedRun, OutcomeCount, PeopleRun, RunStore, SiteRun } from '../../../src/ports/runs.ts';
import type { FakeDatabase, State, StoredPerson, StoredRun } from './state.ts';
import { firstRows } from './user-store.ts';

const claimMs = 30_000;
const longAgo = new Date(0);
const fresh = {
  ...{ reason: null, workedMs: 0, finishedAt: null, forgivenAt: null, isOurs: true, keptCounts: null },
} as const;
const unclaimed = { claim: null, claimedUntil: longAgo } as const;

export const fakeRunStore = (database: FakeDatabase, clock: Pick<Clock, 'now'>): RunStore => {
  const runs = (): readonly StoredRun[] => [...database.state.runs.values()];
  const ofSite = (isOne: (run: SiteRun) => boolean): SiteRun | null =>
    runs().find((run): run is Extract<StoredRun, { kind: 'site' }> => run.kind === 'site' && isOne(run)) ?? null;
  const isOver = ({ state }: Pick<StoredRun, 'state'>): boolean => state === 'done' || state === 'cancelled';
  const openAt: RunStore['openAt'] = async (siteId) => ofSite((run) => run.siteId === siteId && !isOver(run));
  const expiresAt = (): Date => new Date(clock.now().getTime() + claimMs);
  const turn = (runId: number, from: readonly StoredRun['state'][], change: Partial<StoredRun>): Promise<boolean> =>
    database.write((state) => {
      const run = state.runs.get(runId);
      if (run === undefined || !from.includes(run.state)) return false;
      state.runs.set(runId, { ...run, ...change } as StoredRun);
      return true;
    });
  const forget = (state: State, which: (person: StoredPerson) => boolean): number => {
    const gone = [...state.siteRunPeople].filter(([, person]) => which(person));
    for (const [key] of gone) state.siteRunPeople.delete(key);
    return gone.length;
  };
  type Next = Awaited<ReturnType<RunStore['next']>>;
  const personIn = ({ kind }: StoredRun | ClaimedRun, { userId, attempts, siteId, digest }: StoredPerson): Next => ({
    ...{ kind: 'person', userId, attempts },
    planned: kind === 'site' ? null : { siteId: siteId ?? 0, digest: digest ?? '' },
  });
  const nextUnvisited = (run: ClaimedRun): Next => {
    const { state } = database;
    if (run.kind === 'people') {
      const head = peopleOf(state, run.id).find(({ outcome }) => outcome === 'planned');
      return head === undefined ? { kind: 'nobody' } : personIn(run, head);
    }
    const head = firstRows(state, run.siteId).find((row) => !state.siteRunPeople.has(`${run.id}/${row.id}`));
    return head === undefined ? { kind: 'nobody' } : { kind: 'person', userId: head.id, attempts: 0, planned: null };
  };
  const nextFailure = (run: ClaimedRun, isMeant: (reason: string | null) => boolean): Next => {
    const [failure] = peopleOf(database.state, run.id)
      .filter(({ dueAt, reason }) => dueAt !== null && isMeant(reason))
      .sort((one, other) => Number(one.dueAt) - Number(other.dueAt) || one.userId - other.userId);
    if (failure === undefined) return { kind: 'nobody' };
    return Number(failure.dueAt) > clock.now().getTime() ? { kind: 'later' } : personIn(run, failure);
  };

  return {
    begin: (run) =>
      database.write((state) => {
        const open = ofSite((one) => one.siteId === run.siteId && !isOver(one));
        if (open !== null) return open;
        const id = database.nextId();
        const begun = {
          ...run,
          ...fresh,
          kind: 'site',
          id,
          name: String(id),
          operator: null,
          state: 'running',
        } as const;
        const stored = { ...begun, ...unclaimed, startedAt: clock.now() };
        state.runs.set(id, stored);
        return stored;
      }),
    plan: (run, people) =>
      database.write((state) => {
        const id = database.nextId();
        const now = clock.now();
        const name = `run-${String(id).padStart(18, '0')}`;
        const planned: PeopleRun = {
          ...{ ...run, ...fresh, kind: 'people', id, name, state: 'planned', cancelled: null },
          ...{ planned: people.length, lastUserId: Math.max(...people.map(({ userId }) => userId)) },
          ...{ plannedAt: now, startedAt: now },
          planner: {
            ...{ actorId: run.actorId, everywhere: run.everywhere, operator: run.operator },
            ...(run.atConsole === undefined ? {} : { atConsole: run.atConsole }),
          },
        };
        state.runs.set(id, { ...planned, ...unclaimed });
        for (const [at, { userId, siteId, digest, refusal }] of people.entries()) {
          const outcome = refusal === null ? 'planned' : 'left-out';
          const person = { runId: id, userId, outcome, reason: refusal, attempts: 0, at: now } as const;
          const placed = { ...person, dueAt: null, operation: null, rank: at + 1, siteId, digest };
          state.siteRunPeople.set(`${id}/${userId}`, placed);
        }
        return planned;
      }),
    find: async (siteId, runId) => ofSite((run) => run.id === runId && run.siteId === siteId),
    named: async (name) => runs().find((run) => run.name === name) ?? null,
    openAt,
    list: async ({ siteIds, state, before, limit }) =>
      runs()
        .filter((run) => {
          const siteId = run.kind === 'site' ? run.siteId : run.forSiteId;
          return siteIds === 'all' || (siteId !== null && siteIds.includes(siteId));
        })
        .filter((run) => (state === null || run.state === state) && (before === null || run.id < before))
        .sort((one, other) => other.id - one.id)
        .slice(0, limit),
    // A unit of work has the whole state here.
    lockLists: async () => undefined,
    countOpen: async (planFor) =>
      runs().filter(
        (run) =>
          run.kind === 'people' &&
          JSON.stringify(run.forSiteId ?? run.siteIds) === JSON.stringify(planFor) &&
          !isOver(run),
      ).length,
    listed: async (runId, after, limit) =>
      peopleOf(database.state, runId)
        .filter(({ rank }) => (rank ?? 0) > after)
        .slice(0, limit)
        .map(({ rank, userId, siteId }) => ({ rank: rank ?? 0, userId, siteId: siteId ?? 0 })),
    start: (runId, by) =>
      turn(runId, ['planned'], { state: 'running', startedAt: clock.now(), atConsole: undefined, ...by }),
    pause: (runId, reason) => turn(runId, ['running'], { state: 'paused', reason, ...unclaimed }),
    resume: (runId, by) =>
      turn(runId, ['paused'], { state: 'running', reason: null, forgivenAt: clock.now(), atConsole: undefined, ...by }),
    cancel: async (runId) => {
      const ended = { state: 'cancelled', reason: null, finishedAt: clock.now(), ...unclaimed } as const;
      if (!(await turn(runId, ['running', 'paused'], ended))) return false;
      await database.write((state) => {
        const cancelled = forget(state, (one) => one.runId === runId && one.outcome === 'planned');
        const run = state.runs.get(runId);
        if (run?.kind === 'people') state.runs.set(runId, { ...run, cancelled });
        for (const [key, person] of state.siteRunPeople)
          if (person.runId === runId) state.siteRunPeople.set(key, { ...person, dueAt: null });
      });
      return true;
    },
    removePlan: (runId) =>
      database.write((state) => {
        if (state.runs.get(runId)?.state !== 'planned') return false;
        state.runs.delete(runId);
        forget(state, (one) => one.runId === runId);
        return true;
      }),
    plannedBefore: async (moment) =>
      runs().flatMap((run) =>
        run.kind === 'people' && run.state === 'planned' && run.plannedAt < moment ? [run.id] : [],
      ),
    disown: async (runId) => {
      await turn(runId, ['planned', 'running'], { state: 'paused', reason: 'not-written-by-us', ...unclaimed });
    },
    claim: (except) =>
      database.write((state) => {
        const now = clock.now();
        const held = [...state.runs.values()].filter((run) => run.state === 'running' && run.claimedUntil > now);
        const isAlone = (run: StoredRun): boolean =>
          run.kind === 'site' ||
          run.forSiteId === null ||
          !held.some((one) => one.kind === 'people' && one.forSiteId === run.forSiteId && one.id !== run.id);
        const [free] = [...state.runs.values()]
          .filter((run) => run.state === 'running' && run.claimedUntil <= now && !except.includes(run.id))
          .filter(isAlone)
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
    next: async (run, order) => {
      const busy: Next = order === 'busyFirst' ? nextFailure(run, (reason) => reason === 'busy') : { kind: 'nobody' };
      const unvisited = busy.kind === 'nobody' ? nextUnvisited(run) : busy;
      return unvisited.kind === 'nobody' ? nextFailure(run, () => true) : unvisited;
    },
    record: (run, visited, { tookMs, retryAt, operation = null }) =>
      database.write((state) => {
        const there = held(state, run);
        const key = `${run.id}/${visited.userId}`;
        const before = state.siteRunPeople.get(key);
        if (run.kind === 'people' && before === undefined) throw new ClaimLost();
        const attempts = (before?.attempts ?? 0) + 1;
        const now = { attempts, at: clock.now(), dueAt: retryAt, operation };
        state.siteRunPeople.set(key, { ...before, ...visited, runId: run.id, ...now });
        const workedMs = there.workedMs + Math.round(tookMs);
        state.runs.set(run.id, { ...there, claimedUntil: expiresAt(), workedMs });
      }),
    trial: async ({ id, forgivenAt }, most) => {
      const { state } = database;
      const people = peopleOf(state, id);
      const failed = people.filter(
        ({ outcome, at, dueAt, reason }) =>
          outcome === 'failed' && (forgivenAt === null || at > forgivenAt) && (dueAt === null || reason !== 'busy'),
      );
      const anonymized = people.filter(({ outcome }) => outcome === 'anonymized');
      return { anonymized: Math.min(most, anonymized.length), failed: failed.length };
    },
    finish: (run, reason) =>
      database.write((state) => {
        const ended = { state: 'done', reason: reason ?? null, ...unclaimed, finishedAt: clock.now() } as const;
        state.runs.set(run.id, { ...held(state, run), ...ended });
      }),
    counts: async (run) => run.keptCounts ?? countsOf(database.state, run),
    awaitingRemoval: async (runId, which) => {
      const { state } = database;
      return peopleOf(state, runId).filter(
        (one) => isAwaited(state, one) && (which === 'all' || !auditOf(state, one).some(({ withheld }) => withheld)),
      ).length;
    },
    countPeople: async (runId, outcome) =>
      peopleOf(database.state, runId).filter((one) => outcome === undefined || one.outcome === outcome).length,
    remembered: async (after, limit) =>
      runs()
        .filter(({ id, isForgotten }) => id > after && isForgotten !== true)
        .sort((one, other) => one.id - other.id)
        .slice(0, limit),
    keepCounts: (run) =>
      database.write((state) => {
        const there = state.runs.get(run.id);
        if (there !== undefined)
          state.runs.set(run.id, { ...there, keptCounts: there.keptCounts ?? countsOf(state, run) });
      }),
    forgetPeople: (runId) =>
      database.write((state) => {
        const gone = forget(state, (one) => one.runId === runId && !isAwaited(state, one));
        const run = state.runs.get(runId);
        if (gone === 0 && run !== undefined && peopleOf(state, runId).length === 0)
          state.runs.set(runId, { ...run, isForgotten: true });
        return gone;
      }),
    people: async ({ id: runId }, { offset, limit, outcome }) =>
      peopleOf(database.state, runId)
        .filter((one) => outcome === undefined || one.outcome === outcome)
        .slice(offset, offset + limit)
        .map(({ userId, outcome: its, reason, attempts, at, operation }) => ({
          ...{ userId, outcome: its, reason, attempts, at, operation },
        })),
  };
};

const peopleOf = ({ siteRunPeople }: State, runId: number): readonly StoredPerson[] =>
  [...siteRunPeople.values()]
    .filter((one) => one.runId === runId)
    .sort((one, other) => (one.rank ?? 0) - (other.rank ?? 0) || one.userId - other.userId);

const countsOf = (state: State, { id, lastUserId }: Pick<ListedRun, 'id' | 'lastUserId'>): readonly OutcomeCount[] => {
  const counts = new Map<string, OutcomeCount>();
  for (const { outcome, reason, userId, dueAt } of peopleOf(state, id)) {
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
};

const auditOf = ({ audit }: State, { operation }: StoredPerson) =>
  [...audit.values()].filter((row) => operation !== null && row.operation === operation);
const isAwaited = (state: State, person: StoredPerson): boolean => {
  const rows = auditOf(state, person);
  const isAsked = rows.some(({ rank, oauth }) => rank === 1 && oauth === 'remove');
  return isAsked && !rows.some(({ call }) => call === 'oauth-removal');
};

const held = ({ runs }: State, { id, claim }: ClaimedRun): StoredRun => {
  const run = runs.get(id);
  if (run?.state !== 'running' || run.claim !== claim) throw new ClaimLost();
  return run;
};
