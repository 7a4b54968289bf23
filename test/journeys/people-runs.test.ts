import { aNewRow } from '../support/builders.ts';
import { changesBetween, dumped, type Dump } from '../support/dump.ts';
import { endSite } from '../support/ended-site.ts';
import { markPerson, type MarkedPerson } from '../support/marked-person.ts';
import { startRecordedWorld, type Answer, type RecordedWorld } from '../support/recorded-world.ts';
import { tracesOf } from '../support/residue.ts';
import { textOfDump } from '../support/dump.ts';
import { until } from '../support/until.ts';

const base = '/api/anonymization-run';
let world: RecordedWorld;
let adminId: number;
beforeAll(async () => {
  world = await startRecordedWorld({}, { outboxSeconds: 1 });
  ({ adminId } = await newAdmin(1));
});
afterAll(() => world.close());

const newAdmin = async (siteId: number): Promise<{ readonly adminId: number }> => ({
  adminId: await world.container.ports.inOneTransaction(() =>
    world.container.ports.users.insert(aNewRow({ siteId, role: 'admin' })),
  ),
});
type Who = number | string;
const plan = (who: Who, body: unknown, headers: Record<string, string> = {}) =>
  world.call(who, 'POST', base, body, headers);
const start = (who: Who, location: string, tag: string) =>
  world.call(who, 'POST', `${location}/start`, undefined, { 'if-match': tag });
const look = (who: Who, location: string, query = '?page=0&pageSize=1000') => world.call(who, 'GET', location + query);
const locationOf = ({ headers }: Answer): string => headers.get('location') ?? '';
const tagOf = ({ headers }: Answer): string => headers.get('etag') ?? '';
const done = async (who: Who, location: string): Promise<Answer> => {
  await until('the run is done', async () => (await look(who, location)).body.state === 'done', 60_000);
  return look(who, location);
};
interface ToldPerson {
  readonly userId: number;
  readonly outcome: string;
  readonly operation?: string;
  readonly oauth: object | null;
}
const peopleIn = ({ body }: Answer): readonly ToldPerson[] => body.people.records as readonly ToldPerson[];
const idsIn = ({ body }: Answer): readonly string[] =>
  (body.records as readonly { readonly id: string }[]).map(({ id }) => id);
const outcomes = (answer: Answer): Readonly<Record<string, string>> =>
  Object.fromEntries(peopleIn(answer).map((one) => [one.userId, one.outcome]));
const anonymizedIn = (dump: Dump): readonly number[] =>
  [...(dump.get('users') ?? [])].flatMap(([id, row]) => (row['anonymizedAt'] === null ? [] : [Number(id)]));

describe('a list of people of one site', () => {
  let marked: MarkedPerson;
  let planned: Answer;
  let started: Answer;
  let finished: Answer;
  let before: Dump;
  let afterPlan: Dump;
  let after: Dump;
  beforeAll(async () => {
    marked = await markPerson(world, [{ id: 114, siteId: 1 }]);
    await world.token(adminId);
    before = await dumped(world.container.database);
    planned = await plan(adminId, { users: [114, 111, 2, 111], reason: 'Zaak-7' });
    afterPlan = await dumped(world.container.database);
    started = await start(adminId, locationOf(planned), tagOf(planned));
    finished = await done(adminId, locationOf(planned));
    await until('the outbox is empty', async () => (await world.container.ports.outbox.waiting()).length === 0);
    after = await dumped(world.container.database);
  });

  it('is planned with 201, where to look, and the plan in numbers; nothing else changes', () => {
    expect(planned.status).toBe(201);
    expect(locationOf(planned)).toMatch(/^\/api\/anonymization-run\/[\w-]{22}$/);
    expect(tagOf(planned)).toBe(`"${planned.body.plan.digest as string}"`);
    expect(planned.headers.get('x-plan-digest')).toBe(planned.body.plan.digest);
    expect(planned.body).toMatchObject({
      ...{ kind: 'people', siteId: 1, extent: 'this-site', state: 'planned', planned: 3, startedAt: null },
      ...{ statedReason: 'Zaak-7', progress: { done: 1, total: 3 }, awaitingRemoval: 0 },
      plan: { users: 2, persons: 2, leftOut: { 'named-by-fixed-token': 1 }, sites: { number: 1 }, chosenBy: 'id' },
    });
    const tables = new Set(changesBetween(before, afterPlan).map(({ table }) => table));
    // Behind one row of leases lists are counted.
    expect([...tables].sort()).toEqual([
      'civitas_anonymization_run_people',
      'civitas_anonymization_runs',
      'civitas_leases',
    ]);
  });

  it('is anonymized once it is started, and nobody else is', () => {
    expect([started.status, started.body.state]).toEqual([202, 'running']);
    const gone = anonymizedIn(after).filter((id) => !anonymizedIn(before).includes(id));
    expect(gone.sort()).toEqual([111, 114]);
    expect(outcomes(finished)).toEqual({
      ...{ 2: 'left-out;reason=named-by-fixed-token', 111: 'anonymized', 114: 'anonymized' },
    });
    expect(finished.body).toMatchObject({ progress: { done: 3, total: 3 }, reason: null });
    expect(finished.body.finishedAt).not.toBeNull();
  });

  it('tells whoever did it of each operation, and what came of it at the OAuth server', async () => {
    const record = peopleIn(await look(adminId, locationOf(planned))).find(({ userId }) => userId === 114);
    expect(record?.oauth).toEqual({ removal: 'removed', values: 'none' });
    const operation = await world.call(adminId, 'GET', `/api/operation/${record?.operation ?? ''}`);
    expect([operation.status, operation.body.call]).toEqual([200, 'do-anonymize']);
    const rows = [...(after.get('civitas_audit')?.values() ?? [])].filter(({ reason }) => reason === 'Zaak-7');
    expect(rows.map(({ call, actorId }) => [call, actorId])).toEqual(rows.map(() => ['do-anonymize', String(adminId)]));
  });

  it('leaves nothing of them anywhere', () => {
    expect(tracesOf(marked.marks, textOfDump(after))).toEqual([]);
    expect(tracesOf(marked.marks, JSON.stringify(world.oauth.server.people()))).toEqual([]);
    expect(tracesOf(marked.marks, world.log())).toEqual([]);
  });

  it('is read page by page, and by outcome', async () => {
    const { body } = await look(adminId, locationOf(planned), '?page=0&pageSize=1&outcome=anonymized');
    expect(body.people.metadata).toMatchObject({ page: 0, pageSize: 1, pageCount: 2, totalCount: 2 });
    expect(body.people.metadata.links.next).toContain('page=1');
  });

  it('shows a colleague neither its digest nor its ticket', async () => {
    const { adminId: colleague } = await newAdmin(1);
    const seen = await look(colleague, locationOf(planned));
    const { status, body, headers } = seen;
    expect([status, body.statedReason, body.plan.digest, headers.get('etag')]).toEqual([200, null, undefined, null]);
    expect(peopleIn(seen).every((one) => !('operation' in one))).toBe(true);
  });
});

