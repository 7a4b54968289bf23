import { demoWorld } from '../../seeds/demo-world.ts';
import { sql } from '../../src/db/sql.ts';
import { fillWorld } from '../../src/demo/fill-world.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';

const world = demoWorld({ clientId: 'demo', platform: { clientId: 'platform', clientSecret: 'secret' } });
let held: TestDatabase;
beforeEach(async () => {
  held = await openTestDatabase();
});
afterEach(() => held.close());
const fill = () => fillWorld(held.database, world, 'http://oauth.localhost');

it('the demo begins again where somebody gave sites other domains', async () => {
  await fill();
  await held.database.change(sql`UPDATE sites SET domain = ${'moved.example'} WHERE id = 2`);
  await held.database.change(sql`UPDATE sites SET domain = ${'more.example'} WHERE id = 3`);
  await expect(fill()).resolves.toBeUndefined();
});

it('the demo touches no database that holds other sites only', async () => {
  await fill();
  await held.database.change(sql`UPDATE sites SET domain = ${'other.example'}`);
  await expect(fill()).rejects.toThrow('none of the demo world');
});
