import { changesBetween, dumped, textOfDump, type Change, type Dump } from '../support/dump.ts';
import { endSite, setEnded, type EndedSite, type RunBody } from '../support/ended-site.ts';
import { addRow, markPerson, type MarkedPerson, type MarkedRow } from '../support/marked-person.ts';
import { fixedTokens, startRecordedWorld, type Answer, type RecordedWorld } from '../support/recorded-world.ts';
import { tracesOf } from '../support/residue.ts';
import { until } from '../support/until.ts';

let world: RecordedWorld;
let ended: EndedSite;
let otherAdmin: number;
beforeAll(async () => {
  world = await startRecordedWorld({}, { outboxSeconds: 1 });
  ended = await endSite(world, 1);
  otherAdmin = (await endSite(world, 6)).adminId;
  await setEnded(world, 6, false);
});
afterAll(() => world.close());

const will = (who: number | string | null, siteId = 1) =>
  world.call(who, 'PUT', `/api/site/${siteId}/will-anonymize-all-users`);
const begin = (who: number | string | null, headers: Record<string, string> = {}, body?: unknown, siteId = 1) =>
  world.call(who, 'PUT', `/api/site/${siteId}/do-anonymize-all-users`, body, headers);
/** Live and soft-deleted rows that are not anonymized. */
const leftAt = (dump: Dump, siteId: number): readonly number[] =>
  [...(dump.get('users') ?? [])]
    .filter(([, row]) => row['siteId'] === String(siteId) && row['anonymizedAt'] === null)
    .map(([id]) => Number(id))
    .sort((one, other) => one - other);

describe('will- and do-anonymize-all-users', () => {
  it('ask for a token, and for an admin of this very site', async () => {
    for (const call of [will, begin]) {
      expect((await call(null)).status).toBe(401);
      for (const who of ['moderator', 'editor', 'member', 101, otherAdmin]) {
        const { status, body } = await call(who);
        expect([who, status, body.rule]).toEqual([who, 403, 'admin-needed']);
      }
    }
  });

  it('are for sites that have ended, whatever is cached', async () => {
    for (const siteId of [2, 6]) {
      const answers = [await will('admin', siteId), await begin('admin', {}, undefined, siteId)];
      for (const { status, body } of answers) expect([status, body.rule]).toEqual([409, 'site-has-not-ended']);
    }
    expect((await will(otherAdmin, 6)).body.rule).toBe('site-has-not-ended');
  });

  it('take nothing that would choose: it would go unheard', async () => {
    for (const body of [{ onlyUserIds: [101] }, { onlySiteIds: 1 }, { onlyusers: 3 }])
      expect((await begin('admin', {}, body)).status).toBe(400);
    expect((await world.call('admin', 'PUT', '/api/site/1/do-anonymize-all-users?onlyUserIds=101')).status).toBe(400);
  });

  it('begin nothing with another plan than the one that was seen', async () => {
    const { status, body } = await begin('admin', { 'if-match': '"another"' });
    expect([status, body.type]).toEqual([412, '/problems/plan-changed']);
    expect(body.current).toEqual((await will('admin')).body);
    expect(leftAt(await dumped(world.container.database), 1)).toHaveLength(34);
  });
});

