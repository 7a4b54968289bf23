import type { Actor } from '../../src/domain/actor.ts';
import { operator } from '../../src/domain/actor.ts';
import type { JsonObject } from '../../src/domain/json.ts';
import type { User } from '../../src/domain/users/user.ts';
import type { PlanRunCommand } from '../../src/use-cases/anonymization-runs/commands.ts';
import { listRuns } from '../../src/use-cases/anonymization-runs/list-runs.ts';
import { planRun } from '../../src/use-cases/anonymization-runs/plan-run.ts';
import { namedRunStatus } from '../../src/use-cases/anonymization-runs/run-status.ts';
import { startRun } from '../../src/use-cases/anonymization-runs/start-run.ts';
import { cancelRun, pauseRun, resumeRun } from '../../src/use-cases/anonymization-runs/steer-run.ts';
import { workOnRuns } from '../../src/use-cases/anonymization-runs/work-on-runs.ts';
import { tidyUp } from '../../src/jobs/jobs.ts';
import { aDay, anActor, anIdea, aPerson, aSite, aUser, aVote } from '../support/builders.ts';
import { failingFor } from '../support/failing-for.ts';
import { fakeIdentityProvider } from '../support/fakes/identity-provider.ts';
import { startFakes } from '../support/fakes/index.ts';
import { fakeSettings } from '../support/fakes/settings.ts';

const adminId = 9001;
const platformId = 9002;
const admin = anActor({ userId: adminId, roles: { 1: 'admin' } });
const platform = anActor({
  ...{ userId: platformId, roles: { 1: 'admin' } },
  reach: { kind: 'everywhere', role: 'admin' },
});

/** Two sites, an admin of the first, a platform admin, and whoever else is given. */
const world = (people: readonly User[] = [], configs: Readonly<Record<number, JsonObject>> = {}) => {
  const fakes = startFakes();
  const { put } = fakes.world;
  const voting = { votes: { isActive: true } };
  const [one, two] = [1, 2].map((id) => aSite({ id, config: { ...voting, ...configs[id] } }));
  put.site(one!, two!);
  put.user(aUser({ id: adminId, siteId: 1, role: 'admin' }), aUser({ id: platformId, siteId: 1, role: 'admin' }));
  put.user(...people);
  const settings = { ...fakeSettings(), fixedTokenUserIds: [platformId] };
  const ports = { ...fakes, settings, identity: fakeIdentityProvider() };
  const worker = (overrides: Partial<typeof ports> = {}) =>
    workOnRuns({ ...ports, ...overrides }, async () => {
      fakes.clock.advance(10);
    });
  const plan = (userIds: readonly number[], said: Partial<PlanRunCommand> = {}) =>
    planRun(ports)({ actor: admin, choice: { by: 'id', userIds }, everywhere: false, ...said });
  const start = (name: string, digest: unknown, actor: Actor = admin) =>
    startRun(ports)({ actor, name, stillMatches: (tag) => tag === digest });
  return {
    ...{ fakes, ports, plan, start, site: one! },
    work: (stopping = () => false, overrides: Partial<typeof ports> = {}) => worker(overrides)(stopping),
    started: async (userIds: readonly number[], said: Partial<PlanRunCommand> = {}) => {
      const { status } = await plan(userIds, said);
      await start(status.run.name, status.plan['digest'], said.actor ?? admin);
      return status.run.name;
    },
    status: (name: string, actor: Actor = admin) =>
      namedRunStatus(ports)({ actor, name, people: { page: 0, pageSize: 1000 } }),
    pause: (name: string, actor: Actor = admin) => pauseRun(ports)({ actor, name }),
    resume: (name: string, actor: Actor = admin) => resumeRun(ports)({ actor, name }),
    cancel: (name: string, actor: Actor = admin) => cancelRun(ports)({ actor, name }),
    list: (actor: Actor = admin) => listRuns(ports)({ actor, state: null, cursor: null, pageSize: 20 }),
    anonymized: () =>
      fakes.world
        .users()
        .filter(({ anonymizedAt }) => anonymizedAt !== null)
        .map(({ id }) => id)
        .sort((a, b) => a - b),
  };
};
type World = ReturnType<typeof world>;
const members = (count: number, siteId = 1): readonly User[] =>
  Array.from({ length: count }, (_none, at) => aUser({ id: 100 * siteId + at, siteId, person: aPerson() }));
