import { raw } from '../../src/db/sql.ts';
import { startAdoptedWorld, type AdoptedWorld } from '../support/adopted-world.ts';
import { dumped, textOfDump } from '../support/dump.ts';
import { describeOnMysql } from '../support/recorded-copy.ts';
import { tracesOf } from '../support/residue.ts';
import { put, putEverywhere } from '../support/side-rows.ts';

let world: AdoptedWorld;
beforeEach(async () => {
  world = await startAdoptedWorld('openstad-api-database-worn');
});
afterEach(() => world.close());

const remove = async (siteId: number, userId: number) =>
  world.container.useCases.deleteUser({ actor: world.admin, site: await world.site(siteId), userId });

describeOnMysql('deleting in an adopted database', () => {
  it('works for somebody whom every side table refers to, and leaves nothing', async () => {
    const { database } = world.container;
    await putEverywhere(database, { userId: 114, siteId: 1, email: 'u1007@example.org', mark: 'merkteken' });
    await expect(remove(1, 114)).resolves.toMatchObject({ removal: 'done' });
    const after = await dumped(database);
    expect(tracesOf(['merkteken', 'u1007@example.org'], textOfDump(after))).toEqual([]);
    // Our own book of operations names the row that went, and nothing else of it.
    const naming = [...after]
      .filter(([table]) => table !== 'civitas_audit')
      .flatMap(([table, rows]) =>
        [...rows.values()]
          .filter((row) => ['userId', 'modBreakUserId', 'uid'].some((column) => row[column] === '114'))
          .map(() => table),
      );
    expect(naming).toEqual([]);
  });

  it('works for each row of somebody who stands six times at a site', async () => {
    for (const userId of [90302, 90303, 90304, 90305, 90306]) await remove(1, userId);
    const text = textOfDump(await dumped(world.container.database));
    expect(tracesOf(['dubbel@example.org', 'fp-7700', '10.11.12.15'], text)).toEqual([]);
    expect(world.oauth.server.people().some(({ id }) => id === 7700)).toBe(false);
  });

  it('takes along what others put on the person’s ideas', async () => {
    const { database } = world.container;
    const [idea] = await database.select(raw('SELECT id, userId, siteId FROM ideas WHERE userId = 114 LIMIT 1'));
    const ideaId = Number(idea?.['id']);
    const argumentId = await put(database, 'arguments', { ideaId, userId: 101, description: 'Omdat' });
    await put(database, 'argument_votes', { argumentId, userId: 103, opinion: 'yes' });
    const pollId = await put(database, 'polls', { ideaId, userId: 101, question: 'Wat?' });
    await put(database, 'pollVotes', { pollId, userId: 103, choice: 'ja' });
    await expect(remove(1, 114)).resolves.toBeDefined();
  });

  it('is refused, and no 500, where a table of somebody else refers to the user', async () => {
    const { database } = world.container;
    await database.change(
      raw('CREATE TABLE helpers (id INT PRIMARY KEY AUTO_INCREMENT, who INT, FOREIGN KEY (who) REFERENCES users (id))'),
    );
    await database.change(raw('INSERT INTO helpers (who) VALUES (114)'));
    await expect(remove(1, 114)).rejects.toMatchObject({ code: 'conflict', facts: { rule: 'referred-to' } });
    expect(await database.select(raw('SELECT id FROM users WHERE id = 114'))).toHaveLength(1);
  });
});
