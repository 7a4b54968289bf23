import { sql } from '../../src/db/sql.ts';
import type { Topic } from '../../src/ports/outbox.ts';
import { consoleHeaders } from '../support/console-session.ts';
import { until } from '../support/until.ts';
import type { Somebody } from './sentences/support/people.ts';
import { refusal, startSentences, user, users, type SentenceWorld } from './sentences/support/world.ts';

/** people.md §1, `/api/outbox`: what waits is told by what it is about, and tried at somebody's word. */
const [site, platformSiteId] = [8, 9] as const;
let s: SentenceWorld;
beforeAll(async () => {
  // The outbox is looked at so rarely that the tests say when.
  s = await startSentences({ [site]: {}, [platformSiteId]: {} }, { outboxSeconds: 3600, platformSiteId });
});
beforeEach(() => s.world.oauth.proxy.behave('pass'));
afterAll(() => s.close());

const outbox = '/api/outbox';
interface Told {
  readonly id: number;
  readonly topic: Topic | null;
  readonly personId: number | null;
  readonly siteIds: readonly number[];
  readonly users: readonly { readonly id: number; readonly siteId: number }[];
  readonly attempts: number;
  readonly lastError: string | null;
}
const list = async (query = ''): Promise<readonly Told[]> =>
  (await s.get('admin', outbox + query)).body.records as readonly Told[];
const of = async ({ id }: Pick<Somebody, 'id'>) => (await list('?pageSize=100')).filter((one) => one.personId === id);
const retry = (id: number) => s.post('admin', `${outbox}/${id}/retry`);
/** Somebody whose only row is anonymized while the OAuth server is away. */
const leaving = async (): Promise<Somebody> => {
  const person = await s.person({ at: { [site]: 'member' } });
  await s.world.oauth.proxy.behave('refuse');
  const did = await s.put('admin', `${user(site, person.at[site] ?? 0)}/do-anonymizeall`);
  expect([did.status, did.headers.get('x-oauth-removal')]).toEqual([200, 'pending']);
  return person;
};
/** A message that no job takes: it is due in a while. */
const waits = async (personId: number): Promise<void> => {
  const dueAt = new Date(Date.now() + 3_600_000);
  await s.world.container.ports.outbox.add(
    { topic: 'person.refresh', key: `person-${personId}`, payload: { personId } },
    dueAt,
  );
};

