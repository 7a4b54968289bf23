import { hkdfSync, randomBytes, randomUUID } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import Joi from 'joi';
import { ConfigFaults, type FixedToken, type SettingName } from './config.ts';
import type { Environment, Values } from './sources.ts';

/** The demo's own registration at its OAuth server. */
export const demoClientId = 'civitas-demo';

/** Its people are kept under this name at whatever port it listens, so that the same world goes on at another one. Source: running.md. */
const demoIssuer = 'http://127.0.0.1:8081';

/** The platform's own site in the demo world (seeds/demo/sites.ts). */
const demoPlatformSiteId = 5;

/** The users of these ids stand in the demo world (seeds/demo-world.ts), on site 1. Source: running.md. */
export const demoTokens: readonly FixedToken[] = [
  { token: 'demo-admin', userId: 2, client: 'default' },
  { token: 'demo-moderator', userId: 3, client: 'default' },
  { token: 'demo-member', userId: 4, client: 'default' },
  { token: 'demo-editor', userId: 5, client: 'default' },
  { token: 'demo-anonymous', userId: 6, client: 'default' },
];

/**
 * The values with `demo` decided and, in the demo, with everything that nobody said. The demo is all or nothing: it runs when
 * DEMO=true, or by itself when none of DATABASE_URL and AUTH_* is set; never in production. Source: running.md.
 */
export const withDemo = (values: Values, env: Environment, existing = false): Values => {
  const production = values.get('nodeEnv') === 'production';
  const said = values.get('demo');
  if (said === undefined || said === null) {
    return production || isRealInstallation(values, env) ? joined(values, [['demo', false]]) : filled(values, existing);
  }
  if (said !== true && said !== 'true') return values;
  if (production)
    throw new ConfigFaults([{ setting: 'demo', variable: 'DEMO', detail: 'cannot be true in production' }]);
  return filled(values, existing);
};

/** A file may name the real thing as well as the environment does; an AUTH_ name that we do not know was meant for us, too. */
const isRealInstallation = (values: Values, env: Environment): boolean =>
  Object.entries(env).some(
    ([name, text]) => /^(AUTH_|DATABASE_URL$)/.test(name) && text !== undefined && text.trim() !== '',
  ) ||
  [...values].some(
    ([name, value]) => /^(?:database\.url$|authorization\.(?!jwtLifetime\.))/.test(name) && isSaid(value),
  );

const isSaid = (value: unknown): boolean =>
  value !== undefined && value !== null && value !== false && !isEmptyList(value);
const isEmptyList = (value: unknown): boolean => Array.isArray(value) && value.length === 0;

const filled = (values: Values, existing: boolean): Values => {
  const dataDir = resolve(String(values.get('dataDir')));
  const oauthPort = Number(values.get('server.port')) + 1;
  if (oauthPort < 2 || oauthPort > 65_535) {
    throw new ConfigFaults([
      {
        setting: 'server.port',
        variable: 'PORT',
        detail: 'must be from 1 to 65534 in the demo: its OAuth server takes the next one',
      },
    ]);
  }
  const secrets = demoSecrets(dataDir, existing);
  const additions: readonly Addition[] = [
    ['database.url', `sqlite:${join(dataDir, 'civitas.sqlite')}`],
    ['authorization.jwtSecret', secrets.jwtSecret],
    ['authorization.fixedTokens', demoTokens],
    ['authorization.platformSiteId', demoPlatformSiteId],
    ['secrets.dataKeys', [secrets.dataKey]],
    ['secrets.receiptKeys', [secrets.receiptKey]],
  ];
  // Address, id and secret are one set: half of one is for the faults to tell.
  const oauth: readonly Addition[] = [
    ['authorization.serverUrl', `http://127.0.0.1:${oauthPort}`],
    ['authorization.issuer', demoIssuer],
    ['authorization.clientId', demoClientId],
    ['authorization.clientSecret', secrets.clientSecret],
  ];
  const missing = additions.filter(([name]) => !isSaid(values.get(name)));
  // A port that is no number is told once, as what it is.
  const set = Number.isInteger(oauthPort) && !oauth.some(([name]) => isSaid(values.get(name))) ? oauth : [];
  return joined(values, [['demo', true], ...missing, ...set]);
};

