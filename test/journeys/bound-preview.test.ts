import { startRecordedWorld, type RecordedWorld } from '../support/recorded-world.ts';

let world: RecordedWorld;
beforeAll(async () => {
  world = await startRecordedWorld();
});
afterAll(() => world.close());

const oneVote = async (userId: number) =>
  (await world.container.database.rows.votes.findOne({ where: { userId, deletedAt: null }, raw: true })) as unknown as {
    id: number;
  };

describe('What was seen is what is done', () => {
  const all = (id: number) => `/api/site/1/user/${id}`;

  it('will- answers with the digest of its plan, the same in full and in summary', async () => {
    const full = await world.call('admin', 'GET', `${all(104)}/will-anonymizeall`);
    const summary = await world.call('admin', 'GET', `${all(104)}/will-anonymizeall?view=summary`);
    expect(full.headers.get('etag')).toBe(`"${full.headers.get('x-plan-digest') ?? ''}"`);
    expect(summary.body.digest).toBe(full.headers.get('x-plan-digest'));
    expect(summary.headers.get('x-plan-digest')).toBe(summary.body.digest);
  });

  it('the summary counts what the lists hold', async () => {
    for (const id of [104, 111, 120, 50061]) {
      const full = (await world.call('admin', 'GET', `${all(id)}/will-anonymizeall`)).body;
      const summary = (await world.call('admin', 'GET', `${all(id)}/will-anonymizeall?view=summary`)).body;
      const sites = summary.sites as readonly Readonly<Record<string, number>>[];
      const listed = full.sites as readonly { readonly id: number }[];
      const sum = (key: string): number => sites.reduce((total, site) => total + (site[key] ?? 0), 0);
      expect(summary.users).toBe(full.users.length);
      expect(sum('users')).toBe(full.users.length);
      expect(sites.map((site) => site['id'])).toEqual(listed.map(({ id }) => id));
      for (const kind of ['ideas', 'articles', 'arguments']) expect(sum(kind)).toBe(full[kind].length);
      expect(sum('votesRemoved')).toBe(full.votes.length);
      expect(summary.oauth).toBe('removed');
    }
  });

  it('a plan that changed since is refused with the fresh summary, and nothing is done', async () => {
    const seen = (await world.call('admin', 'GET', `${all(111)}/will-anonymizeall`)).headers.get('etag') ?? '';
    const vote = await oneVote(111);
    await world.container.database.rows.votes.destroy({ where: { id: vote.id } });
    const refused = await world.call('admin', 'PUT', `${all(111)}/do-anonymizeall`, {}, { 'if-match': seen });
    expect(refused.status).toBe(412);
    expect(refused.body.type).toBe('/problems/plan-changed');
    expect(refused.body.current.digest).not.toBe(seen.replaceAll('"', ''));
    expect((await world.call('admin', 'GET', all(111))).body.anonymizedAt).toBeNull();

    const again = await world.call(
      'admin',
      'PUT',
      `${all(111)}/do-anonymizeall`,
      {},
      { 'if-match': `W/"${String(refused.body.current.digest)}"` },
    );
    expect(again.status).toBe(200);
    expect((await world.call('admin', 'GET', all(111))).body.anonymizedAt).not.toBeNull();
  });

  it('a closed voting is another plan', async () => {
    const sites = world.container.database.rows.sites;
    const site = (await sites.findByPk(2, { raw: true })) as unknown as { config: Record<string, unknown> | string };
    const config = typeof site.config === 'string' ? (JSON.parse(site.config) as Record<string, unknown>) : site.config;
    const before = (await world.call('admin', 'GET', '/api/site/2/user/103/will-anonymize')).headers.get('etag') ?? '';
    await sites.update({ config: { ...config, votes: { isActive: false } } }, { where: { id: 2 } });
    const refused = await world.call('admin', 'PUT', '/api/site/2/user/103/do-anonymize', {}, { 'if-match': before });
    await sites.update({ config }, { where: { id: 2 } });
    expect(refused.status).toBe(412);
  });

  it('a site may make the preview compulsory', async () => {
    const sites = world.container.database.rows.sites;
    const site = (await sites.findByPk(4, { raw: true })) as unknown as { config: Record<string, unknown> | string };
    const config = typeof site.config === 'string' ? (JSON.parse(site.config) as Record<string, unknown>) : site.config;
    await sites.update({ config: { ...config, anonymize: { requirePreview: true } } }, { where: { id: 4 } });
    const path = '/api/site/1/user/106/do-anonymizeall';
    const blind = await world.call('admin', 'PUT', path, {});
    expect([blind.status, blind.body.type]).toEqual([428, '/problems/preview-required']);
    expect((await world.call('admin', 'PUT', path, {}, { 'if-match': '*' })).status).toBe(428);
    const seen = (await world.call('admin', 'GET', '/api/site/1/user/106/will-anonymizeall')).headers.get('etag') ?? '';
    expect((await world.call('admin', 'PUT', path, {}, { 'if-match': seen })).status).toBe(200);
  });
});

