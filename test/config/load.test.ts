import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigFaults, globalOauthClientOf, loadConfig, settingsAsMarkdown } from '../../src/config/index.ts';
import { receiptKey } from '../support/receipt-key.ts';
import { settingNames, settingOf } from '../../src/config/settings.ts';

const key = Buffer.alloc(32, 7).toString('base64');
const real = {
  DATABASE_URL: 'mysql://root@127.0.0.1:3306/civitas',
  AUTH_JWT_SECRET: 'x'.repeat(32),
  DATA_KEY: key,
  RECEIPT_KEY: receiptKey,
};
const faultsOf = (env: Record<string, string>, configDir?: string) => {
  try {
    loadConfig({ env, ...(configDir === undefined ? {} : { configDir }) });
  } catch (error) {
    if (error instanceof ConfigFaults) return error;
    throw error;
  }
  throw new Error('expected faults');
};

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'civitas-config-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe('a real installation', () => {
  it('needs four settings and gets the rest from the files', () => {
    const config = loadConfig({ env: real });
    expect(config).toMatchObject({
      demo: false,
      nodeEnv: 'development',
      server: { host: '127.0.0.1', port: 8080, trustProxy: false },
      users: { cache: { freshSeconds: 60 }, anonymize: { firstName: 'Gebruiker', lastName: 'verwijderd' } },
      secrets: { dataKeys: [key] },
    });
    expect(globalOauthClientOf(config)).toBeNull();
  });

  it('is frozen to the last leaf', () => {
    const config = loadConfig({ env: real });
    expect(Object.isFrozen(config.users.cache)).toBe(true);
    expect(Object.isFrozen(config.authorization.fixedTokens)).toBe(true);
  });

  it('does not depend on the working directory', () => {
    const before = process.cwd();
    process.chdir(folder);
    try {
      expect(loadConfig({ env: real }).anonymize.maxListed).toBe(20_000);
    } finally {
      process.chdir(before);
    }
  });

  it('takes the file of NODE_ENV over default.json, and the environment over both', () => {
    expect(loadConfig({ env: { ...real, NODE_ENV: 'production' } }).server.host).toBe('0.0.0.0');
    expect(loadConfig({ env: { ...real, NODE_ENV: 'production', HOST: '10.0.0.1' } }).server.host).toBe('10.0.0.1');
  });

  it('reads every kind of text that the environment can hold', () => {
    const config = loadConfig({
      env: {
        ...real,
        PORT: '9090',
        REDIS_URL: 'rediss://me:secret@redis.example.org:6380/2',
        TRUST_PROXY: '2',
        METRICS_ENABLED: 'false',
        DATA_KEY: `${Buffer.alloc(32, 9).toString('base64')}, ${key}`,
        AUTH_ALLOWED_HOSTS: 'login.example.org, 127.0.0.1:4000',
        AUTH_FIXED_TOKENS: '[{"token":"secret-token","userId":2}]',
        AUTH_SERVER_URL: 'https://Login.example.org/',
        AUTH_INTERNAL_SERVER_URL: 'http://oauth:8080',
        AUTH_CLIENT_ID: 'me',
        AUTH_CLIENT_SECRET: 'mine',
      },
    });
    expect(config.server).toMatchObject({ port: 9090, trustProxy: 2 });
    expect(config.metrics.enabled).toBe(false);
    expect(config.secrets.dataKeys).toHaveLength(2);
    expect(config.authorization.allowedHosts).toEqual(['login.example.org', '127.0.0.1:4000']);
    expect(config.authorization.fixedTokens).toEqual([{ token: 'secret-token', userId: 2, client: 'default' }]);
    expect(globalOauthClientOf(config)).toEqual({
      issuer: 'https://login.example.org',
      internalUrl: 'http://oauth:8080',
      clientId: 'me',
      clientSecret: 'mine',
      adapter: 'openstad',
      settings: {},
    });
  });
});

