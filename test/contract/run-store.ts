import { ClaimLost } from '../../src/ports/outbox.ts';
import type { ClaimedRun, RunPerson, SiteRun } from '../../src/ports/runs.ts';
import { aDay } from '../support/builders.ts';
import { enrol, newPerson, newSite, statementsOf, useSubject, type Start } from './subject.ts';

const done = (userId: number): RunPerson => ({ userId, outcome: 'anonymized', reason: null });
const at = { tookMs: 10, retryAt: null };

/** What every SiteRunStore does. */
export const describeRuns = (name: string, start: Start): void => {
  describe(`runs over a whole site: ${name}`, () => {
    const subject = useSubject(start);
    const runs = () => subject().stores.runs;
    const begin = (siteId: number, said: Partial<SiteRun> = {}): Promise<SiteRun> => {
      const run = {
        ...{
          siteId,
          actorId: 5,
          everywhere: false,
          statedReason: null,
          plan: { digest: 'd' },
          planned: 3,
          lastUserId: 9,
        },
        ...said,
      };
      return subject().stores.inOneTransaction(() => runs().begin(run));
    };
    const claimed = async (siteId: number): Promise<ClaimedRun> => {
      const { id } = await begin(siteId);
      for (const others: number[] = []; ;) {
        const run = await runs().claim(others);
        if (run?.id === id) return run;
        if (run === null) throw new Error('nothing to claim');
        others.push(run.id);
      }
    };
    /** What other tests left is held by nobody any more, and done. */
    afterEach(async () => {
      subject().clock.advance(31_000);
      for (let run = await runs().claim([]); run !== null; run = await runs().claim([])) await runs().finish(run);
    });

    it('begin as they are asked for, are found at their site only, and stay found', async () => {
      const [siteId, other] = [await newSite(subject()), await newSite(subject())];
      const run = await begin(siteId, {
        everywhere: true,
        statedReason: 'Zaak-1',
        plan: { sites: [{ title: 'Émile’s' }] },
      });
      expect(run).toMatchObject({
        ...{
          siteId,
          actorId: 5,
          everywhere: true,
          statedReason: 'Zaak-1',
          state: 'running',
          reason: null,
          planned: 3,
          lastUserId: 9,
        },
        ...{ plan: { sites: [{ title: 'Émile’s' }] }, workedMs: 0, finishedAt: null },
        startedAt: subject().clock.now(),
      });
      expect(await runs().find(siteId, run.id)).toMatchObject({ id: run.id, plan: run.plan });
      expect(await runs().find(other, run.id)).toBeNull();
      expect(await runs().find(siteId, 2_147_483_600)).toBeNull();
      expect(await runs().openAt(siteId)).toMatchObject({ id: run.id });
      expect(await runs().openAt(other)).toBeNull();
    });

    it('are never two at one site, also when two are begun at once; a new one begins when the old one is done', async () => {
      const siteId = await newSite(subject());
      const [one, two] = await Promise.all([begin(siteId), begin(siteId)]);
      expect(one.id).toBe(two.id);
      expect((await begin(siteId)).id).toBe(one.id);
      const held = await runs().claim([]);
      await runs().finish(held!);
      expect(await runs().find(siteId, one.id)).toMatchObject({ state: 'done', finishedAt: subject().clock.now() });
      expect(await runs().openAt(siteId)).toBeNull();
      expect((await begin(siteId)).id).not.toBe(one.id);
    });

    it('are claimed by one, until the claim is given back or runs out; who has waited longest comes first', async () => {
      const one = await begin(await newSite(subject()));
      subject().clock.advance(1);
      const two = await begin(await newSite(subject()));
      const first = await runs().claim([]);
      expect([first?.id, (await runs().claim([]))?.id, await runs().claim([])]).toEqual([one.id, two.id, null]);
      await runs().release(first!);
      expect(await runs().claim([one.id])).toBeNull();
      expect((await runs().claim([]))?.id).toBe(one.id);
      subject().clock.advance(31_000);
      const [again, other] = [await runs().claim([]), await runs().claim([])];
      expect(new Set([again?.id, other?.id])).toEqual(new Set([one.id, two.id]));
      await expect(runs().record(first!, done(1), at)).rejects.toThrow(ClaimLost);
      await expect(runs().finish(first!)).rejects.toThrow(ClaimLost);
    });

    it('keep how far the login at the console reached by which they were asked for, until another resumes them', async () => {
      const run = await begin(await newSite(subject()), { atConsole: [7, 9] });
      expect(await runs().named(run.name)).toMatchObject({ atConsole: [7, 9], isOurs: true });
      for (const asker of [{ atConsole: [3] as const }, { atConsole: true } as const, {}]) {
        await runs().pause(run.id, 'asked');
        await runs().resume(run.id, { actorId: 6, everywhere: false, operator: null, ...asker });
        const resumed = await runs().named(run.name);
        expect([resumed?.isOurs, resumed?.atConsole]).toEqual([true, asker.atConsole]);
      }
    });

    it('take nobody’s records once they are paused, and go on in the name of who resumes them', async () => {
      const siteId = await newSite(subject());
      const run = await claimed(siteId);
      expect(await runs().pause(run.id, 'asked')).toBe(true);
      expect(await runs().pause(run.id, 'incomplete')).toBe(false);
      expect(await runs().find(siteId, run.id)).toMatchObject({ state: 'paused', reason: 'asked' });
      await expect(runs().record(run, done(1), at)).rejects.toThrow(ClaimLost);
      expect(await runs().claim([])).toBeNull();
      expect(await runs().resume(run.id, { actorId: 6, everywhere: true, operator: null })).toBe(true);
      expect(await runs().resume(run.id, { actorId: 7, everywhere: false, operator: null })).toBe(false);
      const again = await runs().claim([]);
      expect(again).toMatchObject({ id: run.id, actorId: 6, everywhere: true, state: 'running', reason: null });
      await expect(runs().record(run, done(1), at)).rejects.toThrow(ClaimLost);
    });

    it('visit each person of the site once, by their first row, until nobody is left', async () => {
      const siteId = await newSite(subject());
      const elsewhere = await newSite(subject());
      const { id: personId } = await newPerson(subject());
      const hidden = await enrol(subject(), { siteId, personId, deletedAt: aDay });
      await enrol(subject(), { siteId, personId, slot: 1 });
      await enrol(subject(), { siteId: elsewhere, personId });
      const alone = await enrol(subject(), { siteId });
      await enrol(subject(), { siteId, anonymizedAt: aDay });
      const run = await claimed(siteId);
      expect(await runs().next(run)).toEqual({ kind: 'person', userId: hidden, attempts: 0, planned: null });
      expect((await statementsOf(subject(), () => runs().next(run))) ?? 1).toBe(1);
      await runs().record(run, { userId: hidden, outcome: 'left-out', reason: 'admin-of-the-site' }, at);
      expect(await runs().next(run)).toEqual({ kind: 'person', userId: alone, attempts: 0, planned: null });
      await runs().record(run, { userId: alone, outcome: 'left-out', reason: 'named-by-fixed-token' }, at);
      expect(await runs().next(run)).toEqual({ kind: 'nobody' });
      const late = await enrol(subject(), { siteId });
      expect(await runs().next(run)).toEqual({ kind: 'person', userId: late, attempts: 0, planned: null });
    });

    it('come back to failures when they are due, and count how often', async () => {
      const siteId = await newSite(subject());
      const userId = await enrol(subject(), { siteId });
      const run = await claimed(siteId);
      const failure: RunPerson = { userId, outcome: 'failed', reason: 'busy' };
      const soon = new Date(subject().clock.now().getTime() + 2000);
      await runs().record(run, failure, { tookMs: 5, retryAt: soon });
      expect(await runs().next(run)).toEqual({ kind: 'later' });
      expect(await runs().counts(run)).toEqual([
        { outcome: 'failed', reason: 'busy', people: 1, cameAfter: Number(userId > 9), waiting: 1 },
      ]);
      subject().clock.advance(2000);
      expect(await runs().next(run)).toEqual({ kind: 'person', userId, attempts: 1, planned: null });
      await runs().record(run, failure, { tookMs: 6, retryAt: null });
      expect(await runs().next(run)).toEqual({ kind: 'nobody' });
      const [record] = await runs().people(run, { offset: 0, limit: 10 });
      expect(record).toEqual({ ...failure, attempts: 2, at: subject().clock.now(), operation: null });
      expect(await runs().find(siteId, run.id)).toMatchObject({ workedMs: 11 });
    });

    it('count by outcome and reason in one statement, and list people page by page', async () => {
      const siteId = await newSite(subject());
      const run = await claimed(siteId);
      for (const userId of [1, 2, 11]) await runs().record(run, done(userId), at);
      for (const userId of [3, 12])
        await runs().record(run, { userId, outcome: 'left-out', reason: 'admin-of-the-site' }, at);
      expect(await runs().counts(run)).toEqual([
        { outcome: 'anonymized', reason: null, people: 3, cameAfter: 1, waiting: 0 },
        { outcome: 'left-out', reason: 'admin-of-the-site', people: 2, cameAfter: 1, waiting: 0 },
      ]);
      expect((await statementsOf(subject(), () => runs().counts(run))) ?? 1).toBe(1);
      const ids = async (page: Parameters<ReturnType<typeof runs>['people']>[1]) =>
        (await runs().people(run, page)).map(({ userId }) => userId);
      expect(await ids({ offset: 1, limit: 3 })).toEqual([2, 3, 11]);
      expect(await ids({ offset: 0, limit: 10, outcome: 'left-out' })).toEqual([3, 12]);
      expect(await ids({ offset: 5, limit: 10 })).toEqual([]);
    });

    it('are ended for good, whoever is at them, and leave their site free for another', async () => {
      const siteId = await newSite(subject());
      const userId = await enrol(subject(), { siteId });
      const run = await claimed(siteId);
      await runs().record(run, { userId, outcome: 'failed', reason: 'busy' }, { tookMs: 1, retryAt: aDay });
      expect(await subject().stores.inOneTransaction(() => runs().cancel(run.id))).toBe(true);
      expect(await subject().stores.inOneTransaction(() => runs().cancel(run.id))).toBe(false);
      expect(await runs().find(siteId, run.id)).toMatchObject({ state: 'cancelled', reason: null, isOurs: true });
      expect(await runs().openAt(siteId)).toBeNull();
      expect(await runs().counts(run)).toMatchObject([{ outcome: 'failed', people: 1, waiting: 0 }]);
      await expect(runs().record(run, done(userId), at)).rejects.toThrow(ClaimLost);
      expect(await runs().resume(run.id, { actorId: 5, everywhere: false, operator: null })).toBe(false);
      expect((await begin(siteId)).id).not.toBe(run.id);
    });

    it('say how many were anonymized and how many failed since the run was last resumed', async () => {
      const run = await claimed(await newSite(subject()));
      const fail = (userId: number, reason: string, retryAt: Date | null) =>
        runs().record(run, { userId, outcome: 'failed', reason }, { tookMs: 1, retryAt });
      const later = new Date(subject().clock.now().getTime() + 60_000);
      for (const userId of [1, 2, 3]) await runs().record(run, done(userId), at);
      await fail(4, 'busy', later);
      expect(await runs().trial(run, 5)).toEqual({ anonymized: 3, failed: 0 });
      await fail(5, 'TypeError', later);
      await fail(6, 'busy', null);
      expect(await runs().trial(run, 2)).toEqual({ anonymized: 2, failed: 2 });
      expect((await statementsOf(subject(), () => runs().trial(run, 5))) ?? 1).toBe(1);
      await runs().pause(run.id, 'canary-failed');
      subject().clock.advance(1);
      await runs().resume(run.id, { actorId: 5, everywhere: false, operator: null });
      const resumed = await runs().named(run.name);
      expect(resumed === null ? null : await runs().trial(resumed, 5)).toEqual({ anonymized: 3, failed: 0 });
    });

    it('wait for who was busy, where nobody new is to be visited meanwhile; others are tried again last', async () => {
      const siteId = await newSite(subject());
      const [first, second] = [await enrol(subject(), { siteId }), await enrol(subject(), { siteId })];
      const run = await claimed(siteId);
      const retryAt = new Date(subject().clock.now().getTime() + 2000);
      await runs().record(run, { userId: first, outcome: 'failed', reason: 'busy' }, { tookMs: 1, retryAt });
      expect(await runs().next(run)).toMatchObject({ userId: second });
      expect(await runs().next(run, 'busyFirst')).toEqual({ kind: 'later' });
      subject().clock.advance(2000);
      expect(await runs().next(run, 'busyFirst')).toMatchObject({ userId: first, attempts: 1 });
      await runs().record(run, { userId: first, outcome: 'failed', reason: 'TypeError' }, { tookMs: 1, retryAt });
      expect(await runs().next(run, 'busyFirst')).toMatchObject({ userId: second });
      await runs().record(run, done(second), at);
      expect(await runs().next(run, 'busyFirst')).toMatchObject({ userId: first, attempts: 2 });
    });

    it('record in the transaction of the operation, or not at all', async () => {
      const run = await claimed(await newSite(subject()));
      const failing = subject().stores.inOneTransaction(async () => {
        await runs().record(run, done(1), at);
        throw new Error('the deed failed');
      });
      await expect(failing).rejects.toThrow('the deed failed');
      expect(await runs().people(run, { offset: 0, limit: 10 })).toEqual([]);
    });
  });

  describe(`people of a site: ${name}`, () => {
    const subject = useSubject(start);
    const peopleAt = (siteId: number, after = 0, limit = 10) => subject().stores.users.peopleAt(siteId, after, limit);

    it('who are not anonymized come once, with all their rows everywhere, batch by batch in two statements', async () => {
      const [siteId, elsewhere] = [await newSite(subject()), await newSite(subject())];
      const person = await newPerson(subject());
      const there = await enrol(subject(), { siteId: elsewhere, personId: person.id });
      const hidden = await enrol(subject(), { siteId, personId: person.id, deletedAt: aDay });
      const alone = await enrol(subject(), { siteId });
      const second = await enrol(subject(), { siteId, personId: person.id, slot: 1 });
      await enrol(subject(), { siteId, anonymizedAt: aDay });
      await enrol(subject(), { siteId: elsewhere });
      const found = await peopleAt(siteId);
      expect(found.map((one) => [one.first, one.person?.id ?? null, one.rows.map(({ id }) => id)])).toEqual([
        [hidden, person.id, [there, hidden, second]],
        [alone, null, [alone]],
      ]);
      expect((await peopleAt(siteId, 0, 1)).map(({ first }) => first)).toEqual([hidden]);
      expect((await peopleAt(siteId, hidden, 1)).map(({ first }) => first)).toEqual([alone]);
      expect(await peopleAt(siteId, alone)).toEqual([]);
      expect((await statementsOf(subject(), () => peopleAt(siteId))) ?? 2).toBe(2);
    });

    it('are found by a soft-deleted row too, where that is asked for', async () => {
      const siteId = await newSite(subject());
      const { id: personId } = await newPerson(subject());
      const ofPerson = await enrol(subject(), { siteId, personId, deletedAt: aDay });
      const alone = await enrol(subject(), { siteId, deletedAt: aDay });
      const { users, inOneTransaction } = subject().stores;
      for (const id of [ofPerson, alone]) {
        expect(await users.personOf(siteId, id, 'plain')).toBeNull();
        expect((await users.personOf(siteId, id, 'plain', 'hidden'))?.rows.map((row) => row.id)).toEqual([id]);
        const locked = await inOneTransaction(() => users.personOf(siteId, id, 'locked', 'hidden'));
        expect(locked?.rows.map((row) => row.id)).toEqual([id]);
      }
      expect(await users.personOf(await newSite(subject()), alone, 'plain', 'hidden')).toBeNull();
    });
  });
};
