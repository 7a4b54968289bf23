import { addRow, type MarkedRow } from '../support/marked-person.ts';
import { startRecordedWorld, type RecordedWorld } from '../support/recorded-world.ts';

let world: RecordedWorld;
beforeAll(async () => {
  // Only what a request sends is counted: the outbox is looked at once an hour.
  world = await startRecordedWorld({}, { outboxSeconds: 3600 });
  for (const siteId of [1, 2, 3, 4, 5, 6, 7]) await world.call(null, 'GET', `/api/site/${siteId}`);
  await world.call('admin', 'GET', '/api/site');
  // Everybody is fresh: nobody is read anew in the background of a view.
  await world.container.database.rows.persons.update({ fetchedAt: new Date() }, { where: {} });
});
afterAll(() => world.close());

const actor = 1;
/** How many statements a successful call takes. */
const statementsOf = async (...call: Parameters<RecordedWorld['call']>): Promise<number> => {
  const before = world.statements();
  const { status, text } = await world.call(...call);
  if (status >= 300) throw new Error(`${status}: ${text}`);
  return world.statements() - before;
};

/** Votes of a person, spread over their rows, each on an idea of its own at the row's site. */
const manyVotes = async (rows: readonly MarkedRow[], count: number): Promise<void> => {
  const { ideas, votes } = world.container.database.rows;
  const now = new Date();
  const dates = { createdAt: now, updatedAt: now, deletedAt: null };
  const made = Array.from({ length: count }, (_none, index) => ({
    id: 900_000 + index,
    row: rows[index % rows.length]!,
  }));
  await ideas.bulkCreate(
    made.map(({ id, row }) => ({
      ...{ id, siteId: row.siteId, userId: 2, title: `Plan ${id}`, summary: 'Kort', description: 'Lang' },
      ...{ startDate: now, sort: 1, status: 'OPEN', viewableByRole: 'all', extraData: {}, ...dates },
    })),
  );
  await votes.bulkCreate(
    made.map(({ id, row }) => ({ ideaId: id, userId: row.id, ip: '192.0.2.7', opinion: 'yes', ...dates })),
  );
};

describe('beside its site (cached) and its actor (one statement)', () => {
  it('a view takes one statement', async () => {
    expect(await statementsOf(null, 'GET', '/api/site/1/user/101')).toBeLessThanOrEqual(1);
    expect(await statementsOf('admin', 'GET', '/api/site/1/user/101')).toBeLessThanOrEqual(actor + 1);
    expect(await statementsOf(101, 'GET', '/api/site/1/user/101')).toBeLessThanOrEqual(actor + 1);
  });

  it.each([...['?page=0', '?page=1&pageSize=5', '?page=0&filter={"role":"member"}', '?page=0&sort=lastName_desc']])(
    'a list page %s takes two',
    async (query) => {
      expect(await statementsOf('admin', 'GET', `/api/site/1/user${query}`)).toBeLessThanOrEqual(actor + 2);
    },
  );

  it.each(['?page=0&q=jan', '?page=0&q=van de u1 example&sort=email_asc'])(
    'a search %s takes three: the first says which word fewest bear',
    async (query) => {
      expect(await statementsOf('admin', 'GET', `/api/site/1/user${query}`)).toBeLessThanOrEqual(actor + 3);
    },
  );

  it.each([
    ['?q=jan', 2],
    ['?q=van de u1 example', 3],
    ['?email=demo-member@example.org', 4],
    ['?externalUserId=4', 2],
  ])('people across sites %s take %i', async (query, most) => {
    expect(await statementsOf('admin', 'GET', `/api/person${query}`)).toBeLessThanOrEqual(actor + most);
  });

  it('an activity takes seven, however many sites', async () => {
    for (const id of [101, 106, 120, 125])
      expect(await statementsOf('admin', 'GET', `/api/site/1/user/${id}/activity`)).toBeLessThanOrEqual(actor + 7);
  });
});