const ids = (people: readonly User[]): readonly number[] => people.map(({ id }) => id);
const outcomes = async ({ status }: World, name: string, actor?: Actor) =>
  Object.fromEntries(
    ((await status(name, actor)).people?.records ?? []).map((one) => [one.userId, one.reason ?? one.outcome]),
  );
const rule = (name: string): unknown => expect.objectContaining({ facts: expect.objectContaining({ rule: name }) });

describe('Planning a run over a list of people', () => {
  it('writes down who is anonymized and who is left out, and anonymizes nobody', async () => {
    const people = [
      ...members(3),
      aUser({ id: 110, siteId: 1, anonymizedAt: aDay }),
      aUser({ id: 111, siteId: 1, role: 'moderator' }),
    ];
    const w = world(people);
    w.fakes.world.put.activity('ideas', anIdea({ id: 1, userId: 100, siteId: 1 }));
    w.fakes.world.put.activity('votes', aVote({ userId: 100, ideaId: 1 }));

    const { status } = await w.plan([102, 100, 101, 100, 110, 111, adminId, platformId]);

    expect(status.run).toMatchObject({ kind: 'people', state: 'planned', planned: 7, forSiteId: 1, siteIds: [1] });
    expect(status.plan).toMatchObject({
      ...{ users: 4, persons: 4, chosenBy: 'id', oauth: { removed: 3, kept: 0 } },
      leftOut: { 'anonymized-already': 1, yourself: 1, 'named-by-fixed-token': 1 },
      sites: { number: 1, first: [{ id: 1, users: 4, ideas: 1, votesRemoved: 1 }] },
    });
    expect(status.progress).toEqual({ done: 3, total: 7 });
    await w.work();
    expect(w.anonymized()).toEqual([110]);
    expect(await outcomes(w, status.run.name)).toMatchObject({ 100: 'planned', [adminId]: 'yourself' });
  });

  it('names all ids that select nobody, those of another site and those of nobody alike', async () => {
    const w = world([...members(1), ...members(1, 2), aUser({ id: 120, siteId: 1, deletedAt: aDay })]);
    await expect(w.plan([100, 200, 777_777, 120])).rejects.toMatchObject({
      code: 'invalid-values',
      facts: {
        errors: [1, 2, 3].map((at) => ({ pointer: `/users/${at}`, detail: 'is no user whom you may choose' })),
      },
    });
    expect(await w.fakes.runs.countOpen(1)).toBe(0);
    const { status } = await w.plan([100, 200], { actor: platform });
    expect(status.run).toMatchObject({ forSiteId: null, siteIds: 'all', planned: 2 });
    expect(status.plan).toMatchObject({ users: 2, sites: { number: 2 } });
  });

  it('is for admins, everywhere for platform admins, and by a filter for admins of that site', async () => {
    const w = world([aUser({ id: 5, siteId: 1, role: 'editor' }), ...members(1), ...members(1, 2)]);
    const editor = anActor({ userId: 5, roles: { 1: 'editor' } });
    await expect(w.plan([100], { actor: editor })).rejects.toEqual(rule('admin-of-a-site-needed'));
    await expect(w.plan([100], { everywhere: true })).rejects.toEqual(rule('platform-admin-needed'));
    const choice = { by: 'filter', site: aSite({ id: 2 }), conditions: [], words: ['x'] } as const;
    await expect(w.plan([], { choice })).rejects.toEqual(rule('admin-needed'));
  });

  it('by a filter finds whom the list shows, and leaves staff out', async () => {
    const people = [...members(2), aUser({ id: 111, siteId: 1, role: 'moderator' }), ...members(1, 2)];
    const w = world(people);
    const conditions = [{ field: 'role', is: 'different', values: ['anonymous'] }] as const;
    const choice = { by: 'filter', site: w.site, conditions, words: [] } as const;
    const { status } = await w.plan([], { choice });
    expect(status.plan).toMatchObject({ persons: 2, chosenBy: 'filter' });
    expect(await outcomes(w, status.run.name)).toMatchObject({
      ...{ 100: 'planned', 111: 'staff-by-id-only', [adminId]: 'yourself', [platformId]: 'named-by-fixed-token' },
    });
    const nobody = { ...choice, conditions: [{ field: 'id', is: 'one-of', values: [424_242] }] } as const;
    await expect(w.plan([], { choice: nobody })).rejects.toMatchObject({ code: 'invalid-values' });
  });

  it('takes two rows of one person as one, at one site or everywhere', async () => {
    const person = aPerson();
    const rows = [
      aUser({ id: 100, siteId: 1, person }),
      aUser({ id: 101, siteId: 1, person, slot: 1 }),
      aUser({ id: 102, siteId: 2, person }),
    ];
    const w = world(rows);
    expect((await w.plan([100, 101])).status.plan).toMatchObject({ users: 2, persons: 1 });
    const bySite = await w.plan([100, 101, 102], { actor: platform });
    expect(bySite.status.plan).toMatchObject({ users: 3, persons: 2 });
    const whole = await w.plan([101], { actor: platform, everywhere: true });
    expect(whole.status.plan).toMatchObject({ users: 3, persons: 1, sites: { number: 2 } });
  });

  it('leaves out whose site is gone, or wants all declared that is not', async () => {
    const w = world([...members(1, 2), ...members(1), aUser({ id: 130, siteId: 3 })], {
      2: { anonymize: { requireComplete: true } },
    });
    const sideTables = { ...w.ports.sideTables, gaps: async () => ['strange.column'] };
    const plan = planRun({ ...w.ports, sideTables });
    const choice = { by: 'id', userIds: [100, 200, 130] } as const;
    const { status } = await plan({ actor: platform, choice, everywhere: false });
    expect(status.plan).toMatchObject({ persons: 1, leftOut: { incomplete: 1, 'site-is-gone': 1 } });
  });

  it('writes nothing down where all would be left out', async () => {
    const w = world([aUser({ id: 100, siteId: 1, anonymizedAt: aDay })]);
    await expect(w.plan([100, adminId])).rejects.toMatchObject({
      ...{ code: 'invalid-values', facts: { errors: [{ pointer: '/users' }] } },
    });
    expect((await w.list()).runs).toEqual([]);
  });

  it('writes nothing down for whom the right was taken from while it was planned', async () => {
    const w = world(members(1));
    const inOneSnapshot: typeof w.ports.inOneSnapshot = async (work) => {
      const planned = await w.ports.inOneSnapshot(work);
      w.fakes.world.put.user(aUser({ id: adminId, siteId: 1, role: 'editor' }));
      return planned;
    };
    const plan = planRun({ ...w.ports, inOneSnapshot });
    const command = { actor: admin, choice: { by: 'id', userIds: [100] }, everywhere: false } as const;
    await expect(plan(command)).rejects.toEqual(rule('admin-of-a-site-needed'));
    expect(await w.fakes.runs.countOpen(1)).toBe(0);
  });

  it('is one run under one key, and is gone with it', async () => {
    const w = world(members(2));
    const repeat = { key: 'k', path: '/p', body: '{}' };
    const first = await w.plan([100], { repeat });
    const again = await w.plan([100], { repeat });
    expect([first.replayed, again.replayed, again.status.run.name]).toEqual([false, true, first.status.run.name]);
    await expect(w.plan([101], { repeat: { ...repeat, body: '{"a":1}' } })).rejects.toMatchObject({
      code: 'invalid-values',
    });
    await w.cancel(first.status.run.name);
    await expect(w.plan([100], { repeat })).rejects.toMatchObject({ code: 'not-found' });
  });

  it('is refused while twenty of the site wait, and forgotten after a day', async () => {
    const w = world(members(1));
    for (let at = 0; at < 20; at += 1) await w.plan([100]);
    await expect(w.plan([100])).rejects.toEqual(rule('too-many-runs'));
    await expect(w.plan([100], { actor: platform })).resolves.toBeDefined();
    w.fakes.clock.advance(86_400_001);
    await tidyUp(w.ports).run(() => false);
    expect((await w.list()).runs).toEqual([]);
  });
});