describe('planning', () => {
  it('names what is wrong with a body', async () => {
    const errorsOf = async (body: unknown, who: Who = adminId) => {
      const { status, body: problem } = await plan(who, body);
      const errors = (problem.errors ?? []) as readonly { readonly pointer: string }[];
      return [status, ...errors.map(({ pointer }) => pointer)];
    };
    expect(await errorsOf({})).toEqual([422, '/users']);
    expect(await errorsOf({ users: [] })).toEqual([422, '/users']);
    expect(await errorsOf({ users: ['x', 1.5] })).toEqual([422, '/users/0']);
    expect(await errorsOf({ users: Array.from({ length: 1001 }, () => 111) })).toEqual([422, '/users']);
    expect(await errorsOf({ users: [120], siteId: 1 })).toEqual([422, '/users']);
    expect(await errorsOf({ users: [120, 999_999, 103] })).toEqual([422, '/users/1', '/users/2']);
    expect(await errorsOf({ siteId: 1 })).toEqual([422, '/filter']);
    expect(await errorsOf({ siteId: 1, filter: {} })).toEqual([422, '/filter']);
    expect(await errorsOf({ siteId: 1, filter: { nonsense: 1 } })).toEqual([422, '/filter']);
    expect(await errorsOf({ siteId: 1, filter: { id: [424_242] } })).toEqual([422, '/filter']);
    expect(await errorsOf({ siteId: 999, filter: { id: 1 } }, 'admin')).toEqual([422, '/siteId']);
    expect(await errorsOf({ users: [120], reason: 'Jan Jansen' })).toEqual([422, '/reason']);
    expect(await errorsOf({ users: [120], onlySiteIds: [1] })).toEqual([400, 'onlySiteIds']);
  });

  it('takes the filter of a list, and finds whom that list shows', async () => {
    const filter = { id: [120, 124, adminId, 3] };
    const planned = await plan(adminId, { siteId: 1, filter });
    expect(planned.body.plan).toMatchObject({ persons: 2, chosenBy: 'filter' });
    expect(outcomes(await look(adminId, locationOf(planned)))).toMatchObject({
      ...{ 120: 'planned', 124: 'planned', [adminId]: 'left-out;reason=yourself' },
    });
    expect((await world.call(adminId, 'POST', `${locationOf(planned)}/cancel`)).body.state).toBe('cancelled');
    expect((await look(adminId, locationOf(planned))).status).toBe(404);
  });

  it('is one plan under one key', async () => {
    const key = { 'idempotency-key': 'once' };
    const first = await plan(adminId, { users: [120] }, key);
    const again = await plan(adminId, { users: [120] }, key);
    expect([first.status, again.status, again.headers.get('idempotency-replayed')]).toEqual([201, 200, 'true']);
    expect([locationOf(again), tagOf(again)]).toEqual([locationOf(first), tagOf(first)]);
    expect((await plan(adminId, { users: [124] }, key)).status).toBe(422);
    await world.call(adminId, 'POST', `${locationOf(first)}/cancel`);
    expect((await plan(adminId, { users: [120] }, key)).status).toBe(404);
  });

  it('takes as many statements for a hundred and ninety people as for two', async () => {
    const enrol = (count: number) =>
      world.container.ports.inOneTransaction(async () => {
        const ids: number[] = [];
        for (let at = 0; at < count; at += 1)
          ids.push(await world.container.ports.users.insert(aNewRow({ siteId: 1, email: `lijst${at}@example.org` })));
        return ids;
      });
    const ids = await enrol(190);
    const statements = async (users: readonly number[]): Promise<number> => {
      const begun = world.statements();
      const answer = await plan(adminId, { users });
      expect(answer.status).toBe(201);
      const sent = world.statements() - begun;
      await world.call(adminId, 'POST', `${locationOf(answer)}/cancel`);
      return sent;
    };
    // What jobs send meanwhile counts for nothing.
    const least = async (users: readonly number[]): Promise<number> =>
      Math.min(await statements(users), await statements(users), await statements(users));
    expect(await least(ids)).toBe(await least(ids.slice(0, 2)));
  });
});