type Addition = readonly [SettingName, unknown];
const joined = (values: Values, additions: readonly Addition[]): Values => new Map([...values, ...additions]);

/** What the demo would otherwise have to be told: made once, kept in DATA_DIR, so that a second start opens the same data. */
interface DemoSecrets {
  readonly clientSecret: string;
  readonly jwtSecret: string;
  readonly dataKey: string;
  /** Follows from the data key, so that a demo from before there were receipts goes on. */
  readonly receiptKey: string;
}

/**
 * Reads `demo-secrets.json` (mode 600), or makes it; two starts at once end with the same secrets. Throws ConfigFaults for a
 * spoiled file or folder.
 */
const demoSecrets = (dataDir: string, existing = false): DemoSecrets => {
  const file = join(dataDir, 'demo-secrets.json');
  try {
    return read(file) ?? (existing ? noDemo(dataDir) : made(dataDir, file));
  } catch (error) {
    if (!isOfFiles(error)) throw error;
    const detail = `must be a folder that can be read and written: ${error.message}`;
    throw new ConfigFaults([{ setting: 'dataDir', variable: 'DATA_DIR', detail }], { cause: error });
  }
};

const noDemo = (dataDir: string): never => {
  const detail = `holds no demo (${dataDir}): begin one with npm start, or name the database that is meant (DATABASE_URL)`;
  throw new ConfigFaults([{ setting: 'dataDir', variable: 'DATA_DIR', detail }]);
};

type Kept = Omit<DemoSecrets, 'receiptKey'>;
const shape = Joi.object<Kept, true>({
  clientSecret: Joi.string().min(16).required(),
  jwtSecret: Joi.string().min(32).required(),
  dataKey: Joi.string().length(44).required(),
}).required();

const read = (file: string): DemoSecrets | null => {
  const text = fileText(file);
  if (text === null) return null;
  const checked = shape.validate(parsed(text));
  // Overwriting would make what was sealed unreadable for ever: somebody should decide that.
  if (checked.error !== undefined)
    throw new ConfigFaults([{ setting: 'dataDir', variable: 'DATA_DIR', detail: `holds a spoiled file: ${file}` }]);
  return withReceiptKey(checked.value);
};

const made = (dataDir: string, file: string): DemoSecrets => {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const secrets: Kept = { clientSecret: random(), jwtSecret: random(), dataKey: randomBytes(32).toString('base64') };
  const draft = `${file}.${randomUUID()}`;
  writeFileSync(draft, `${JSON.stringify(secrets, null, 2)}\n`, { mode: 0o600, flag: 'wx' });
  try {
    // A link appears whole or not at all, and never in the place of another start's file.
    linkSync(draft, file);
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error;
  } finally {
    rmSync(draft);
  }
  return read(file) ?? withReceiptKey(secrets);
};

const withReceiptKey = (kept: Kept): DemoSecrets => {
  const seed = Buffer.from(hkdfSync('sha256', Buffer.from(kept.dataKey, 'base64'), '', 'civitas demo receipts', 32));
  return { ...kept, receiptKey: Buffer.concat([ed25519Pkcs8, seed]).toString('base64') };
};
/** What stands before the 32 bytes of an Ed25519 key in PKCS#8 DER. Source: RFC 8410 §7. */
const ed25519Pkcs8 = Buffer.from('302e020100300506032b657004220420', 'hex');

const random = (): string => randomBytes(36).toString('base64url');

const fileText = (file: string): string | null => {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return null;
    throw error;
  }
};

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

const isOfFiles = (error: unknown): error is NodeJS.ErrnoException =>
  typeof error === 'object' && error !== null && 'syscall' in error && 'message' in error;
const hasCode = (error: unknown, code: string): boolean =>
  typeof error === 'object' && error !== null && 'code' in error && error.code === code;