describe('a whole site', () => {
  let marked: readonly MarkedPerson[];
  let preview: Answer;
  let begun: Answer;
  let again: Answer;
  let finished: RunBody;
  let previewed: readonly Change[];
  let before: Dump;
  let after: Dump;
  const alone: MarkedRow = { id: 114, siteId: 1 };
  const elsewhere: MarkedRow = { id: 102, siteId: 1 };
  const hidden: MarkedRow = { id: 5001, siteId: 1 };
  beforeAll(async () => {
    await addRow(world, { from: { id: 118, siteId: 1 }, siteId: 7 });
    marked = [await markPerson(world, [alone]), await markPerson(world, [hidden])];
    await world.container.database.rows.users.update({ deletedAt: new Date() }, { where: { id: hidden.id } });
    await world.container.database.rows.users.update({ externalUserId: null, personId: null }, { where: { id: 5002 } });
    await world.token(ended.adminId);
    const untouched = await dumped(world.container.database);
    preview = await will(ended.adminId);
    before = await dumped(world.container.database);
    previewed = changesBetween(untouched, before);
    const key = { 'if-match': preview.headers.get('etag') ?? '', 'idempotency-key': 'once' };
    begun = await begin(ended.adminId, key);
    again = await begin(ended.adminId, key);
    finished = await ended.done(begun.headers.get('location') ?? '');
    await until('the outbox is empty', async () => (await world.container.ports.outbox.waiting()).length === 0);
    after = await dumped(world.container.database);
  });
  const touched = () => changesBetween(before, after).filter(({ table }) => table === 'users');

  it('is previewed in numbers, bound to a digest, and changes nothing', async () => {
    expect(preview.status).toBe(200);
    expect(previewed).toEqual([]);
    expect(preview.headers.get('etag')).toBe(`"${preview.body.digest as string}"`);
    expect(preview.headers.get('x-plan-digest')).toBe(preview.body.digest);
    expect(preview.body).toMatchObject({
      users: 28,
      persons: 28,
      leftOut: { 'admin-of-the-site': 2, 'named-by-fixed-token': 4 },
    });
  });

  it('is begun with 202, and is one run when it is asked for again under the same key', () => {
    expect([begun.status, again.status, again.headers.get('idempotency-replayed')]).toEqual([202, 200, 'true']);
    expect(again.headers.get('location')).toBe(begun.headers.get('location'));
    expect(begun.body).toMatchObject({ siteId: 1, plan: preview.body, progress: { total: 34 } });
  });

  it('is anonymized but for its admins and whom fixed tokens name, soft-deleted rows too', () => {
    const kept = [...Object.values(fixedTokens), ended.adminId].sort((one, other) => one - other);
    expect(leftAt(after, 1)).toEqual(kept);
    expect(touched().filter(({ columns }) => columns.includes('anonymizedAt'))).toHaveLength(28);
  });

  it('says what came of each person, in numbers and page by page', async () => {
    expect(finished).toMatchObject({
      state: 'done',
      progress: { done: 34, total: 34 },
      outcomes: { anonymized: 28, 'left-out;reason=admin-of-the-site': 2, 'left-out;reason=named-by-fixed-token': 4 },
    });
    expect(finished.people.records).toHaveLength(34);
    const address = begun.headers.get('location') ?? '';
    const { body } = await world.call('admin', 'GET', `${address}?page=1&pageSize=2&outcome=left-out`);
    expect(body.people.metadata).toMatchObject({ page: 1, pageSize: 2, pageCount: 3, totalCount: 6 });
    expect(body.people.records).toMatchObject([{ userId: 4 }, { userId: 5 }]);
    for (const who of ['moderator', otherAdmin, 'member'])
      expect((await world.call(who, 'GET', address)).status).not.toBe(200);
    expect((await world.call('admin', 'GET', address.replace('/site/1/', '/site/2/'))).status).toBe(404);
  });

  it('changes as many contributions as the preview said', () => {
    const [site] = preview.body.sites as readonly Record<string, number>[];
    const votes = changesBetween(before, after).filter(({ table, kind }) => table === 'votes' && kind === 'removed');
    expect(votes).toHaveLength(site!['votesRemoved']!);
    expect(
      changesBetween(before, after).filter(({ table }) => ['ideas', 'articles', 'arguments'].includes(table)),
    ).toEqual([]);
  });

  it('changes nothing at other sites', () => {
    const others = touched().filter(({ key }) => before.get('users')?.get(key)?.['siteId'] !== '1');
    expect(others).toEqual([]);
  });

  it('removes at the OAuth server who is nowhere else, and only their values of this site from who is', () => {
    const there = (externalId: number) => world.oauth.server.people().find(({ id }) => id === externalId);
    expect([there(1007), there(5001)]).toEqual([undefined, undefined]);
    expect(there(1002)).toBeDefined();
    expect(JSON.stringify(there(1002)?.extraData)).not.toContain('"siteId":1}');
    expect([before.get('users')?.get(String(elsewhere.id))?.['anonymizedAt'], there(1009)?.id]).toEqual([null, 1009]);
  });

  it('leaves an audit row for each, and nothing of them anywhere', async () => {
    const rows = [...(after.get('civitas_audit')?.values() ?? [])].filter(
      ({ call }) => call === 'do-anonymize-all-users',
    );
    expect(new Set(rows.map(({ userId }) => userId)).size).toBe(28);
    expect(rows).toHaveLength(28);
    expect(rows.every(({ actorId }) => actorId === String(ended.adminId))).toBe(true);
    for (const { marks } of marked) {
      expect(tracesOf(marks, textOfDump(after))).toEqual([]);
      expect(tracesOf(marks, JSON.stringify(world.oauth.server.people()))).toEqual([]);
      expect(tracesOf(marks, world.log())).toEqual([]);
    }
  });
});

describe('while the OAuth server is dead, a whole site', () => {
  it('is anonymized all the same, and its people are removed there when it is back', async () => {
    const site = await endSite(world, 3);
    await world.oauth.proxy.behave('refuse');
    const run = await site.done(await site.begin());

    expect(run.outcomes).toMatchObject({ anonymized: 5 });
    expect(leftAt(await dumped(world.container.database), 3)).toEqual([site.adminId]);
    expect((await world.container.ports.outbox.waiting()).length).toBeGreaterThan(0);
    expect(world.oauth.server.people().some(({ id }) => id === 1003)).toBe(true);
    await world.oauth.proxy.behave('pass');
    await until('the outbox is empty', async () => {
      await world.container.ports.outbox.retry();
      return (await world.container.ports.outbox.waiting()).length === 0;
    });
    expect(world.oauth.server.people().some(({ id }) => id === 1003)).toBe(false);
  });
});

describe('pausing and resuming', () => {
  it('is for admins of the site, twice is once, and a run that is done is neither', async () => {
    const site = await endSite(world, 5);
    await world.container.ports.inOneTransaction(() =>
      world.container.ports.runs.begin({
        ...{
          siteId: 5,
          actorId: site.adminId,
          everywhere: false,
          statedReason: null,
          plan: {},
          planned: 3,
          lastUserId: 0,
        },
      }),
    );
    const run = await world.container.ports.runs.openAt(5);
    const address = `/api/site/5/anonymize-all-users/${run?.id ?? 0}`;
    // A member of that site might be anonymized already, and have no session any more.
    for (const verb of ['pause', 'resume'])
      for (const who of ['moderator', otherAdmin, 'member'])
        expect((await world.call(who, 'PUT', `${address}/${verb}`)).status).toBe(403);
    await site.done(address);
    for (const verb of ['pause', 'resume']) {
      const { status, body } = await world.call(site.adminId, 'PUT', `${address}/${verb}`);
      expect([status, body.rule]).toEqual([409, 'run-is-done']);
    }
    expect((await world.call(site.adminId, 'PUT', '/api/site/5/anonymize-all-users/999999/pause')).status).toBe(404);
  });
});