describe('GET /api/outbox', () => {
  it('is for platform admins only, also at the console', async () => {
    const admin = await s.person({ at: { [site]: 'admin', [platformSiteId]: 'admin' } });
    const { id: personId, at } = admin;
    expect((await s.get(null, outbox)).status).toBe(401);
    for (const who of ['moderator', 'editor', 'member', at[site] ?? 0, at[platformSiteId] ?? 0] as const)
      expect(refusal(await s.get(who, outbox))).toEqual([403, 'platform-admin-needed']);
    const headers = await consoleHeaders(s.world.container, { personId, userId: at[site] ?? 0 });
    expect((await s.get(null, outbox, headers)).status).toBe(200);
  });

  it('says plainly that nothing waits, and is kept by nobody', async () => {
    await s.emptyOutbox();
    const { status, body, headers } = await s.get('admin', outbox);
    expect([status, body]).toEqual([200, { metadata: { pageSize: 20 }, records: [] }]);
    expect([headers.get('cache-control'), headers.get('link')]).toEqual(['no-store', null]);
  });

  it('refuses topics, pages and parameters that there are not', async () => {
    for (const query of ['topic=nothing', 'pageSize=0', 'pageSize=101', 'page=1', 'cursor=x', 'topic=', 'key=person-1'])
      expect([query, (await s.get('admin', `${outbox}?${query}`)).status]).toEqual([query, 400]);
  });

  it('tells of a removal that waits: of whom, since when, how often it was tried, and why in vain', async () => {
    const before = new Date().toISOString();
    const person = await leaving();

    expect(await of(person)).toEqual([
      {
        ...{ id: expect.any(Number), topic: 'person.remove', personId: person.id, siteIds: [site] },
        // Their row is nobody's any more.
        users: [],
        ...{ since: expect.any(String), dueAt: expect.any(String), attempts: 1 },
        lastError: expect.stringMatching(/^oauth-(?:unreachable|circuit-open)$/),
      },
    ]);
    const [told] = (await s.get('admin', `${outbox}?topic=person.remove`)).body.records as { since: string }[];
    expect((told?.since ?? '') >= before).toBe(true);
    const { text } = await s.get('admin', outbox);
    for (const value of [person.email, String(person.externalId), '@']) expect(text).not.toContain(value);
  });

  it('tells of a creation that stopped half-way where it is, and of the address not even a fingerprint', async () => {
    const email = 'halverwege@example.org';
    await s.world.oauth.proxy.behave('lose-reply', /^POST \/api\/admin\/user$/);
    expect((await s.post('admin', users(site), { email, firstName: 'Halverwege' })).status).toBe(502);

    const { body, text } = await s.get('admin', `${outbox}?topic=user.create`);
    expect(body.records).toMatchObject([
      { topic: 'user.create', personId: null, siteIds: [site], users: [], attempts: 0, lastError: null },
    ]);
    expect(text).not.toMatch(/halverwege|site-8|[\w-]{40}/i);
    await s.world.oauth.proxy.behave('pass');
    // The lease of a creation whose end nobody knows has run out.
    s.world.later(60);
    await s.emptyOutbox();
  });

  it('goes on by a cursor of the same topic, and takes as many statements for ten as for one', async () => {
    await s.emptyOutbox();
    const people = await Promise.all(Array.from({ length: 5 }, () => s.person({ at: { 1: 'member', 2: 'member' } })));
    const statements = async (): Promise<number> => {
      const before = s.world.statements();
      expect((await s.get('admin', outbox)).status).toBe(200);
      return s.world.statements() - before;
    };
    await waits(people[0]?.id ?? 0);
    const ofOne = await statements();
    for (const { id } of people.slice(1)) await waits(id);
    for (let personId = 999_990; personId < 999_995; personId += 1) await waits(personId);
    // The actor twice, the page, and where its people are.
    expect([ofOne, await statements()]).toEqual([4, 4]);

    const walked: Told[] = [];
    let next: string | null = `${outbox}?topic=person.refresh&pageSize=4`;
    let cursor = '';
    while (next !== null) {
      const { status, body, headers } = await s.get('admin', next);
      expect(status).toBe(200);
      walked.push(...(body.records as Told[]));
      cursor = body.metadata.cursor ?? cursor;
      next = /<(.+)>; rel="next"/.exec(headers.get('link') ?? '')?.[1] ?? null;
      expect(next === null).toBe(body.metadata.cursor === undefined);
    }
    expect(walked.map(({ id }) => id)).toEqual((await list('?pageSize=100')).map(({ id }) => id));
    expect(walked).toHaveLength(10);
    expect(walked[0]?.users.map(({ siteId }) => siteId)).toEqual([1, 2]);
    for (const query of [`topic=person.remove&cursor=${cursor}`, `cursor=${cursor}`])
      expect((await s.get('admin', `${outbox}?${query}`)).status).toBe(400);
    await s.emptyOutbox();
  });

  it('believes nothing of a message that somebody else put there, and tells that they did', async () => {
    await waits(999_996);
    const { database } = s.world.container;
    await database.change(
      sql`UPDATE civitas_outbox SET payload = ${'{"personId":1,"siteIds":[1]}'}, lastError = ${'jan@example.org'} WHERE topic = 'person.refresh'`,
    );
    const told = await list();
    expect(told).toMatchObject([
      { topic: 'person.refresh', personId: null, siteIds: [], users: [], lastError: 'not-written-by-us' },
    ]);
    const { status, body } = await retry(told[0]?.id ?? 0);
    expect([status, body.outcome, body.message.lastError]).toEqual([200, null, 'not-written-by-us']);
    await database.change(sql`UPDATE civitas_outbox SET topic = ${'person.rob'} WHERE topic = 'person.refresh'`);
    expect((await list()).map(({ topic }) => topic)).toEqual([null]);
    expect((await retry(told[0]?.id ?? 0)).body.message).toMatchObject({ topic: null });
    await database.change(sql`DELETE FROM civitas_outbox`);
  });
});

describe('POST /api/outbox/:id/retry', () => {
  it('finds nothing where nothing waits, whatever stands in the address', async () => {
    for (const id of ['999999', '0', 'x', '1e3'])
      expect(refusal(await s.post('admin', `${outbox}/${id}/retry`))).toEqual([404]);
  });

  it('tries it at once: it waits on while the server is away, and is done once it is back', async () => {
    const person = await leaving();
    const [{ id } = { id: 0 }] = await of(person);
    const tried = await retry(id);
    expect([tried.status, tried.body]).toEqual([
      200,
      {
        outcome: null,
        message: expect.objectContaining({ id, attempts: 2, lastError: expect.stringMatching(/^oauth-/) }),
      },
    ]);
    expect(s.there(person.externalId)).toBeDefined();

    await s.world.oauth.proxy.behave('pass');
    const answers: unknown[] = [];
    // Who was away is not asked for a moment.
    await until('the server is asked again', async () => {
      const { body } = await retry(id);
      answers.push(body);
      return body.outcome !== null;
    });
    expect(answers.at(-1)).toEqual({ outcome: 'done', message: null });
    expect(s.there(person.externalId)).toBeUndefined();
    expect((await retry(id)).status).toBe(404);
  });

  it('is a line in the log that says who asked, and of nobody else who they are', async () => {
    await waits(999_997);
    const [{ id } = { id: 0 }] = await list();
    const from = s.world.log().length;
    expect((await retry(id)).body).toEqual({ outcome: 'gone', message: null });
    const line = s.world
      .log()
      .slice(from)
      .split('\n')
      .find((one) => one.includes('the outbox is tried as asked'));
    expect(JSON.parse(line ?? '{}')).toMatchObject({ messageId: id, actorId: 2, due: 1 });
  });
});