describe('Idempotency-Key', () => {
  const call = (id: number, key: string, body: unknown = {}, headers: Record<string, string> = {}) =>
    world.call('admin', 'PUT', `/api/site/1/user/${id}/do-anonymizeall`, body, { 'idempotency-key': key, ...headers });

  it('a repeat does nothing again and answers 200 with the summary', async () => {
    const expected = (await world.call('admin', 'GET', '/api/site/1/user/120/will-anonymizeall?view=summary')).body;
    const first = await call(120, 'once');
    const second = await call(120, 'once');
    expect([first.status, first.headers.get('idempotency-replayed')]).toEqual([200, null]);
    expect([second.status, second.headers.get('idempotency-replayed')]).toEqual([200, 'true']);
    expect(second.body).toEqual(expected);
  });

  it('comes before If-Match and before "already anonymized"', async () => {
    const seen = (await world.call('admin', 'GET', '/api/site/1/user/125/will-anonymizeall')).headers.get('etag') ?? '';
    await call(125, 'bound', {}, { 'if-match': seen });
    const repeat = await call(125, 'bound', {}, { 'if-match': seen });
    expect([repeat.status, repeat.headers.get('idempotency-replayed')]).toEqual([200, 'true']);
    const without = await call(125, 'another', {}, { 'if-match': seen });
    expect(without.status).toBe(412);
  });

  it('with another body is refused', async () => {
    await call(130, 'body', { onlySiteIds: [1] });
    const other = await call(130, 'body', { onlySiteIds: [2] });
    expect([other.status, other.body.errors[0].pointer]).toEqual([422, 'Idempotency-Key']);
    expect((await world.call('admin', 'GET', '/api/site/2/user/131')).body.anonymizedAt).toBeNull();
  });

  it('ten at once do it once, and all answer 200', async () => {
    const answers = await Promise.all(Array.from({ length: 10 }, () => call(132, 'ten')));
    expect(answers.map(({ status }) => status)).toEqual(Array(10).fill(200));
    expect(answers.filter(({ headers }) => headers.get('idempotency-replayed') === null)).toHaveLength(1);
  });

  it('belongs to its actor: somebody else’s same key is another', async () => {
    await call(138, 'shared');
    const other = await world.call(
      'editor',
      'PUT',
      '/api/site/1/user/138/do-anonymizeall',
      {},
      { 'idempotency-key': 'shared' },
    );
    expect([other.status, other.headers.get('idempotency-replayed')]).toEqual([200, null]);
    expect(other.body.users).toEqual([]);
  });

  it('that is no key is refused', async () => {
    expect((await call(139, 'with space')).status).toBe(400);
    expect((await call(139, 'x'.repeat(256))).status).toBe(400);
  });
});
