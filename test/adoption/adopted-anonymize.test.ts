import { sideTables } from '../../src/side-tables/index.ts';
import { raw, sql } from '../../src/db/sql.ts';
import { startAdoptedWorld, type AdoptedWorld } from '../support/adopted-world.ts';
import { changesBetween, dumped, textOfDump } from '../support/dump.ts';
import { describeOnMysql } from '../support/recorded-copy.ts';
import { tracesOf } from '../support/residue.ts';
import { put, putEverywhere } from '../support/side-rows.ts';

let world: AdoptedWorld;
beforeEach(async () => {
  world = await startAdoptedWorld('openstad-api-database-worn');
});
afterEach(() => world.close());

const command = async (siteId: number, userId: number, extent: 'this-site' | 'all-sites', stillMatches?: string) => ({
  ...{ actor: world.admin, site: await world.site(siteId), userId, extent, view: 'lists' as const },
  ...(stillMatches === undefined ? {} : { stillMatches: (digest: string) => digest === stillMatches }),
});
const countOf = async (table: string, where: string): Promise<number> => {
  const [row] = await world.container.database.select(raw(`SELECT COUNT(*) AS n FROM \`${table}\` WHERE ${where}`));
  return Number(row?.['n']);
};

describeOnMysql('anonymizing in an adopted database', () => {
  it('does what was previewed, and leaves nothing of the person in any table', async () => {
    const { container } = world;
    const { database, useCases } = container;
    await putEverywhere(database, { userId: 90303, siteId: 1, email: 'dubbel@example.org', mark: 'merkteken' });
    await database.change(raw("UPDATE users SET wijk = 'wijkteken', passwordHash = 'wijkteken' WHERE id = 90304"));
    const all = await command(1, 90302, 'all-sites');
    const will = await useCases.previewAnonymization(all);
    const before = await dumped(database);
    const did = await useCases.anonymizeUser({ ...all, stillMatches: (digest) => digest === will.summary.digest });
    const after = await dumped(database);
    expect(did).toMatchObject({ kind: 'done', view: will, oauth: { removal: 'done' } });
    const marks = ['dubbel@example.org', 'Dubbele Inlog', 'merkteken', 'wijkteken', 'fp-7700', 'ct-1', 'ct-2'];
    const ips = ['10.11.12.13', '10.11.12.14', '10.11.12.15', '10.11.12.16'];
    expect(tracesOf([...marks, ...ips], textOfDump(before)).length).toBeGreaterThan(10);
    expect(tracesOf([...marks, ...ips], textOfDump(after))).toEqual([]);
    expect(world.oauth.server.people().some(({ id }) => id === 7700)).toBe(false);
    const own = new Set([
      ...sideTables.map(({ table }) => table),
      'users',
      'votes',
      'civitas_persons',
      'civitas_user_counts',
    ]);
    const others = changesBetween(before, after).filter(
      ({ table }) => !own.has(table) && !['civitas_tombstones', 'civitas_leases', 'civitas_outbox'].includes(table),
    );
    expect(others.filter(({ table }) => ['ideas', 'articles', 'arguments', 'sites'].includes(table))).toEqual([]);
  });

  it('removes votes where voting is active, and takes the address from those that stay', async () => {
    const { database, useCases } = world.container;
    for (const [userId, siteId] of [
      [50051, 1],
      [50053, 6],
    ] as const) {
      await putEverywhere(database, { userId, siteId, email: 'u5005@example.org', mark: `merk${siteId}` });
    }
    await useCases.anonymizeUser(await command(1, 50051, 'all-sites'));
    for (const table of ['argument_votes', 'pollVotes', 'budgetVotes']) {
      expect([table, await countOf(table, 'userId = 50051')]).toEqual([table, 0]);
      expect([table, await countOf(table, 'userId = 50053')]).toEqual([table, 1]);
    }
    expect(await countOf('argument_votes', 'userId = 50053 AND ip IS NULL')).toBe(1);
    expect(await countOf('polls', 'userId IN (50051, 50053)')).toBe(2);
    expect(await countOf('submissions', `userId IN (50051, 50053) AND submittedData = '{}'`)).toBe(2);
    expect(tracesOf(['merk1', 'merk6', 'u5005@example.org'], textOfDump(await dumped(database)))).toEqual([]);
  });

  it('at one site leaves what belongs to the person’s other sites', async () => {
    const { database, useCases } = world.container;
    for (const siteId of [1, 2]) {
      await putEverywhere(database, {
        userId: siteId === 1 ? 50061 : 50062,
        siteId,
        email: 'u5006@example.org',
        mark: `merk${siteId}`,
      });
    }
    await useCases.anonymizeUser(await command(2, 50062, 'this-site'));
    expect(await countOf('newslettersignups', "email = 'u5006@example.org'")).toBe(1);
    expect(await countOf('newslettersignups', "email = 'u5006@example.org' AND siteId = 1")).toBe(1);
    expect(await countOf('notifications', "`to` = 'u5006@example.org'")).toBe(2);
    expect(await countOf('submissions', `userId = 50061 AND submittedData <> '{}'`)).toBe(1);
    expect(await countOf('auth_tokens', 'uid = 50062')).toBe(0);
    expect(await countOf('auth_tokens', 'uid = 50061')).toBe(1);
  });

  it('is another plan when one more row names the person', async () => {
    const { database, useCases } = world.container;
    const will = await useCases.previewAnonymization(await command(1, 90302, 'all-sites'));
    await put(database, 'submissions', { siteId: 1, userId: 90302, submittedData: '{"naam":"x"}' });
    await expect(
      useCases.anonymizeUser(await command(1, 90302, 'all-sites', will.summary.digest)),
    ).rejects.toMatchObject({ code: 'plan-changed' });
  });

  it('takes one statement to see all side tables, and at most two more for each to change it', async () => {
    const { database, useCases } = world.container;
    const statementsOf = async (userId: number): Promise<{ preview: number; operation: number }> => {
      const all = await command(1, userId, 'all-sites');
      const start = world.statements();
      await useCases.previewAnonymization(all);
      const between = world.statements();
      await useCases.anonymizeUser(all);
      return { preview: between - start, operation: world.statements() - between };
    };
    // Sites are kept by whoever asks outside a unit of work, as every request does.
    const { sites } = world.container.ports;
    await Promise.all([sites.all(), sites.past()]);
    await useCases.previewAnonymization(await command(1, 101, 'this-site'));
    const without = await statementsOf(50081);
    for (const [userId, siteId] of [
      [50091, 1],
      [50093, 6],
    ] as const) {
      await putEverywhere(database, { userId, siteId, email: 'u5009@example.org', mark: `merk${siteId}` });
    }
    const withAll = await statementsOf(50091);
    expect(withAll.preview).toBe(without.preview);
    expect(withAll.operation - without.operation).toBeLessThanOrEqual(2 * sideTables.length);
  });

  it('refuses while something undeclared looks personal, at a site that wants all or nothing', async () => {
    const { database, useCases } = world.container;
    await database.change(
      sql`UPDATE sites SET config = JSON_SET(config, '$.anonymize', JSON_OBJECT('requireComplete', TRUE)) WHERE id = 2`,
    );
    const refusal = { code: 'conflict', facts: { rule: 'incomplete' } };
    const person = await command(1, 50071, 'all-sites');
    await expect(useCases.previewAnonymization(person)).rejects.toMatchObject(refusal);
    await expect(useCases.anonymizeUser(person)).rejects.toMatchObject(refusal);
    await expect(useCases.anonymizeUser(person)).rejects.toThrow('users.klantnummer');
    await expect(useCases.previewAnonymization(await command(1, 50071, 'this-site'))).resolves.toBeDefined();
  });
});
