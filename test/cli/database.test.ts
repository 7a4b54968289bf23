import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { createConnection } from 'mysql2/promise';
import { openDatabase } from '../../src/db/database.ts';
import { createMigrator } from '../../src/db/migrator.ts';
import { scratchDatabase } from '../support/database.ts';
import { freePortPair } from '../support/free-port.ts';
import { runCommand, startProgram, type Program } from '../support/program.ts';
import { receiptKey } from '../support/receipt-key.ts';
import { describeOnMysql } from '../support/recorded-copy.ts';
import { until } from '../support/until.ts';

/** people.md §4: what a command, and the program itself, say of a database that cannot be used. */
const secrets = {
  NODE_ENV: 'test',
  AUTH_JWT_SECRET: 'a secret of thirty-two characters',
  DATA_KEY: Buffer.alloc(32, 7).toString('base64'),
  RECEIPT_KEY: receiptKey,
};
const list = (url: string, more: Readonly<Record<string, string>> = {}) =>
  runCommand('client list', { env: { ...secrets, DATABASE_URL: url, LOG_LEVEL: 'error', ...more } });
const password = 'a-pass-word';
const at = (port: number, name = 'city') => `mysql://somebody:${password}@127.0.0.1:${port}/${name}`;

/** A server that takes connections and says nothing. */
const silentServer = async () => {
  const sockets: Socket[] = [];
  const server: Server = createServer((socket) => void sockets.push(socket.on('error', () => undefined)));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as { port: number }).port,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
};

describe('a command whose database', () => {
  it('nobody serves names host, database and cause in one line, and never a password', async () => {
    const port = await freePortPair();
    const { code, output, printed } = await list(at(port));
    expect([code, printed, output]).toEqual([
      1,
      '',
      `The database city at 127.0.0.1:${port} cannot be used: nothing listens there (ECONNREFUSED).\n`,
    ]);
  });

  it('takes the connection and never answers ends by itself, and says that it does not answer', async () => {
    const server = await silentServer();
    try {
      const begun = performance.now();
      const { code, output } = await list(at(server.port));
      expect([code, output]).toEqual([
        1,
        expect.stringMatching(
          new RegExp(
            `^The database city at 127\\.0\\.0\\.1:${server.port} cannot be used: it does not answer[^\\n]*\\n$`,
          ),
        ),
      ]);
      expect(performance.now() - begun).toBeLessThan(25_000);
    } finally {
      await server.close();
    }
  });

  it('has no such host says so, and more where LOG_LEVEL is debug, but still no password', async () => {
    const url = `mysql://somebody:${password}@no.such.host.invalid/city`;
    const { code, output } = await list(url, { LOG_LEVEL: 'debug' });
    expect(code).toBe(1);
    expect(output).toMatch(/^The database city at no\.such\.host\.invalid:3306 cannot be used: [^\n]+\n/m);
    expect(output).toContain('why the command failed');
    expect(output).not.toContain(password);
  });

  it('is wrong altogether says so by its setting', async () => {
    const { code, output } = await list('postgres://somebody@127.0.0.1/city');
    expect([code, output]).toEqual([1, expect.stringContaining('DATABASE_URL')]);
  });
});

describeOnMysql('a command whose server', () => {
  const server = new URL(process.env['TEST_DATABASE_URL'] ?? 'mysql://127.0.0.1');
  const stranger = `stranger_${process.pid}`;
  const asRoot = async (...statements: readonly string[]) => {
    const connection = await createConnection(new URL('/', server).href);
    for (const statement of statements) await connection.query(statement);
    await connection.end();
  };
  beforeAll(() => asRoot(`CREATE USER '${stranger}'@'%' IDENTIFIED BY '${password}'`));
  afterAll(() => asRoot(`DROP USER '${stranger}'@'%'`));
  const urlOf = (secret: string, name: string): string => {
    const url = new URL(server);
    [url.username, url.password, url.pathname] = [stranger, secret, `/${name}`];
    return url.href;
  };

  it.each([
    [
      'does not take the password',
      'wrong',
      'mysql',
      /takes neither this user nor this password \(ER_ACCESS_DENIED_ERROR\)/,
    ],
    [
      'does not let the user at the database',
      password,
      'mysql',
      /may not use a database of that name \(ER_DBACCESS_DENIED_ERROR\)/,
    ],
  ])('%s says which of it', async (_what, secret, name, cause) => {
    const { code, output } = await list(urlOf(secret, name));
    expect([code, output]).toEqual([1, expect.stringMatching(cause)]);
    expect(output).toMatch(new RegExp(`^The database ${name} at [^\\n]+\\n$`));
    expect(output).not.toContain(secret);
  });
});

describe('the program itself', () => {
  let program: Program | undefined;
  afterEach(async () => {
    await program?.stop();
    program = undefined;
  });
  const env = { ...secrets, HOST: '127.0.0.1', PORT: '0' };

  it('says in one line that its database does not answer, is not ready, and goes on', async () => {
    const port = await freePortPair();
    program = await startProgram({ env: { ...env, DATABASE_URL: at(port) } });
    const saying = (): readonly string[] =>
      (program?.output() ?? '').split('\n').filter((line) => line.includes('Waiting for it'));
    const lines = saying();
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain(
      `The database city at 127.0.0.1:${port} cannot be used: nothing listens there (ECONNREFUSED).`,
    );
    expect(program.output()).not.toContain(password);
    expect((await fetch(`${program.url}/health/ready`)).status).toBe(503);
    expect((await fetch(`${program.url}/health/live`)).status).toBe(200);
    // And again each half minute.
    await until('that it says so again', () => saying().length === 2);
    const [first = 0, second = 0] = saying().map((line) => Date.parse(/"time":"([^"]+)"/.exec(line)?.[1] ?? ''));
    expect(second - first).toBeGreaterThan(25_000);
    expect(second - first).toBeLessThan(60_000);
  });

  it('says to migrate a database that is not, and ends with 1', async () => {
    const scratch = await scratchDatabase();
    try {
      await expect(startProgram({ env: { ...env, DATABASE_URL: scratch.url } })).rejects.toThrow(
        /ended with 1: [^]*run `npm run migrate` first/,
      );
    } finally {
      await scratch.remove();
    }
  });
});

describeOnMysql('the program itself beside a server that comes later', () => {
  it('serves once the database is there, and says so', async () => {
    const scratch = await scratchDatabase();
    const database = openDatabase({ url: scratch.url });
    await createMigrator(database).up();
    await database.close();
    // A door to the server that opens after a while.
    const there = new URL(scratch.url);
    const door = createServer();
    const port = await freePortPair();
    door.on('connection', (socket) => {
      const inside = connect(Number(there.port === '' ? 3306 : there.port), there.hostname);
      for (const end of [socket, inside]) end.on('error', () => undefined);
      socket.pipe(inside).pipe(socket);
    });
    const url = new URL(there);
    url.port = String(port);
    const program = await startProgram({ env: { ...secrets, HOST: '127.0.0.1', PORT: '0', DATABASE_URL: url.href } });
    try {
      expect((await fetch(`${program.url}/health/ready`)).status).toBe(503);
      door.listen(port, '127.0.0.1');
      await until('that it is ready', async () => (await fetch(`${program.url}/health/ready`)).status === 200);
      await until('that it says so', () => program.output().includes('the database answers'));
    } finally {
      await program.stop();
      door.close();
      await scratch.remove();
    }
  });
});
