import { createStores } from '../../src/db/index.ts';
import { openTestDatabase } from '../support/database.ts';
import { fakeClock } from '../support/fakes/clock.ts';
import { fakeLog } from '../support/fakes/log.ts';
import { fakeSecrets } from '../support/fakes/secrets.ts';
import { describeStores } from './all.ts';
import type { Start } from './subject.ts';

/** The real stores: on a temporary SQLite file, or on the server that TEST_DATABASE_URL names. */
const start: Start = async () => {
  const scratch = await openTestDatabase();
  const { database } = scratch;
  const clock = fakeClock();
  const settings = { oauthTimeLimitMs: 3000, siteCacheSeconds: 60 };
  return {
    stores: createStores(database, { clock, secrets: fakeSecrets(), log: fakeLog(), ...settings }),
    clock,
    insert: async (table, row) => {
      await database.rows[table].create(row);
    },
    statements: () => scratch.statements(),
    close: () => scratch.close(),
  };
};

describeStores(process.env['TEST_DATABASE_URL'] === undefined ? 'SQLite' : 'the server’s database', start);