describe('Starting it', () => {
  it('wants the plan that was seen, from who planned it', async () => {
    const w = world([...members(2), aUser({ id: 9003, siteId: 1, role: 'admin' })]);
    const { status } = await w.plan([100, 101]);
    const { name } = status.run;
    const other = anActor({ userId: 9003, roles: { 1: 'admin' } });
    await expect(startRun(w.ports)({ actor: admin, name })).rejects.toMatchObject({ code: 'preview-required' });
    await expect(w.start(name, 'another')).rejects.toMatchObject({
      ...{ code: 'plan-changed', facts: { current: { persons: 2 } } },
    });
    await expect(w.start(name, status.plan['digest'], other)).rejects.toEqual(rule('not-your-plan'));
    await expect(w.start(name, status.plan['digest'], platform)).rejects.toEqual(rule('not-your-plan'));
    await expect(w.start('AAAAAAAAAAAAAAAAAAAAAA', 'd')).rejects.toMatchObject({ code: 'not-found' });

    expect(await w.start(name, status.plan['digest'])).toMatchObject({ run: { state: 'running' } });
    expect(await w.start(name, status.plan['digest'])).toMatchObject({ run: { state: 'running' } });
    await expect(w.start(name, 'another')).rejects.toMatchObject({ code: 'plan-changed' });
    await w.pause(name);
    await expect(w.start(name, status.plan['digest'])).rejects.toEqual(rule('run-is-paused'));
    await w.resume(name);
    await w.work();
    await expect(w.start(name, status.plan['digest'])).rejects.toEqual(rule('run-is-done'));
    expect(w.anonymized()).toEqual([100, 101]);
  });

  it('is not bound to votes, but to whom and to which rows', async () => {
    const person = aPerson();
    const w = world([aUser({ id: 100, siteId: 1, person }), ...members(1, 2)]);
    const { status } = await w.plan([100], { actor: platform, everywhere: true });
    w.fakes.world.put.activity('votes', aVote({ userId: 100, ideaId: 1 }));
    expect((await w.plan([100], { actor: platform, everywhere: true })).status.plan['digest']).toBe(
      status.plan['digest'],
    );
    w.fakes.world.put.user(aUser({ id: 150, siteId: 2, person }));
    await expect(w.start(status.run.name, status.plan['digest'], platform)).rejects.toMatchObject({
      ...{ code: 'plan-changed', facts: { current: { users: 2, persons: 1 } } },
    });
    await w.work();
    expect(w.anonymized()).toEqual([]);
  });
});

