import { Fault } from '../../src/domain/fault.ts';
import type { JsonObject } from '../../src/domain/json.ts';
import type { Actor } from '../../src/domain/actor.ts';
import type { User } from '../../src/domain/users/user.ts';
import { beginRun } from '../../src/use-cases/anonymization-runs/begin-run.ts';
import { previewSite } from '../../src/use-cases/anonymization-runs/preview-site.ts';
import { runStatus } from '../../src/use-cases/anonymization-runs/run-status.ts';
import { pauseRun, resumeRun } from '../../src/use-cases/anonymization-runs/steer-run.ts';
import { workOnRuns } from '../../src/use-cases/anonymization-runs/work-on-runs.ts';
import { aDay, anActor, anIdea, aPerson, aSite, aUser, aVote } from '../support/builders.ts';
import { fakeIdentityProvider } from '../support/fakes/identity-provider.ts';
import { startFakes, type Fakes } from '../support/fakes/index.ts';
import { fakeSettings } from '../support/fakes/settings.ts';

const adminId = 9001;
const settings = { ...fakeSettings(), fixedTokenUserIds: [9002] };
const ended = { project: { projectHasEnded: true }, votes: { isActive: true } };

/** An ended site with an admin who asks, a user named by a fixed token, and whoever else is given; and a site that goes on. */
const world = (people: readonly User[] = [], config: JsonObject = {}) => {
  const fakes = startFakes();
  const { put } = fakes.world;
  const site = aSite({ id: 1, config: { ...ended, ...config } });
  put.site(site, aSite({ id: 2 }));
  const admin = aUser({ id: adminId, siteId: 1, role: 'admin', email: 'admin@example.org' });
  put.user(admin, aUser({ id: 9002, siteId: 1, role: 'member' }), ...people);
  const actor = anActor({ userId: adminId, roles: { 1: 'admin' } });
  const ports = { ...fakes, settings, identity: fakeIdentityProvider() };
  const work = (stopping = () => false) =>
    workOnRuns(ports, async () => {
      fakes.clock.advance(10);
    })(stopping);
  return {
    fakes,
    site,
    ports,
    work,
    will: (who: Actor = actor) => previewSite(ports)({ actor: who, site }),
    begin: (said: Partial<Parameters<ReturnType<typeof beginRun>>[0]> = {}) =>
      beginRun(ports)({ actor, site, ...said }),
    status: (runId: number, who: Actor = actor) =>
      runStatus(ports)({ actor: who, site, runId, people: { page: 0, pageSize: 1000 } }),
    pause: (runId: number) => pauseRun(ports)({ actor, site, runId }),
    resume: (runId: number, who: Actor = actor) => resumeRun(ports)({ actor: who, site, runId }),
    left: (siteId = 1) => namesLeft(fakes, siteId),
  };
};
const namesLeft = (fakes: Fakes, siteId: number) =>
  fakes.world
    .users()
    .filter((row) => row.siteId === siteId && row.anonymizedAt === null)
    .map(({ id }) => id)
    .sort();
const members = (count: number): readonly User[] =>
  Array.from({ length: count }, (_none, at) => aUser({ id: 100 + at, siteId: 1, person: aPerson() }));
const outcomesIn = ({ people }: Awaited<ReturnType<ReturnType<typeof world>['status']>>) =>
  Object.fromEntries((people?.records ?? []).map((one) => [one.userId, one.reason ?? one.outcome]));

