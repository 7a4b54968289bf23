import { sql } from '../../src/db/sql.ts';
import { sealAudit } from '../../src/use-cases/audit/seal.ts';
import { verifyAudit } from '../../src/use-cases/audit/verify-audit.ts';
import type { Answer } from '../support/recorded-world.ts';
import type { Somebody } from './sentences/support/people.ts';
import { startSentences, user, type SentenceWorld } from './sentences/support/world.ts';

/**
 * What another program writes in the name of somebody while, or shortly after, they are anonymized: a request that began before, or a
 * commit at another node of a cluster. Source: docs/adr/0030.
 */
let s: SentenceWorld;
const [voting, closed] = [8, 9];
beforeAll(async () => {
  s = await startSentences({
    [voting]: { config: { votes: { isActive: true } } },
    [closed]: { config: { votes: { isActive: false } } },
  });
});
afterAll(() => s.close());

const somebody = (): Promise<Somebody> => s.person({ at: { [voting]: 'member', [closed]: 'member' } });
const at = ({ at: rows }: Somebody, site: number): number => rows[site]!;
const anonymize = async (one: Somebody): Promise<Answer> => {
  const done = await s.put('admin', `${user(voting, at(one, voting))}/do-anonymizeall?view=summary`);
  expect(done.status).toBe(200);
  return done;
};
/** An idea of somebody else's, as one's own would be a contribution as well. */
const ideaAt = async (siteId: number): Promise<number> =>
  s.idea({ siteId, userId: at(await s.person({ at: { [siteId]: 'member' } }), siteId) });
const voteAt = async (one: Somebody, siteId: number, createdAt: Date): Promise<number> =>
  s.vote({ userId: at(one, siteId), ideaId: await ideaAt(siteId), createdAt });
const now = (seconds = 0): Date => new Date(s.world.clock.now().getTime() + seconds * 1000);
const votesOf = (one: Somebody) =>
  s.world.container.database.select(
    sql`SELECT id, ip FROM votes WHERE userId IN (${at(one, voting)}, ${at(one, closed)}) ORDER BY id`,
  );
const look = () => s.world.container.jobs.find(({ name }) => name === 'late-contributions')!.run(() => false);
const operationOf = async (done: Answer): Promise<unknown> =>
  (await s.get('admin', done.headers.get('location') ?? '')).body;
const lateRows = async ({ headers }: Answer) => {
  const name = headers.get('location')?.split('/').at(-1) ?? '';
  const rows = await s.world.container.ports.audit.ofOperation(name);
  return rows.filter(({ call }) => call === 'late').map(({ counts }) => JSON.parse(counts ?? '') as unknown);
};

test('goes when that is a minute ago, as the plan would have it: votes where voting is active, IP addresses elsewhere', async () => {
  const one = await somebody();
  const done = await anonymize(one);
  await voteAt(one, voting, now());
  const kept = await voteAt(one, closed, now());
  await look();
  expect(await votesOf(one)).toHaveLength(2);

  s.world.later(61);
  await look();
  expect(await votesOf(one)).toEqual([{ id: kept, ip: null }]);
  const each = { keep: 0, anonymize: 0, remove: 0 };
  expect(await lateRows(done)).toEqual(
    expect.arrayContaining([{ votes: { ...each, anonymize: 1 } }, { votes: { ...each, remove: 1 } }]),
  );
});

test('stands in the operation and in the receipt, and the audit is whole', async () => {
  const one = await somebody();
  const done = await anonymize(one);
  expect(done.body).not.toHaveProperty('late');
  expect(await operationOf(done)).not.toHaveProperty('late');
  await voteAt(one, voting, now());
  await voteAt(one, closed, now());
  s.world.later(61);
  await look();
  // A second time: what one instance did, another finds done.
  await voteAt(one, voting, now(-61));
  s.world.later(3600);
  await look();

  expect(await operationOf(done)).toMatchObject({ late: 3, state: 'done' });
  const receipt = /<(.+)>/.exec(done.headers.get('link') ?? '')?.[1] ?? '';
  const page = await fetch(`${s.world.url}${receipt}`, { headers: { accept: 'text/html' } });
  expect(await page.text()).toMatch(/Came late[^0-9]+3/);
  const { ports } = s.world.container;
  await sealAudit(ports)(() => false);
  expect((await verifyAudit(ports)()).findings).toEqual([]);
});

test('is looked for once more after an hour, and no further than a day back', async () => {
  const [hour, day] = [await somebody(), await somebody()];
  await anonymize(hour);
  await anonymize(day);
  s.world.later(61);
  await look();
  await voteAt(hour, closed, now());
  s.world.later(120);
  await look();
  expect(await votesOf(hour)).toEqual([expect.objectContaining({ ip: '192.0.2.7' })]);
  s.world.later(3600);
  await look();
  expect(await votesOf(hour)).toEqual([expect.objectContaining({ ip: null })]);

  const late = await voteAt(day, closed, now());
  s.world.later(2 * 86_400);
  await look();
  expect(await votesOf(day)).toEqual([{ id: late, ip: '192.0.2.7' }]);
});

test('leaves what the plan has kept, also where voting has begun since', async () => {
  const one = await somebody();
  const before = await voteAt(one, closed, now(-3600));
  await anonymize(one);
  const { body } = await s.get('admin', `/api/site/${closed}`);
  await s.touch('sites', closed, { config: { ...body.config, votes: { isActive: true } } });
  try {
    s.world.later(61);
    await look();
    expect(await votesOf(one)).toEqual([{ id: before, ip: null }]);
  } finally {
    await s.touch('sites', closed, { config: body.config });
  }
});

test('of somebody whose audit was put in by whoever writes the database nothing is taken', async () => {
  const one = await somebody();
  await voteAt(one, voting, now());
  const { database } = s.world.container;
  await database.change(
    sql`INSERT INTO civitas_audit (\`at\`, \`call\`, operation, siteId, userId, disposition, counts, place, places, listedAt, mac)
        VALUES (${now(-70)}, 'do-anonymize', 'forged', ${voting}, ${at(one, voting)}, 'anonymized', '{}', 1, 1, ${now(-70)}, 'x')`,
  );
  await look();
  expect(await votesOf(one)).toHaveLength(1);
  await database.change(sql`DELETE FROM civitas_audit WHERE operation = 'forged'`);
});