describe('A run over a list of people', () => {
  it('anonymizes each as do-anonymize does, in the name of who planned it, and nobody else', async () => {
    const person = aPerson();
    const people = [...members(7), aUser({ id: 150, siteId: 1, person }), aUser({ id: 151, siteId: 2, person })];
    const w = world(people);
    const name = await w.started([...ids(people.slice(0, 6)), 150], { reason: 'Zaak-1' });
    await w.work();

    expect(w.anonymized()).toEqual([100, 101, 102, 103, 104, 105, 150]);
    const after = await w.status(name);
    expect(after).toMatchObject({ run: { state: 'done', reason: null }, progress: { done: 7, total: 7 } });
    const [entry] = await w.fakes.audit.ofUser(1, 150);
    expect(entry).toMatchObject({ call: 'do-anonymize', actorId: adminId, actorKind: 'console', reason: 'Zaak-1' });
    expect(after.people?.records[0]).toMatchObject({ userId: 100, oauth: { removal: 'pending' } });
    expect(after.people?.records[0]?.operation).toMatch(/.{20,}/);
    expect(after.awaitingRemoval).toBe(6);
    expect(w.fakes.metrics.counted.filter((line) => line === 'did do-anonymize')).toHaveLength(7);
  });

  it('takes a person everywhere where platform admins asked for that, one on the machine too', async () => {
    const person = aPerson();
    const w = world([aUser({ id: 100, siteId: 1, person }), aUser({ id: 101, siteId: 2, person })]);
    const jan = operator('jan');
    const name = await w.started([101], { actor: jan, everywhere: true });
    await w.work();
    expect(w.anonymized()).toEqual([100, 101]);
    expect(await w.fakes.audit.ofUser(1, 100)).toMatchObject([
      { call: 'do-anonymizeall', actorKind: 'cli', actorName: 'cli:jan', actorId: null },
    ]);
    expect((await w.status(name, jan)).people?.records[0]?.operation).not.toBeNull();
  });

  it('leaves out who is another by now, has other rows, is gone, or may not be anonymized any more', async () => {
    const people = members(12);
    const w = world(people);
    const name = await w.started(ids(people));
    const { put } = w.fakes.world;
    const [first, second, third, fourth] = people;
    const another = aPerson();
    put.user(aUser({ ...first!, personId: another.id, person: another }));
    put.user(aUser({ id: 160, siteId: 1, slot: 1, person: second!.person }));
    put.user(aUser({ ...third!, deletedAt: aDay }));
    put.user(aUser({ ...fourth!, role: 'admin' }));
    await w.work();
    expect(await outcomes(w, name)).toMatchObject({
      100: 'plan-changed',
      101: 'plan-changed',
      102: 'gone',
      104: 'anonymized',
    });
    expect(w.anonymized()).not.toContain(160);
  });

  it.each([
    ['is no admin any more', { role: 'editor' as const }],
    ['is gone', { deletedAt: aDay }],
  ])('stands still when who asked %s', async (_what, change) => {
    const w = world(members(2));
    const name = await w.started([100, 101]);
    w.fakes.world.put.user(aUser({ id: adminId, siteId: 1, role: 'admin', ...change }));
    await w.work();
    expect((await w.status(name, platform)).run).toMatchObject({ state: 'paused', reason: 'asker-is-no-admin' });
    expect(w.anonymized()).toEqual([]);
  });

  it('asks for the right behind the locks', async () => {
    const w = world(members(2));
    const name = await w.started([100, 101]);
    const personOf: typeof w.ports.users.personOf = async (...asked) => {
      w.fakes.world.put.user(aUser({ id: adminId, siteId: 1, role: 'editor' }));
      return w.ports.users.personOf(...asked);
    };
    await w.work(undefined, { users: { ...w.ports.users, personOf } });
    expect((await w.status(name, platform)).run).toMatchObject({ state: 'paused', reason: 'asker-is-no-admin' });
    expect(w.anonymized()).toEqual([]);
  });

  it('goes on in the name of who resumes it, and reaches no further', async () => {
    const w = world([...members(1), ...members(1, 2), aUser({ id: 9003, siteId: 1, role: 'admin' })]);
    const name = await w.started([100]);
    await w.pause(name);
    await w.work();
    expect(w.anonymized()).toEqual([]);
    const resumed = await w.resume(name, platform);
    expect(resumed.run).toMatchObject({ state: 'running', actorId: platformId, siteIds: [1], extent: 'this-site' });
    await w.work();
    expect(w.anonymized()).toEqual([100]);
    expect(await w.fakes.audit.ofUser(1, 100)).toMatchObject([{ actorId: platformId, actorKind: 'fixed-token' }]);
  });

  it('tells ticket and digest to who planned it, and not to a colleague who resumed it', async () => {
    const w = world([...members(1), aUser({ id: 9003, siteId: 1, role: 'admin' })]);
    const colleague = anActor({ userId: 9003, roles: { 1: 'admin' } });
    const name = await w.started([100], { reason: 'Zaak-1' });
    await w.pause(name, colleague);
    await w.resume(name, colleague);
    const [own, others] = [await w.status(name), await w.status(name, colleague)];
    expect([own.isOwn, own.plan['digest'], others.isOwn]).toEqual([true, expect.any(String), false]);
    expect(others.plan).not.toHaveProperty('digest');
    expect((await w.list(colleague)).runs).toMatchObject([{ name, isOwn: false }]);
    await w.work();
    expect(await w.fakes.audit.ofUser(1, 100)).toMatchObject([{ actorId: 9003 }]);
  });

  it('goes on in the name of the platform admin who starts what another one planned', async () => {
    const w = world(members(1));
    const { status } = await w.plan([100], { actor: platform });
    await w.start(status.run.name, status.plan['digest'], operator('jan'));
    await w.work();
    expect(await w.fakes.audit.ofUser(1, 100)).toMatchObject([{ actorKind: 'cli', actorName: 'cli:jan' }]);
  });

  it('anonymizes neither who resumed it, nor by a filter who has become staff since', async () => {
    const people = members(3);
    const w = world([...people, aUser({ id: 9003, siteId: 1, role: 'admin', person: aPerson() })]);
    const listed = await w.started([9003, 100]);
    const { personId = null } = w.fakes.world.users().find(({ id }) => id === 9003) ?? {};
    const colleague = anActor({ userId: 9003, personId, roles: { 1: 'admin' } });
    await w.pause(listed, colleague);
    await w.resume(listed, colleague);
    const conditions = [{ field: 'role', is: 'one-of', values: ['member'] }] as const;
    const { status } = await w.plan([], { choice: { by: 'filter', site: w.site, conditions, words: [] } });
    await w.start(status.run.name, status.plan['digest']);
    w.fakes.world.put.user(aUser({ ...people[1]!, role: 'editor' }), aUser({ ...people[2]!, role: 'moderator' }));
    await w.work();
    expect(w.anonymized()).toEqual([100]);
    expect(await outcomes(w, listed, colleague)).toEqual({ 100: 'anonymized', 9003: 'yourself' });
    expect(await outcomes(w, status.run.name)).toMatchObject({ 101: 'staff-by-id-only', 102: 'staff-by-id-only' });
  });

  it('is not carried on a month after it was started', async () => {
    const w = world(members(2));
    const name = await w.started([100, 101]);
    w.fakes.clock.advance(31 * 86_400_000);
    await w.work();
    expect((await w.status(name)).run).toMatchObject({ state: 'paused', reason: 'too-old' });
    await expect(w.resume(name)).rejects.toEqual(rule('run-is-too-old'));
    expect(w.anonymized()).toEqual([]);
  });

  it('is done, by the estimate, once who is left took as long each as whom it visited; who was left out at once took none', async () => {
    const gone = Array.from({ length: 20 }, (_none, at) => aUser({ id: 150 + at, siteId: 1, anonymizedAt: aDay }));
    const people = members(4);
    const w = world([...people, ...gone]);
    const name = await w.started(ids([...people, ...gone]));
    let visited = 0;
    await w.work(() => (visited += 1) > 3);
    const { progress, estimate, run } = await w.status(name);
    expect([w.anonymized().length - gone.length, progress]).toEqual([2, { done: 22, total: 24 }]);
    expect(run.workedMs).toBeGreaterThan(0);
    // As many are left as were visited.
    expect(Number(estimate) - w.fakes.clock.now().getTime()).toBe(run.workedMs);
  });

  it('ends when it is cancelled, and keeps what it did', async () => {
    const people = members(8);
    const w = world(people);
    const name = await w.started(ids(people));
    let visited = 0;
    await w.work(() => (visited += 1) > 4);
    const before = w.anonymized();
    expect(before.length).toBeGreaterThan(0);
    expect((await w.cancel(name)).run).toMatchObject({ state: 'cancelled', cancelled: 8 - before.length });
    expect((await w.cancel(name)).run.state).toBe('cancelled');
    await w.work();
    expect(w.anonymized()).toEqual(before);
    for (const steer of [w.pause, w.resume]) await expect(steer(name)).rejects.toEqual(rule('run-is-cancelled'));
    const { status } = await w.plan([107]);
    await expect(w.pause(status.run.name)).rejects.toEqual(rule('run-is-planned'));
    expect((await w.cancel(status.run.name)).run.state).toBe('cancelled');
    await expect(w.status(status.run.name)).rejects.toMatchObject({ code: 'not-found' });
  });

  it('is seen by admins of its site and platform admins, with its plan’s digest by who planned it', async () => {
    const w = world([
      ...members(1),
      aUser({ id: 9003, siteId: 1, role: 'admin' }),
      aUser({ id: 9004, siteId: 2, role: 'admin' }),
    ]);
    const [colleague, stranger] = [
      anActor({ userId: 9003, roles: { 1: 'admin' } }),
      anActor({ userId: 9004, roles: { 2: 'admin' } }),
    ];
    const { status } = await w.plan([100], { reason: 'Zaak-1' });
    const everywhere = await w.plan([100], { actor: platform });
    const digestTold = async (actor: Actor) => 'digest' in (await w.status(status.run.name, actor)).plan;
    expect([await digestTold(admin), await digestTold(platform), await digestTold(colleague)]).toEqual([
      true,
      true,
      false,
    ]);
    await expect(w.status(status.run.name, stranger)).rejects.toMatchObject({ code: 'not-found' });
    await expect(w.status(everywhere.status.run.name)).rejects.toMatchObject({ code: 'not-found' });
    const names = async (actor: Actor) => (await w.list(actor)).runs.map(({ name }) => name);
    expect(await names(colleague)).toEqual([status.run.name]);
    expect(await names(stranger)).toEqual([]);
    expect(await names(platform)).toEqual([everywhere.status.run.name, status.run.name]);
  });
});