describe('faults', () => {
  it('are told all at once, with both names', () => {
    const { faults, message } = faultsOf({
      NODE_ENV: 'staging',
      AUTH_CLIENT_ID: 'me',
      PORT: 'eighty',
      DATA_KEY: 'short',
      USERS_FRESH_SECONDS: '600',
      USERS_MAX_STALE_SECONDS: '60',
    });
    expect(faults.map(({ setting }) => setting).sort()).toEqual([
      'authorization.clientSecret',
      'authorization.jwtSecret',
      'authorization.serverUrl',
      'database.url',
      'nodeEnv',
      'secrets.dataKeys',
      'secrets.receiptKeys',
      'server.port',
      'users.cache.maxStaleSeconds',
    ]);
    expect(message).toContain('DATABASE_URL (database.url) is missing');
    expect(message).toContain('PORT (server.port) must be a port number');
  });

  it('never quote a value', () => {
    const marker = 'geheim-geheim';
    const wrong = Object.fromEntries(
      settingNames.flatMap((name) => {
        const { variable } = settingOf(name);
        return variable === null ? [] : [[variable, `${marker} `]];
      }),
    );
    expect(faultsOf(wrong).message).not.toContain('geheim');
  });

  it.each([
    ['DATABASE_URL', 'postgres://x/y'],
    ['DATABASE_URL', 'mysql://host-without-name'],
    ['DATABASE_URL', 'sqlite::memory:'],
    ['REDIS_URL', 'http://127.0.0.1:6379'],
    ['REDIS_URL', 'redis://'],
    ['AUTH_JWT_SECRET', 'x'.repeat(31)],
    ['DATA_KEY', Buffer.alloc(31).toString('base64')],
    ['DATA_KEY', `${key},${key}`],
    ['DATA_KEY', ','],
    ['RECEIPT_KEY', Buffer.alloc(48).toString('base64')],
    ['RECEIPT_KEY', `${receiptKey},${receiptKey}`],
    ['RECEIPT_KEY', `${receiptKey},old`],
    ['AUTH_FIXED_TOKENS', '[{"token":"short","userId":2}]'],
    ['AUTH_FIXED_TOKENS', '[{"token":"long-enough","userId":0}]'],
    ['AUTH_FIXED_TOKENS', '[{"token":"the-same-1","userId":2},{"token":"the-same-1","userId":3}]'],
    ['AUTH_FIXED_TOKENS', 'not json'],
    ['AUTH_SERVER_URL', 'ftp://example.org'],
    ['AUTH_SERVER_URL', 'https://user:pass@example.org'],
    ['AUTH_ALLOWED_HOSTS', 'https://example.org'],
    ['TRUST_PROXY', 'true'],
    ['TIME_ZONE', 'Europe/Atlantis'],
    ['PORT', '65536'],
    ['LOG_LEVEL', 'loud'],
    ['DEMO', 'perhaps'],
  ])('%s does not take %s', (variable, value) => {
    const { faults } = faultsOf({ ...real, [variable]: value });
    expect(faults.map((fault) => fault.variable)).toContain(variable);
  });

  it('refuse to show what is kept inside at the port that is published', () => {
    const { faults } = faultsOf({ PORT: '9090', METRICS_PORT: '9090' });
    expect(faults).toContainEqual(expect.objectContaining({ setting: 'metrics.port', variable: 'METRICS_PORT' }));
  });

  it('refuse another name for people of the OAuth server than its address, but in the demo', () => {
    // Sites that name the address itself would have other people than those that name nothing.
    writeFileSync(join(folder, 'default.json'), '{"authorization": {"issuer": "https://old.example.org"}}');
    const refused = expect.objectContaining({ setting: 'authorization.issuer' });
    expect(faultsOf(real, folder).faults).toContainEqual(refused);
    expect(faultsOf({ DEMO: 'true', DATA_DIR: folder, PORT: '9000' }, folder).faults).not.toContainEqual(refused);
  });

  it('allow a short session secret beside an OpenStad API', () => {
    const env = { ...real, AUTH_JWT_SECRET: 'short', AUTH_ACCEPT_LEGACY_TOKENS: 'true' };
    expect(loadConfig({ env }).authorization.jwtSecret).toBe('short');
  });

  it('name a setting in a file that nobody knows', () => {
    writeFileSync(join(folder, 'default.json'), '{"server": {"prot": 1}}');
    expect(faultsOf(real, folder).message).toContain('server.prot is no setting');
  });
});

