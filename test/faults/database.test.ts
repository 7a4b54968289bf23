import { setTimeout as pause } from 'node:timers/promises';
import { createConnection, type Connection } from 'mysql2/promise';
import { raw, sql } from '../../src/db/sql.ts';
import { hasMariadb, ownMariadb, type OwnMariadb } from '../support/own-mariadb.ts';
import { startRecordedWorld, type Answer, type RecordedWorld } from '../support/recorded-world.ts';
import { until } from '../support/until.ts';

/**
 * What callers see of a server that misbehaves, on one that is ours to ill-treat: each call ends within five seconds, well or with 503 and
 * when to come again, `/health/ready` within one; nothing is done by half; and once it is over all is well.
 */
const describeOnOwnServer = (name: string, tests: () => void): void => {
  if (hasMariadb()) describe(name, tests);
  else describe.skip(`${name} (needs MariaDB on this machine: Debian's package mariadb-server)`, tests);
};

/** As said above; the machine may have more to do than these tests. */
const promisedMs = { call: 5_000, ready: 1_000 };
const leeway = 2;

describeOnOwnServer('a server that misbehaves', () => {
  let server: OwnMariadb;
  let world: RecordedWorld;
  let name: string;
  beforeAll(async () => {
    server = await ownMariadb();
    world = await worldOn(server);
    name = new URL(world.env['DATABASE_URL'] ?? '').pathname.slice(1);
  });
  afterAll(async () => {
    server.thaw();
    await world.close();
    await server.remove();
  });
  let someone: number;
  beforeEach(async () => {
    someone = await anybody(server, name);
    await forgotten();
  });
  afterEach(() => isWellAgain(world));

  const stranger = (): Promise<Connection> => createConnection({ uri: server.url, user: 'root', database: name });

  it('and hangs: whatever waits for it is told so, and whoever comes then at once', async () => {
    const early = sufferedBy(world, someone);
    await pause(20);
    server.freeze();
    const first = await early;
    await forgotten();
    const late = await sufferedBy(world, someone);
    server.thaw();

    expect([...faultsOf(first), ...faultsOf(late)]).toEqual([]);
    expect(late.map(({ status }) => status)).toEqual([503, 503, 503, 503, 503]);
    expect(readiness(late)).toEqual(['unreachable', 'ETIMEDOUT']);
    expect((await world.call(null, 'GET', '/health/live')).status).toBe(200);
  });

  it('and is busy for long with one statement: it goes on as long as pings are answered', async () => {
    const { database } = world.container;

    expect(await database.select(raw('SELECT SLEEP(6) AS slept'))).toEqual([{ slept: 0 }]);
  });

  it('and dies: nobody waits, and once it is back all is well', async () => {
    const early = sufferedBy(world, someone);
    await pause(20);
    await server.kill();
    const first = await early;
    await forgotten();
    const late = await sufferedBy(world, someone);
    await server.start();

    expect([...faultsOf(first), ...faultsOf(late)]).toEqual([]);
    expect(late.map(({ status }) => status)).toEqual([503, 503, 503, 503, 503]);
    expect(readiness(late)).toEqual(['unreachable', 'ECONNREFUSED']);
  });

  it('and is read-only: reads go on, writes are told so, and its connections are left', async () => {
    const before = await connectionIds(server);
    await server.ask('SET GLOBAL read_only = ON');
    const suffered = await sufferedBy(world, someone);
    await server.ask('SET GLOBAL read_only = OFF');
    await isWellAgain(world);

    expect(faultsOf(suffered)).toEqual([]);
    expect(Object.fromEntries(suffered.map(({ call, status }) => [call, status]))).toMatchObject({
      ...{ list: 200, view: 200, update: 503, 'do-anonymizeall': 503, ready: 503 },
    });
    expect(readiness(suffered)).toEqual(['read-only', 'read_only is ON']);
    // One is that of /health/ready.
    expect((await connectionIds(server)).filter((id) => before.includes(id)).length).toBeLessThanOrEqual(1);
  });

  it('and kills statements: each is told so, and no unit is run again', async () => {
    const { database, ports } = world.container;
    let runs = 0;
    const working = [
      database.select(raw(endless)),
      ports.inOneTransaction(async () => {
        runs += 1;
        return database.select(raw(endless));
      }),
    ].map((one) => one.catch((error: unknown) => error));
    await until('both are at work', async () => (await atWork(server)).length === 2);
    const killed = await atWork(server);
    for (const id of killed) await server.ask(`KILL QUERY ${id}`);

    for (const one of await Promise.all(working))
      expect(one).toMatchObject({ code: 'not-ready', cause: { errno: 1317 } });
    expect(runs).toBe(1);
    await isWellAgain(world);
    expect((await connectionIds(server)).filter((id) => killed.includes(id))).toEqual([]);
  });

  it('and says nothing of a COMMIT: it is not made again, and nobody waits for it', async () => {
    const { database, ports } = world.container;
    const other = await stranger();
    let runs = 0;
    const begun = performance.now();
    const committed = ports.inOneTransaction(async () => {
      runs += 1;
      await database.change(sql`UPDATE users SET city = ${'Elders'} WHERE id = ${someone}`);
      await other.query('FLUSH TABLES WITH READ LOCK');
    });
    await expect(committed).rejects.toMatchObject({ code: 'not-ready' });
    const ms = performance.now() - begun;
    await other.end();

    expect([runs, ms < leeway * promisedMs.call]).toEqual([1, true]);
    expect(await server.ask(`SELECT 1 FROM \`${name}\`.users WHERE id = ${someone} AND city = 'Elders'`)).toEqual([]);
  });

  it('and has no connection left: who needs a new one is told so', async () => {
    await world.restart();
    await server.ask('SET GLOBAL max_connections = 10');
    const strangers = await Promise.all(Array.from({ length: 10 }, () => stranger().catch(() => null)));
    const suffered = await sufferedBy(world, someone);
    for (const one of strangers) await one?.end();
    await server.ask('SET GLOBAL max_connections = 150');

    expect(faultsOf(suffered)).toEqual([]);
  });

  it('and keeps a row that a stranger holds: who waits for it is told so', async () => {
    const other = await stranger();
    await other.query('BEGIN');
    await other.query(`SELECT id FROM users WHERE id IN (101, ${someone}) FOR UPDATE`);
    const suffered = await sufferedBy(world, someone);
    await other.end();

    expect(faultsOf(suffered)).toEqual([]);
    expect(Object.fromEntries(suffered.map(({ call, status }) => [call, status]))).toEqual({
      ...{ list: 200, view: 200, update: 503, 'do-anonymizeall': 503, ready: 200 },
    });
  });

  it('and keeps a table that a stranger holds', async () => {
    const other = await stranger();
    await other.query('LOCK TABLES users WRITE');
    const suffered = await sufferedBy(world, someone);
    await other.end();

    expect(faultsOf(suffered)).toEqual([]);
    expect(readiness(suffered)).toEqual(['ready', null]);
  });

  it('has left nothing half done', async () => {
    const rows = await server.ask(
      `SELECT personId FROM \`${name}\`.users WHERE personId IS NOT NULL AND deletedAt IS NULL
       GROUP BY personId HAVING COUNT(anonymizedAt) NOT IN (0, COUNT(*))`,
    );

    expect(rows).toEqual([]);
  });
});