describe('A preview of a whole site', () => {
  it('counts rows, people, what they contributed, who is left out and who is removed at the OAuth server', async () => {
    const everywhere = aPerson();
    const [first, second] = [
      aUser({ id: 100, siteId: 1, person: everywhere }),
      aUser({ id: 101, siteId: 1, person: aPerson() }),
    ];
    const hidden = aUser({ id: 102, siteId: 1, deletedAt: aDay });
    const { will, fakes } = world([first, second, hidden, aUser({ id: 103, siteId: 2, person: everywhere })]);
    fakes.world.put.activity('ideas', anIdea({ id: 1, userId: 100, siteId: 1 }));
    fakes.world.put.activity(
      'votes',
      aVote({ userId: 100, ideaId: 1 }),
      aVote({ userId: 102, ideaId: 1, deletedAt: aDay }),
    );

    const summary = await will();

    expect(summary).toMatchObject({ users: 3, persons: 3, oauth: { removed: 1, kept: 1 }, lastUserId: 9002 });
    expect(Object.fromEntries(summary.leftOut)).toEqual({ 'admin-of-the-site': 1, 'named-by-fixed-token': 1 });
    expect(summary.sites).toMatchObject([
      { site: { id: 1 }, users: 3, stays: { ideas: 1, votes: 0 }, goes: { votes: 1 }, hidden: 1 },
    ]);
  });

  it('takes along, where nobody is left, the rows of other sites that nobody sees any more, and does not tell of them', async () => {
    const person = aPerson();
    const gone = aUser({ id: 101, siteId: 2, person, deletedAt: aDay });
    const { will, begin, work, left } = world([aUser({ id: 100, siteId: 1, person }), gone]);

    expect(await will()).toMatchObject({ users: 1, persons: 1, sites: [{ site: { id: 1 }, users: 1 }] });
    await begin();
    await work();

    expect(left(2)).toEqual([]);
  });

  it('has one digest while nothing changes, and another when somebody comes, or votes', async () => {
    const { will, fakes } = world(members(3));
    const digests = [(await will()).digest, (await will()).digest];
    fakes.world.put.activity('votes', aVote({ userId: 100, ideaId: 1 }));
    digests.push((await will()).digest);
    fakes.world.put.user(aUser({ id: 200, siteId: 1 }));
    digests.push((await will()).digest);

    expect(digests[0]).toBe(digests[1]);
    expect(new Set(digests).size).toBe(3);
  });

  it('is refused to a moderator, to the admin of another site, and where the site has not ended', async () => {
    const { will, fakes } = world([
      aUser({ id: 5, siteId: 1, role: 'moderator' }),
      aUser({ id: 6, siteId: 2, role: 'admin' }),
    ]);
    const [moderator, stranger] = [
      anActor({ userId: 5, roles: { 1: 'moderator' } }),
      anActor({ userId: 6, roles: { 2: 'admin' } }),
    ];
    await expect(will(moderator)).rejects.toMatchObject({ code: 'forbidden', facts: { rule: 'admin-needed' } });
    await expect(will(stranger)).rejects.toMatchObject({ code: 'forbidden', facts: { rule: 'admin-needed' } });
    fakes.world.put.site(aSite({ id: 1 }));
    await expect(will()).rejects.toMatchObject({ code: 'conflict', facts: { rule: 'site-has-not-ended' } });
  });
});