describe('Who stood on a list', () => {
  const day = 86_400_000;
  const tidy = (w: World) => tidyUp(w.ports).run(() => false);

  it('is forgotten thirty days after its end, and how many came to what is not', async () => {
    const w = world(members(3));
    const name = await w.started([100, 101, adminId]);
    await w.cancel((await w.plan([102])).status.run.name);
    await w.work();
    const before = await w.status(name);
    w.fakes.clock.advance(30 * day - 1);
    await tidy(w);
    expect((await w.status(name)).people).toEqual(before.people);
    const removed = { ...(await w.fakes.audit.ofUser(1, 100))[0]!, call: 'oauth-removal', oauth: 'done', rank: null };
    await w.fakes.audit.append([{ ...removed, rowCount: null, disposition: null }]);
    w.fakes.clock.advance(1);
    await tidy(w);

    const after = await w.status(name);
    expect(before.peopleKeptUntil?.getTime()).toBe(w.fakes.clock.now().getTime());
    expect(after).toMatchObject({ counts: before.counts, progress: before.progress, run: { state: 'done' } });
    // Of whom the OAuth server has not answered: who that is has to be found.
    expect([before.people?.totalCount, after.people?.totalCount, after.awaitingRemoval]).toEqual([3, 1, 1]);
    expect(await outcomes(w, name)).toEqual({ 101: 'anonymized' });
  });

  it('is not forgotten while it is planned, goes on or is paused; a list too old to go on is cancelled', async () => {
    const w = world(members(3));
    const [paused, planned] = [await w.started([100, 101]), (await w.plan([102])).status.run.name];
    await w.pause(paused);
    await tidy(w);
    expect(await outcomes(w, planned)).toEqual({ 102: 'planned' });
    w.fakes.clock.advance(30 * day);
    await tidy(w);
    expect((await w.status(paused)).run.state).toBe('paused');
    w.fakes.clock.advance(day);
    await tidy(w);
    expect((await w.status(paused)).run).toMatchObject({ state: 'cancelled', cancelled: 2 });
    expect(w.anonymized()).toEqual([]);
  });
});