describe('a write at the OAuth server', () => {
  /** Where an UPDATE changes one table, who locks a person under a lease sends two. */
  const locked = (times: number): number => (world.container.database.dialect.changesTables ? 0 : times);
  const path = '/api/site/1/user/101';
  // What a first look there finds is noted, once; and whether an address may stand at a site more than once is looked up.
  beforeAll(async () => {
    await world.call('admin', 'PUT', path, { streetName: 'Eerste Laan' });
    await world.call('admin', 'POST', '/api/site/1/user', { email: 'eerder@example.org' });
  });

  it('a change takes 14 statements, its actor among them; one of a name two more, for the words', async () => {
    expect(await statementsOf('admin', 'PUT', path, { streetName: 'Tweede Laan' })).toBeLessThanOrEqual(14 + locked(2));
    expect(await statementsOf(101, 'PUT', path, { streetName: 'Derde Laan' })).toBeLessThanOrEqual(14 + locked(2));
    expect(await statementsOf('admin', 'PUT', path, { lastName: 'Laan' })).toBeLessThanOrEqual(16 + locked(2));
  });

  it('a change of nothing takes 9', async () => {
    expect(await statementsOf('admin', 'PUT', path, { lastName: 'Laan' })).toBeLessThanOrEqual(9 + locked(1));
    expect(await statementsOf('admin', 'PUT', path, {})).toBeLessThanOrEqual(4);
  });

  it('somebody new takes 26, somebody whom the server knows 27', async () => {
    const body = { email: 'nieuw@example.org', firstName: 'Nieuw' };
    expect(await statementsOf('admin', 'POST', '/api/site/1/user', body)).toBeLessThanOrEqual(26 + locked(1));
    expect(await statementsOf('admin', 'POST', '/api/site/2/user', body)).toBeLessThanOrEqual(27 + locked(1));
  });
});

describe('do-anonymizeall', () => {
  it('takes 30 statements at most, and as many for six sites as for two; eight more for five hundred votes, which begin again in their turn', async () => {
    const rows = [
      { id: 120, siteId: 1 },
      { id: 121, siteId: 2 },
      { id: 122, siteId: 5 },
      { id: 123, siteId: 6 },
    ];
    const added = [
      await addRow(world, { from: rows[0]!, siteId: 3 }),
      await addRow(world, { from: rows[0]!, siteId: 4 }),
    ];
    await manyVotes([...rows, ...added], 500);
    const preview = await world.call('admin', 'GET', '/api/site/1/user/120/will-anonymizeall');
    expect([preview.body.users.length, preview.body.votes.length]).toEqual([6, expect.any(Number)]);
    expect(preview.body.votes.length).toBeGreaterThan(400);
    const previews = async (id: number): Promise<readonly number[]> => [
      await statementsOf('admin', 'GET', `/api/site/1/user/${id}/will-anonymizeall?view=summary`),
      await statementsOf('admin', 'GET', `/api/site/1/user/${id}/will-anonymizeall?view=changes`),
    ];
    for (const id of [120, 5001]) {
      const [summary, changes] = await previews(id);
      // What stays of each kind, and which votes go.
      expect(changes).toBeLessThanOrEqual(summary! + 5);
    }
    const small = await statementsOf('admin', 'PUT', '/api/site/1/user/5001/do-anonymizeall');
    const large = await statementsOf('admin', 'PUT', '/api/site/1/user/120/do-anonymizeall');

    expect(small).toBeLessThanOrEqual(actor + 30);
    expect(large - small).toBeLessThanOrEqual(8);
  });

  it('with If-Match takes those of its preview beside its own, as what fits nothing is refused before the locks', async () => {
    const path = '/api/site/1/user/111';
    const seen = await world.call('admin', 'GET', `${path}/will-anonymizeall?view=summary`);
    const preview = await statementsOf('admin', 'GET', `${path}/will-anonymizeall?view=summary`);
    const headers = { 'If-Match': seen.headers.get('etag') ?? '' };
    const bound = await statementsOf('admin', 'PUT', `${path}/do-anonymizeall?view=summary`, {}, headers);

    expect(preview).toBeLessThanOrEqual(actor + 10);
    expect(bound).toBeLessThanOrEqual(actor + 30 + preview);
  });
});