describeOnOwnServer('a server whose disk is full', () => {
  const file = '--innodb-data-file-path=ibdata1:12M:autoextend';
  let server: OwnMariadb;
  let world: RecordedWorld;
  beforeAll(async () => {
    server = await ownMariadb('--innodb-file-per-table=0', '--innodb-autoextend-increment=4', `${file}:max:32M`);
    world = await worldOn(server);
  });
  afterAll(async () => {
    await world.close();
    await server.remove();
  });

  it('answers reads, and tells whoever writes; with room again all is well', async () => {
    const { pathname } = new URL(world.env['DATABASE_URL'] ?? '');
    const name = pathname.slice(1);
    const { database } = world.container;
    // In the rows themselves: over a text beside them, with no room left, some versions of MariaDB end.
    await server.ask(`CREATE TABLE \`${name}\`.bulky (text VARBINARY(7000)) ENGINE=InnoDB`);
    await server.ask(filling(`\`${name}\`.bulky`, inRow));
    const suffered = await sufferedBy(world, await anybody(server, name));
    const bulky = database.change(sql`INSERT INTO bulky (text) VALUES (${'x'.repeat(inRow)})`);
    await expect(bulky).rejects.toMatchObject({ code: 'not-ready', cause: { errno: 1114 } });
    await server.kill();
    await server.start(`${file}:max:256M`);
    await isWellAgain(world);

    expect(faultsOf(suffered)).toEqual([]);
    expect(readiness(suffered)).toEqual(['ready', null]);
  });
});