describe('What stops a run', () => {
  const failing = (w: World, failsFor: (userId: number) => 'busy' | 'bug' | null) => ({
    activities: failingFor(w.ports.activities, failsFor),
  });

  it('is one failure among the first five, until somebody resumes it', async () => {
    const people = members(8);
    const w = world(people);
    const name = await w.started(ids(people));
    let isBroken = true;
    const broken = failing(w, (id) => (isBroken && id === 102 ? 'bug' : null));
    await w.work(undefined, broken);
    expect((await w.status(name)).run).toMatchObject({ state: 'paused', reason: 'canary-failed' });
    expect(w.anonymized()).toEqual([100, 101]);
    isBroken = false;
    w.fakes.clock.advance(1);
    await w.resume(name);
    w.fakes.clock.advance(60_000);
    await w.work(undefined, broken);
    expect((await w.status(name)).run.state).toBe('done');
    expect(w.anonymized()).toEqual(ids(people));
  });

  it('is no failure after everybody was visited: whoever fails to the end is told as failed', async () => {
    const people = members(3);
    const w = world(people);
    const name = await w.started(ids(people));
    const broken = failing(w, (id) => (id === 102 ? 'bug' : null));
    for (let tries = 0; tries < 6; tries += 1) {
      await w.work(undefined, broken);
      w.fakes.clock.advance(200_000);
    }
    expect(await w.status(name)).toMatchObject({
      run: { state: 'done', reason: null },
      progress: { done: 3, total: 3 },
    });
    expect(await outcomes(w, name)).toMatchObject({ 100: 'anonymized', 101: 'anonymized', 102: 'TypeError' });
  });

  it('does not stop it again for the same person, once somebody resumed it', async () => {
    const people = members(8);
    const w = world(people);
    const name = await w.started(ids(people));
    const broken = failing(w, (id) => (id === 100 ? 'bug' : null));
    await w.work(undefined, broken);
    expect((await w.status(name)).run.reason).toBe('canary-failed');
    w.fakes.clock.advance(1);
    await w.resume(name);
    await w.work(undefined, broken);
    expect(w.anonymized()).toEqual(ids(people).slice(1));
    expect((await w.status(name)).run.state).toBe('running');
  });

  it('is not whoever was busy: among the first five they are waited for, until they were tried five times', async () => {
    const people = members(8);
    const w = world(people);
    const name = await w.started(ids(people));
    const busy = failing(w, (id) => (id === 101 ? 'busy' : null));
    await w.work(undefined, busy);
    expect(w.anonymized()).toEqual([100]);
    for (const pause of [2000, 8000, 32_000]) {
      w.fakes.clock.advance(pause);
      await w.work(undefined, busy);
    }
    expect((await w.status(name)).run.state).toBe('running');
    expect(w.anonymized()).toEqual([100]);
    w.fakes.clock.advance(128_000);
    await w.work(undefined, busy);
    expect((await w.status(name)).run).toMatchObject({ state: 'paused', reason: 'canary-failed' });
  });

  it('is more than three failures, or two in a hundred; who is left out by a rule is none', async () => {
    const people = [...members(20), ...Array.from({ length: 6 }, (_none, at) => aUser({ id: 150 + at, siteId: 1 }))];
    const w = world(people);
    const name = await w.started(ids(people));
    for (const { id } of people.slice(-6)) w.fakes.world.put.user(aUser({ id, siteId: 1, deletedAt: aDay }));
    await w.work(
      undefined,
      failing(w, (id) => (id >= 110 && id < 113 ? 'bug' : null)),
    );
    expect((await w.status(name)).run.state).toBe('running');
    w.fakes.clock.advance(1);
    const four = world(people);
    const other = await four.started(ids(people));
    await four.work(
      undefined,
      failing(four, (id) => (id >= 110 && id < 114 ? 'bug' : null)),
    );
    expect((await four.status(other)).run).toMatchObject({ state: 'paused', reason: 'too-many-failures' });
    expect(four.anonymized()).toHaveLength(10);
  });
});