describe('A run over a whole site', () => {
  it('anonymizes everybody but admins and users named by fixed tokens, and says so of each', async () => {
    const { begin, work, status, left, fakes } = world([
      ...members(60),
      aUser({ id: 500, siteId: 1, deletedAt: aDay }),
      aUser({ id: 501, siteId: 2 }),
    ]);

    const { status: begun } = await begin();
    await work();

    const after = await status(begun.run.id);
    expect(after).toMatchObject({ run: { state: 'done' }, progress: { done: 63, total: 63 }, estimate: null });
    expect(outcomesIn(after)).toMatchObject({
      ...{ 100: 'anonymized', 159: 'anonymized', 500: 'anonymized' },
      ...{ [adminId]: 'admin-of-the-site', 9002: 'named-by-fixed-token' },
    });
    expect([left(), left(2)]).toEqual([[adminId, 9002], [501]]);
    expect(fakes.metrics.counted.filter((line) => line === 'did do-anonymize-all-users')).toHaveLength(61);
    expect(await fakes.audit.ofUser(1, 100)).toMatchObject([
      {
        call: 'do-anonymize-all-users',
        actorId: adminId,
        actorKind: 'console',
        disposition: 'anonymized',
        oauth: 'remove',
      },
    ]);
    expect((await fakes.outbox.waiting()).map(({ topic }) => topic)).toEqual(Array(60).fill('person.remove'));
  });

  it('is one run while it goes on, whoever asks again, and a new one afterwards', async () => {
    const { begin, work } = world(members(2));
    const [one, two] = [await begin(), await begin({ stillMatches: () => false })];
    expect(two.status.run.id).toBe(one.status.run.id);
    await work();
    expect((await begin()).status.run.id).not.toBe(one.status.run.id);
  });

  it('is answered again under its key, also when it is done, and refused with another body', async () => {
    const { begin, work } = world(members(2));
    const repeat = { key: 'k', path: '/p', body: '{}' };
    const first = await begin({ repeat });
    await work();
    const again = await begin({ repeat });
    expect([first.replayed, again.replayed, again.status.run.id]).toEqual([false, true, first.status.run.id]);
    expect(again.status.run.state).toBe('done');
    await expect(begin({ repeat: { ...repeat, body: '{"a":1}' } })).rejects.toMatchObject({ code: 'invalid-values' });
  });

  it('begins only with the plan that was seen, and needs one where the site says so', async () => {
    const { begin, will } = world(members(2), { anonymize: { requirePreview: true } });
    await expect(begin()).rejects.toMatchObject({ code: 'preview-required' });
    await expect(begin({ stillMatches: (digest) => digest === 'another' })).rejects.toMatchObject({
      code: 'plan-changed',
      facts: { current: { persons: 2, leftOut: { 'admin-of-the-site': 1 } } },
    });
    const { digest } = await will();
    expect((await begin({ stillMatches: (one) => one === digest })).status.run.state).toBe('running');
  });

  it('stands still when it is paused, and goes on in the name of whoever resumes it', async () => {
    const other = aUser({ id: 9003, siteId: 1, role: 'admin' });
    const { begin, pause, resume, work, left, fakes } = world([...members(5), other]);
    const { status: begun } = await begin();
    let visited = 0;
    await work(() => (visited += 1) > 3);
    expect(await pause(begun.run.id)).toMatchObject({ run: { state: 'paused', reason: 'asked' } });
    expect(await pause(begun.run.id)).toMatchObject({ run: { state: 'paused' } });
    const before = left();
    await work();
    expect(left()).toEqual(before);
    expect(before.length).toBeGreaterThan(3);

    const resumed = await resume(begun.run.id, anActor({ userId: 9003, roles: { 1: 'admin' } }));
    expect(resumed).toMatchObject({ run: { state: 'running', actorId: 9003 } });
    await work();
    expect(left()).toEqual([adminId, 9002, 9003]);
    expect((await fakes.audit.ofUser(1, 104))[0]?.actorId).toBe(9003);
    await expect(pause(begun.run.id)).rejects.toMatchObject({ facts: { rule: 'run-is-done' } });
    await expect(resume(begun.run.id)).rejects.toMatchObject({ facts: { rule: 'run-is-done' } });
  });

  it.each([
    [
      'asker-is-no-admin',
      (fakes: Fakes) => {
        fakes.world.put.user(aUser({ id: adminId, siteId: 1, role: 'editor' }));
      },
    ],
    [
      'asker-is-no-admin',
      (fakes: Fakes) => {
        fakes.world.put.user(aUser({ id: adminId, siteId: 1, role: 'admin', deletedAt: aDay }));
      },
    ],
    [
      'site-has-not-ended',
      (fakes: Fakes) => {
        fakes.world.put.site(aSite({ id: 1 }));
      },
    ],
  ])('pauses by itself: %s', async (reason, change) => {
    const { begin, work, left, status, fakes } = world(members(2));
    const { status: begun } = await begin();
    change(fakes);
    await work();
    const platform = anActor({ userId: 9002, reach: { kind: 'everywhere', role: 'admin' } });
    fakes.world.put.user(aUser({ id: 9002, siteId: 1, role: 'admin' }));
    expect((await status(begun.run.id, platform)).run).toMatchObject({ state: 'paused', reason });
    expect(left()).toEqual(expect.arrayContaining([100, 101]));
  });

  it('takes who has come since too, and counts them', async () => {
    const { begin, work, left, status, fakes } = world(members(1));
    const { status: begun } = await begin();
    fakes.world.put.user(aUser({ id: 9900, siteId: 1, person: aPerson() }));
    await work();
    const { counts } = await status(begun.run.id);
    expect(counts[0]).toMatchObject({ outcome: 'anonymized', people: 2, cameAfter: 1 });
    expect(left()).toEqual([adminId, 9002]);
  });

  it('tries again whom it could not anonymize, some time later, five times at most', async () => {
    const { begin, ports, status, fakes } = world(members(7));
    let refusals = 0;
    const failing = {
      ...ports,
      activities: {
        ...ports.activities,
        references: async function* (...[type, userIds, ...rest]: Parameters<typeof ports.activities.references>) {
          if (userIds.includes(106)) {
            refusals += 1;
            throw new Fault('busy', { retryAfterSeconds: 1 });
          }
          yield* ports.activities.references(type, userIds, ...rest);
        },
      },
    };
    const { status: begun } = await begin();
    const work = () => workOnRuns(failing, async () => undefined)(() => false);
    await work();
    expect(await status(begun.run.id)).toMatchObject({ run: { state: 'running' }, progress: { done: 8, total: 9 } });
    expect(refusals).toBe(1);
    for (const pause of [2000, 8000, 32_000, 128_000]) {
      await work();
      fakes.clock.advance(pause);
      await work();
    }

    const after = await status(begun.run.id);
    expect(refusals).toBe(5);
    expect(after).toMatchObject({ run: { state: 'done' }, progress: { done: 9, total: 9 } });
    expect(after.people?.records.find(({ userId }) => userId === 106)).toMatchObject({
      ...{ outcome: 'failed', reason: 'busy', attempts: 5 },
    });
  });

  it('says when it will be done, by the time that people took so far', async () => {
    const { begin, work, status } = world(members(18));
    const { status: begun } = await begin();
    expect(begun.estimate).toBeNull();
    let visited = 0;
    await work(() => (visited += 1) > 11);
    const { progress, estimate, run } = await status(begun.run.id);
    expect(progress.total).toBe(20);
    expect(run.workedMs).toBe((progress.done - 1) * 10);
    expect(estimate).not.toBeNull();
  });
});
