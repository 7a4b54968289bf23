import { sql } from '../../src/db/sql.ts';
import { visitor } from '../../src/domain/actor.ts';
import { sideTables } from '../../src/side-tables/index.ts';
import type { ClientActor } from '../../src/use-cases/clients/commands.ts';
import type { ExportPart } from '../../src/use-cases/people/commands.ts';
import { startAdoptedWorld, type AdoptedWorld } from '../support/adopted-world.ts';
import { describeOnMysql } from '../support/recorded-copy.ts';
import { putEverywhere } from '../support/side-rows.ts';

let world: AdoptedWorld;
beforeEach(async () => {
  world = await startAdoptedWorld('openstad-api-database-worn');
});
afterEach(() => world.close());

describeOnMysql('the export of somebody in an adopted database', () => {
  it('holds a row of every side table that anonymizing reaches, and no secret', async () => {
    const { database, management, ports } = world.container;
    await putEverywhere(database, { userId: 114, siteId: 1, email: 'u1007@example.org', mark: 'merkteken' });
    const [person] = await database.select(
      sql`SELECT p.issuer, p.externalId FROM civitas_persons p JOIN users u ON u.personId = p.id WHERE u.id = 114`,
    );
    const sites = await database.select(
      sql`SELECT u.siteId FROM users u JOIN users o ON o.personId = u.personId WHERE o.id = 114 AND u.siteId > 0`,
    );
    const issuer = String(person?.['issuer']);
    const siteIds = [...new Set(sites.map(({ siteId }) => Number(siteId)))];
    // Whoever reads is asked again for their right, so there has to be such a client.
    const key = { key: 'civ_balie', secret: 'a'.repeat(64), createdAt: new Date() };
    const id = await ports.clients.add({ ...key, name: 'Balie', issuer, siteIds, scopes: ['admin'] });
    const actor: ClientActor = { ...visitor, client: { id, issuer, siteIds, scopes: ['admin'] } };
    const parts: ExportPart[] = [];
    for await (const part of management.exportPerson({ actor, uid: String(person?.['externalId']) })) parts.push(part);

    const named = new Set(parts.filter(({ rows }) => rows.length > 0).map(({ of }) => of));
    expect(sideTables.map(({ table }) => table).filter((table) => !named.has(table))).toEqual([]);
    const shown = new Set(parts.flatMap(({ rows }) => rows.flatMap((row) => Object.keys(row))));
    expect(['hashedToken', 'confirmToken', 'signoutToken'].filter((secret) => shown.has(secret))).toEqual([]);
    expect(JSON.stringify(parts)).toContain('merkteken');
  });
});