describe('the demo', () => {
  it('runs when nothing is said, and keeps what it made', () => {
    const env = { DATA_DIR: folder, PORT: '9000' };
    const config = loadConfig({ env });
    expect(config).toMatchObject({
      demo: true,
      database: { url: `sqlite:${join(folder, 'civitas.sqlite')}` },
      authorization: { serverUrl: 'http://127.0.0.1:9001', clientId: 'civitas-demo' },
    });
    expect(config.authorization.fixedTokens.map(({ token }) => token)).toContain('demo-admin');
    expect(loadConfig({ env })).toEqual(config);
    expect(statSync(join(folder, 'demo-secrets.json')).mode & 0o777).toBe(0o600);
    expect(readFileSync(join(folder, 'demo-secrets.json'), 'utf8')).toContain(config.authorization.jwtSecret);
  });

  it.each([
    ['DATABASE_URL', 'sqlite:./elsewhere'],
    ['AUTH_SERVER_URL', 'https://login.example.org'],
    ['AUTH_CLIENT_IDENTITY', 'a typing error is no wish for a demo'],
    ['NODE_ENV', 'production'],
    ['DEMO', 'false'],
  ])('does not run by itself when %s is %s', (variable, value) => {
    const { faults } = faultsOf({ DATA_DIR: folder, [variable]: value });
    expect(faults.map(({ setting }) => setting)).toContain('authorization.jwtSecret');
  });

  it('runs on a named database with DEMO=true, keeping what was said', () => {
    const config = loadConfig({
      env: { DATA_DIR: folder, DEMO: 'true', DATABASE_URL: real.DATABASE_URL, DATA_KEY: key },
    });
    expect(config).toMatchObject({ demo: true, database: { url: real.DATABASE_URL }, secrets: { dataKeys: [key] } });
  });

  it('is refused in production', () => {
    expect(faultsOf({ DATA_DIR: folder, DEMO: 'true', NODE_ENV: 'production' }).message).toContain('DEMO (demo)');
  });

  it('does not begin without the next port', () => {
    expect(faultsOf({ DATA_DIR: folder, PORT: '65535' }).message).toContain('PORT');
  });

  it.each(['abc', '1.5'])('says once that a port is no port: %s', (port) => {
    const { message } = faultsOf({ DATA_DIR: folder, PORT: port });
    expect(message).toContain('PORT (server.port) must be a port number');
    expect(message).not.toContain('AUTH_');
  });

  it('says that its folder is none', () => {
    const file = join(folder, 'a-file');
    writeFileSync(file, '');
    expect(faultsOf({ DATA_DIR: file }).message).toMatch(/DATA_DIR \(dataDir\) must be a folder .*ENOTDIR/);
  });

  it('signs receipts with a key of its own, also where its secrets are from before there were receipts', () => {
    const { secrets } = loadConfig({ env: { DATA_DIR: folder } });
    expect(secrets.receiptKeys).toHaveLength(1);
    expect(readFileSync(join(folder, 'demo-secrets.json'), 'utf8')).not.toContain('receipt');
    expect(loadConfig({ env: { DATA_DIR: folder } }).secrets).toEqual(secrets);
  });

  it('does not overwrite spoiled secrets', () => {
    writeFileSync(join(folder, 'demo-secrets.json'), '{"jwtSecret": "half a fi');
    expect(faultsOf({ DATA_DIR: folder }).message).toContain('spoiled');
    expect(readFileSync(join(folder, 'demo-secrets.json'), 'utf8')).toContain('half a fi');
  });
});

describe('the table of settings', () => {
  it('has one line per setting, its default, and no secret', () => {
    const lines = settingsAsMarkdown().split('\n');
    expect(lines).toHaveLength(settingNames.length + 2);
    expect(lines).toContainEqual(expect.stringContaining('| `PORT` | `server.port` | `8080` |'));
    expect(lines).toContainEqual(expect.stringMatching(/`DATA_KEY`.*\*\*required/));
  });

  it('gives no two settings the same environment name', () => {
    const variables = settingNames.map((name) => settingOf(name).variable).filter((name) => name !== null);
    expect(new Set(variables).size).toBe(variables.length);
  });
});
