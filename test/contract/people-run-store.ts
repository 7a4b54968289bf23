import { ClaimLost } from '../../src/ports/outbox.ts';
import type { ClaimedRun, NewPeopleRun, PeopleRun, PlannedPerson } from '../../src/ports/runs.ts';
import { aDay, anId } from '../support/builders.ts';
import { newSite, statementsOf, useSubject, type Start } from './subject.ts';

const how = { tookMs: 10, retryAt: null };
const person = (userId: number, said: Partial<PlannedPerson> = {}): PlannedPerson => ({
  ...{ userId, siteId: 1, digest: `digest-${userId}`, refusal: null },
  ...said,
});

/** What every RunStore does with lists of people. */
export const describePeopleRuns = (name: string, start: Start): void => {
  describe(`runs over a list of people: ${name}`, () => {
    const subject = useSubject(start);
    const runs = () => subject().stores.runs;
    const inOne = <T>(work: () => Promise<T>): Promise<T> => subject().stores.inOneTransaction(work);
    const asker = { actorId: 5, everywhere: false, operator: null };
    const plan = (people: readonly PlannedPerson[], said: Partial<NewPeopleRun> = {}): Promise<PeopleRun> => {
      const where = { forSiteId: 1, siteIds: [1], extent: 'this-site' } as const;
      return inOne(() =>
        runs().plan({ ...asker, ...where, statedReason: null, plan: { digest: 'd' }, ...said }, people),
      );
    };
    const claimed = async (people: readonly PlannedPerson[], said: Partial<NewPeopleRun> = {}): Promise<ClaimedRun> => {
      const { id } = await plan(people, said);
      await runs().start(id, asker);
      const run = await runs().claim([]);
      if (run?.id !== id) throw new Error('nothing to claim');
      return run;
    };
    afterEach(async () => {
      subject().clock.advance(31_000);
      for (let run = await runs().claim([]); run !== null; run = await runs().claim([])) await runs().finish(run);
    });

    it('are written down in their order, and are found by a name that nobody guesses', async () => {
      const said = { statedReason: 'Zaak-1', plan: { digest: 'é', sites: { number: 1, first: [] } } };
      const run = await plan([person(9), person(3, { siteId: 2 }), person(7, { refusal: 'yourself' })], said);

      expect(run.name).toMatch(/^[A-Za-z][\w-]{21}$/);
      expect(run).toMatchObject({
        ...{ kind: 'people', state: 'planned', reason: null, planned: 3, lastUserId: 9, isOurs: true, ...said },
        ...{ forSiteId: 1, siteIds: [1], extent: 'this-site', ...asker, planner: asker },
        ...{ plannedAt: subject().clock.now(), finishedAt: null, cancelled: null },
      });
      expect(await runs().named(run.name)).toEqual(await runs().named(run.name));
      expect(await runs().named(run.name)).toMatchObject({ id: run.id, plan: said.plan, isOurs: true });
      expect(await runs().named(String(run.id))).toBeNull();
      expect(await runs().named('AAAAAAAAAAAAAAAAAAAAAA')).toBeNull();
      expect(await runs().find(0, run.id)).toBeNull();
      expect(await runs().listed(run.id, 0, 10)).toEqual([
        { rank: 1, userId: 9, siteId: 1 },
        { rank: 2, userId: 3, siteId: 2 },
        { rank: 3, userId: 7, siteId: 1 },
      ]);
      expect((await runs().listed(run.id, 1, 1)).map(({ userId }) => userId)).toEqual([3]);
      expect(await runs().counts(run)).toMatchObject([
        { outcome: 'left-out', reason: 'yourself', people: 1 },
        { outcome: 'planned', reason: null, people: 2, cameAfter: 0, waiting: 0 },
      ]);
      const records = await runs().people(run, { offset: 0, limit: 10 });
      expect(records.map(({ userId, outcome, attempts }) => [userId, outcome, attempts])).toEqual([
        ...[[9, 'planned', 0], [3, 'planned', 0], [7, 'left-out', 0]], // prettier-ignore
      ]);
    });

    it('take a statement for each five hundred people to be written down', async () => {
      const few = await statementsOf(subject(), () => plan([person(1)]));
      const many = await statementsOf(subject(), () =>
        plan(Array.from({ length: 1001 }, (_none, at) => person(at + 1))),
      );
      expect((many ?? 2) - (few ?? 0)).toBe(2);
    });

    it('keep who asked on the machine itself, and that it is for no site', async () => {
      const run = await plan([person(1)], {
        ...{ actorId: 0, everywhere: true, operator: 'cli:jan', forSiteId: null, siteIds: 'all', extent: 'all-sites' },
      });
      expect(await runs().named(run.name)).toMatchObject({
        ...{ actorId: 0, everywhere: true, operator: 'cli:jan', forSiteId: null, siteIds: 'all', extent: 'all-sites' },
        isOurs: true,
      });
    });

    it('wait until they are started, once, and are then visited in the order of the list', async () => {
      const { id } = await plan([person(9), person(7, { refusal: 'yourself' }), person(3, { siteId: 2 })]);
      expect(await runs().claim([])).toBeNull();
      subject().clock.advance(1000);
      expect(await runs().start(id, asker)).toBe(true);
      expect(await runs().start(id, asker)).toBe(false);
      const run = await runs().claim([]);
      expect(run).toMatchObject({ id, state: 'running', startedAt: subject().clock.now(), isOurs: true });

      const first = { kind: 'person', userId: 9, attempts: 0, planned: { siteId: 1, digest: 'digest-9' } };
      expect(await runs().next(run!)).toEqual(first);
      expect((await statementsOf(subject(), () => runs().next(run!))) ?? 1).toBe(1);
      const anonymized = { userId: 9, outcome: 'anonymized', reason: null } as const;
      await runs().record(run!, anonymized, { ...how, operation: 'op-9' });
      expect(await runs().next(run!)).toMatchObject({ userId: 3, planned: { siteId: 2, digest: 'digest-3' } });
      const retryAt = new Date(subject().clock.now().getTime() + 2000);
      await runs().record(run!, { userId: 3, outcome: 'failed', reason: 'busy' }, { tookMs: 1, retryAt });
      expect(await runs().next(run!)).toEqual({ kind: 'later' });
      subject().clock.advance(2000);
      expect(await runs().next(run!)).toMatchObject({ userId: 3, attempts: 1, planned: { siteId: 2 } });
      await runs().record(run!, { userId: 3, outcome: 'left-out', reason: 'gone' }, how);
      expect(await runs().next(run!)).toEqual({ kind: 'nobody' });
      const records = await runs().people({ id, kind: 'people' }, { offset: 0, limit: 10 });
      expect(records.map(({ userId, outcome, operation }) => [userId, outcome, operation])).toEqual([
        ...[[9, 'anonymized', 'op-9'], [7, 'left-out', null], [3, 'left-out', null]], // prettier-ignore
      ]);
    });

    it('record nothing of whom they do not list', async () => {
      const run = await claimed([person(1)]);
      const stranger = { userId: 2, outcome: 'anonymized', reason: null } as const;
      await expect(inOne(() => runs().record(run, stranger, how))).rejects.toThrow(ClaimLost);
      expect(await runs().people(run, { offset: 0, limit: 10 })).toHaveLength(1);
    });

    it('are paused and resumed, and reach no further by that', async () => {
      const run = await claimed([person(1)]);
      expect(await runs().pause(run.id, 'asked')).toBe(true);
      expect(await runs().named(run.name)).toMatchObject({ state: 'paused', reason: 'asked' });
      expect(await runs().resume(run.id, { actorId: 0, everywhere: true, operator: 'cli:jan' })).toBe(true);
      expect(await runs().named(run.name)).toMatchObject({
        ...{
          state: 'running',
          reason: null,
          actorId: 0,
          operator: 'cli:jan',
          siteIds: [1],
          extent: 'this-site',
          isOurs: true,
        },
      });
    });

    it('are cancelled: what was planned only is gone with its list, of what was begun the unvisited are', async () => {
      const planned = await plan([person(1)]);
      expect(await inOne(() => runs().cancel(planned.id))).toBe(false);
      expect(await inOne(() => runs().removePlan(planned.id))).toBe(true);
      expect(await inOne(() => runs().removePlan(planned.id))).toBe(false);
      expect(await runs().named(planned.name)).toBeNull();
      expect(await runs().people(planned, { offset: 0, limit: 10 })).toEqual([]);

      const run = await claimed([person(1), person(2), person(3)]);
      await runs().record(run, { userId: 1, outcome: 'anonymized', reason: null }, how);
      expect(await inOne(() => runs().removePlan(run.id))).toBe(false);
      expect(await inOne(() => runs().cancel(run.id))).toBe(true);
      expect(await runs().named(run.name)).toMatchObject({ state: 'cancelled', cancelled: 2, isOurs: true });
      expect(await runs().counts(run)).toMatchObject([{ outcome: 'anonymized', people: 1 }]);
      expect(await runs().claim([])).toBeNull();
    });

    it('for one site go on one after the other, those of others beside them', async () => {
      const [one, two] = [await newSite(subject()), await newSite(subject())];
      const first = await claimed([person(1)], { forSiteId: one });
      const second = await plan([person(2)], { forSiteId: one });
      await runs().start(second.id, asker);
      expect(await runs().claim([])).toBeNull();
      const third = await claimed([person(3)], { forSiteId: two });
      await runs().release(first);
      expect((await runs().claim([first.id]))?.id).toBe(second.id);
      expect(third.id).not.toBe(second.id);
    });

    it('are done, and say so where people are missing', async () => {
      const run = await claimed([person(1)]);
      await runs().finish(run, 'people-are-missing');
      expect(await runs().named(run.name)).toMatchObject({ state: 'done', reason: 'people-are-missing', isOurs: true });
    });

    it('are listed newest first, of both kinds, for the sites that are asked about', async () => {
      const [siteId, other] = [await newSite(subject()), await newSite(subject())];
      const site = await inOne(() =>
        runs().begin({
          ...{ siteId, actorId: 5, everywhere: false, statedReason: null, plan: {}, planned: 1, lastUserId: 1 },
        }),
      );
      const planned = await plan([person(1)], { forSiteId: siteId });
      const running = await plan([person(1)], { forSiteId: siteId });
      await runs().start(running.id, asker);
      const elsewhere = await plan([person(1)], { forSiteId: other });
      const everywhere = await plan([person(1)], { forSiteId: null, siteIds: 'all' });
      const query = { siteIds: [siteId], state: null, before: null, limit: 10 } as const;
      const ids = async (said: Partial<Parameters<ReturnType<typeof runs>['list']>[0]> = {}) =>
        (await runs().list({ ...query, ...said })).map(({ id }) => id);

      expect(await ids()).toEqual([running.id, planned.id, site.id]);
      expect(await ids({ limit: 2 })).toEqual([running.id, planned.id]);
      expect(await ids({ before: planned.id })).toEqual([site.id]);
      expect(await ids({ state: 'running' })).toEqual([running.id, site.id]);
      expect(await ids({ state: 'planned' })).toEqual([planned.id]);
      expect(await ids({ siteIds: [siteId, other] })).toEqual([elsewhere.id, running.id, planned.id, site.id]);
      expect((await ids({ siteIds: 'all' })).slice(0, 2)).toEqual([everywhere.id, elsewhere.id]);
      expect((await runs().list(query))[1]).toMatchObject({ kind: 'people', name: planned.name, state: 'planned' });
      expect((await statementsOf(subject(), () => runs().list(query))) ?? 1).toBe(1);
      expect([await runs().countOpen(siteId), await runs().countOpen(other)]).toEqual([2, 1]);
    });

    it('that were never started are found after a day', async () => {
      const forgotten = await plan([person(1)]);
      const started = await plan([person(1)]);
      await runs().start(started.id, asker);
      subject().clock.advance(1000);
      await plan([person(1)]);
      const found = await runs().plannedBefore(subject().clock.now());
      expect(found).toContain(forgotten.id);
      expect(found).not.toContain(started.id);
    });

    it('say of how many people the removal at the OAuth server is waited for', async () => {
      const { audit } = subject().stores;
      const run = await claimed([person(1), person(2), person(3), person(4)]);
      const append = (rows: Parameters<typeof audit.append>[0]) => audit.append(rows);
      const entry = {
        at: aDay,
        call: 'do-anonymize',
        actorId: 5,
        actorKind: 'staff',
        siteId: 1,
        listedAt: aDay,
      } as const;
      const what = {
        disposition: 'anonymized',
        counts: '{}',
        digest: null,
        reason: null,
        mac: 'v1.x.y',
        actorName: null,
      } as const;
      const rowOf = (operation: string, oauth: string, withheld: boolean) => ({
        ...{
          ...entry,
          ...what,
          operation,
          oauth,
          withheld,
          userId: anId(),
          told: true,
          shown: true,
          rank: 1,
          rowCount: 1,
        },
      });
      const outcome = {
        ...rowOf('op-2', 'done', false),
        call: 'oauth-removal',
        rank: null,
        rowCount: null,
        listedAt: null,
      };
      await append([rowOf('op-1', 'remove', false), rowOf('op-2', 'remove', false), outcome]);
      await append([rowOf('op-3', 'remove', true), rowOf('op-4', 'withdraw', false)]);
      for (const userId of [1, 2, 3, 4]) {
        const anonymized = { userId, outcome: 'anonymized', reason: null } as const;
        await runs().record(run, anonymized, { ...how, operation: `op-${userId}` });
      }
      expect([await runs().awaitingRemoval(run.id, 'all'), await runs().awaitingRemoval(run.id, 'told')]).toEqual([
        2, 1,
      ]);
    });

    it('forget who their people were and keep the counts, but not of whom the removal is waited for', async () => {
      const { audit } = subject().stores;
      const run = await claimed([person(1), person(2), person(3, { refusal: 'yourself' })]);
      const [waited, settled] = [`waited-${run.id}`, `settled-${run.id}`];
      const removing = (operation: string) => ({
        ...{ operation, at: aDay, call: 'do-anonymize', actorId: 5, actorKind: 'staff', actorName: null, siteId: 1 },
        ...{ userId: anId(), listedAt: aDay, disposition: 'anonymized', counts: '{}', digest: null, reason: null },
        ...{ oauth: 'remove', withheld: false, told: true, shown: true, rank: 1, rowCount: 1, mac: 'v1.x.y' },
      });
      const done = {
        call: 'oauth-removal',
        oauth: 'done',
        rank: null,
        rowCount: null,
        listedAt: null,
        disposition: null,
      };
      const rows = (...of: readonly object[]) => audit.append(of as Parameters<typeof audit.append>[0]);
      await rows(removing(waited), removing(settled), { ...removing(settled), ...done });
      for (const [userId, operation] of [
        [1, waited],
        [2, settled],
      ] as const)
        // prettier-ignore
        await runs().record(run, { userId, outcome: 'anonymized', reason: null }, { ...how, operation });
      await runs().finish(run);
      const ended = async () => (await runs().named(run.name))!;
      const counts = await runs().counts(await ended());
      const isRemembered = async () => (await runs().remembered(run.id - 1, 1)).some(({ id }) => id === run.id);
      const forget = () => inOne(() => runs().forgetPeople(run.id));

      expect([(await ended()).keptCounts, await isRemembered(), await runs().countPeople(run.id)]).toEqual([
        null,
        true,
        3,
      ]);
      await inOne(() => runs().keepCounts(run));
      expect([await forget(), await forget(), await isRemembered()]).toEqual([2, 0, true]);
      const left = await runs().people(run, { offset: 0, limit: 10 });
      expect(left.map(({ userId }) => userId)).toEqual([1]);
      expect([await runs().countPeople(run.id), await runs().countPeople(run.id, 'left-out')]).toEqual([1, 0]);
      expect(await runs().awaitingRemoval(run.id, 'all')).toBe(1);

      await rows({ ...removing(waited), ...done });
      // What is kept is what was counted first.
      await inOne(() => runs().keepCounts(run));
      expect([await forget(), await isRemembered(), await forget(), await isRemembered()]).toEqual([1, true, 0, false]);
      expect(await runs().people(run, { offset: 0, limit: 10 })).toEqual([]);
      expect(await runs().counts(await ended())).toEqual(counts);
      expect(counts).toMatchObject([
        { outcome: 'anonymized', reason: null, people: 2 },
        { outcome: 'left-out', reason: 'yourself', people: 1 },
      ]);
      expect(await ended()).toMatchObject({ state: 'done', isOurs: true, keptCounts: counts });
    });
  });
};