const inRow = 7000;
/** Until nothing more of that length fits. */
const filling = (table: string, length: number): string =>
  `BEGIN NOT ATOMIC
     DECLARE isFull BOOL DEFAULT FALSE;
     DECLARE CONTINUE HANDLER FOR 1114 SET isFull = TRUE;
     WHILE NOT isFull DO INSERT INTO ${table} VALUES (REPEAT('x', ${length})); END WHILE;
   END`;

const connectionIds = async (server: OwnMariadb): Promise<readonly number[]> =>
  (await server.ask("SELECT id FROM information_schema.processlist WHERE user = 'civitas'")).map((row) =>
    Number(row['id']),
  );
const endless = 'SELECT COUNT(*) FROM seq_1_to_100000000000 WHERE seq % 7 = 3';
const atWork = async (server: OwnMariadb): Promise<readonly number[]> =>
  (await server.ask("SELECT id FROM information_schema.processlist WHERE info LIKE 'SELECT COUNT(*) FROM seq%'")).map(
    (row) => Number(row['id']),
  );

const worldOn = async (server: OwnMariadb): Promise<RecordedWorld> => {
  const before = process.env['TEST_DATABASE_URL'];
  process.env['TEST_DATABASE_URL'] = server.url;
  try {
    // As in production: whoever was at it when the server went holds their lease as long, and nobody else gets it.
    return await startRecordedWorld({}, { oauthTimeLimitMs: 3000 });
  } finally {
    if (before === undefined) delete process.env['TEST_DATABASE_URL'];
    else process.env['TEST_DATABASE_URL'] = before;
  }
};

/** A member at site 1, and perhaps elsewhere. */
const anybody = async (server: OwnMariadb, name: string): Promise<number> => {
  const [row] = await server.ask(
    `SELECT id FROM \`${name}\`.users WHERE siteId = 1 AND role = 'member' AND personId IS NOT NULL AND id > 101
     AND anonymizedAt IS NULL AND deletedAt IS NULL ORDER BY id LIMIT 1`,
  );
  return Number(row?.['id']);
};

/** /health/ready says for half a second what it found. */
const forgotten = (): Promise<void> => pause(600);

interface Suffered {
  readonly call: string;
  readonly ms: number;
  readonly status: number;
  readonly retryAfter: string | null;
  readonly body: unknown;
}

const sufferedBy = (world: RecordedWorld, userId: number): Promise<readonly Suffered[]> => {
  const timed = async (call: string, ask: Promise<Answer>): Promise<Suffered> => {
    const begun = performance.now();
    const { status, headers, body } = await ask;
    return { call, ms: performance.now() - begun, status, retryAfter: headers.get('retry-after'), body };
  };
  const of = (method: string, path: string, body?: unknown) =>
    world.call('admin', method, `/api/site/1/user${path}`, body);
  return Promise.all([
    timed('list', of('GET', '?page=0&pageSize=20')),
    timed('view', of('GET', '/101')),
    timed('update', of('PUT', '/101', { firstName: `Vera${userId}` })),
    timed('do-anonymizeall', of('PUT', `/${userId}/do-anonymizeall`)),
    timed('ready', world.call(null, 'GET', '/health/ready')),
  ]);
};

/** What `/health/ready` said of the database. */
const readiness = (suffered: readonly Suffered[]): readonly unknown[] => {
  const { body } = suffered.find(({ call }) => call === 'ready') ?? {};
  const { databaseState, databaseSays } = body as Readonly<Record<string, unknown>>;
  return [databaseState, databaseSays];
};

/** What is not as it was promised; with the times, which somebody will want to know. */
const faultsOf = (suffered: readonly Suffered[]): readonly Suffered[] => {
  return suffered.filter(({ call, ms, status, retryAfter }) => {
    const isAnswer = (status >= 200 && status < 300) || (status === 503 && retryAfter !== null);
    return !isAnswer || ms > leeway * (call === 'ready' ? promisedMs.ready : promisedMs.call);
  });
};

const isWellAgain = async (world: RecordedWorld): Promise<void> => {
  let number = 0;
  await until(
    'all is well again',
    async () => {
      const answers = await Promise.all([
        world.call(null, 'GET', '/health/ready'),
        world.call('admin', 'GET', '/api/site/1/user?page=0'),
        world.call('admin', 'PUT', '/api/site/1/user/101', { firstName: `Wel${(number += 1)}` }),
      ]);
      return answers.every(({ status }) => status === 200);
    },
    15_000,
  );
};