describe('starting', () => {
  it('wants the plan that was seen, and who planned it', async () => {
    const { adminId: colleague } = await newAdmin(1);
    const planned = await plan(adminId, { users: [120] });
    const location = locationOf(planned);
    expect((await world.call(adminId, 'POST', `${location}/start`)).status).toBe(428);
    expect((await start(adminId, location, '*')).status).toBe(428);
    const other = await start(adminId, location, '"another"');
    expect([other.status, other.body.type, other.body.current.persons]).toEqual([412, '/problems/plan-changed', 1]);
    expect((await start(colleague, location, tagOf(planned))).body.rule).toBe('not-your-plan');
    expect((await look(colleague, location)).body.state).toBe('planned');
    expect((await world.call(colleague, 'POST', `${location}/cancel`)).status).toBe(200);
    expect((await start(adminId, location, tagOf(planned))).status).toBe(404);
  });
});

describe('runs of platform admins', () => {
  it('take each person at the site of their row, or everywhere, and are shown to no admin of a site', async () => {
    const planned = await plan('admin', { users: [118, 129], everywhere: true });
    expect(planned.body).toMatchObject({ siteId: null, extent: 'all-sites', planned: 2 });
    const location = locationOf(planned);
    for (const [method, path] of [
      ['GET', ''],
      ['POST', '/start'],
      ['POST', '/pause'],
      ['POST', '/cancel'],
    ] as const)
      expect((await world.call(adminId, method, location + path)).status).toBe(404);
    expect((await start('admin', location, tagOf(planned))).status).toBe(202);
    const finished = await done('admin', location);
    expect(Object.values(outcomes(finished))).toEqual(['anonymized', 'anonymized']);
    const listed = await world.call(adminId, 'GET', `${base}?pageSize=100`);
    expect(idsIn(listed)).not.toContain(finished.body.id);
  });
});

describe('the list of runs', () => {
  it('has both kinds, newest first, page by page', async () => {
    const site = await endSite(world, 5);
    const address = await site.begin();
    // An admin, whom the run over the site leaves out.
    const { adminId: colleague } = await newAdmin(5);
    const planned = await plan(site.adminId, { users: [colleague] });
    await site.done(address);
    const first = await world.call(site.adminId, 'GET', `${base}?pageSize=1`);
    expect(first.body.records).toMatchObject([{ id: planned.body.id, kind: 'people', state: 'planned' }]);
    const [, next = ''] = /<([^>]+)>; rel="next"/.exec(first.headers.get('link') ?? '') ?? [];
    const second = await world.call(site.adminId, 'GET', next);
    const number = address.split('/').at(-1);
    expect(second.body).toMatchObject({ records: [{ id: number, kind: 'site', siteId: 5, state: 'done' }] });
    expect(second.headers.get('link')).toBeNull();
    const ofSite = await look(site.adminId, `${base}/${number ?? ''}`);
    expect(ofSite.body).toMatchObject({ id: number, kind: 'site', state: 'done', plan: { sites: { number: 1 } } });
    const filtered = await world.call(site.adminId, 'GET', `${base}?state=done`);
    expect(filtered.body.records).toHaveLength(1);
    expect((await world.call(site.adminId, 'GET', `${next}&state=done`)).status).toBe(400);
    expect((await world.call(site.adminId, 'GET', `${base}?state=gone`)).status).toBe(400);
  });

  it('lets a run over a whole site be cancelled at both addresses', async () => {
    const site = await endSite(world, 6);
    const address = await site.begin();
    await world.call(site.adminId, 'PUT', `${address}/pause`);
    const cancelled = await world.call(site.adminId, 'PUT', `${address}/cancel`);
    expect([cancelled.status, cancelled.body.state]).toEqual([200, 'cancelled']);
    const again = await world.call(site.adminId, 'POST', `${base}/${address.split('/').at(-1) ?? ''}/cancel`);
    expect([again.status, again.body.state]).toEqual([200, 'cancelled']);
    const resumed = await world.call(site.adminId, 'PUT', `${address}/resume`);
    expect([resumed.status, resumed.body.rule]).toEqual([409, 'run-is-cancelled']);
  });
});
