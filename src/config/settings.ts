import Joi from 'joi';
import { receiptKeyOf } from '../platform/receipt-signing.ts';
import type { SettingName } from './config.ts';

/** The joi rules that several settings share, or that take more than a word to say. */

const seconds = Joi.number().integer().min(1).max(31_536_000).required();
const text = Joi.string().trim().min(1).required();
const perhapsText = Joi.string().trim().min(1).allow(null).default(null);
/** So many a minute; 0: no limit. */
const limit = Joi.number().integer().min(0).max(1_000_000_000).required();
const flag = Joi.boolean().required();

const httpAddress = perhapsText.custom((value: string, { error }) => {
  const url = URL.canParse(value) ? new URL(value) : null;
  const plain =
    url !== null && /^https?:$/.test(url.protocol) && url.username === '' && url.password === '' && url.search === '';
  return plain ? value : error('any.invalid');
});

const databaseUrl = text.custom((value: string, { error }) => {
  if (value.startsWith('sqlite:')) return /^sqlite:(?!:memory:).+/.test(value) ? value : error('any.invalid');
  const url = URL.canParse(value) ? new URL(value) : null;
  return url?.protocol === 'mysql:' && url.pathname.length > 1 ? value : error('any.invalid');
});

const redisUrl = perhapsText.custom((value: string, { error }) => {
  const url = URL.canParse(value) ? new URL(value) : null;
  return url !== null && /^rediss?:$/.test(url.protocol) && url.hostname !== '' ? value : error('any.invalid');
});

/** One of the themes that are shipped, or a file. */
const theme = Joi.alternatives(Joi.valid('civitas', 'voorbeeld'), Joi.string().pattern(/^\/.+\.css$/)).required();

/** A name that this platform's time zones know. */
const timeZone = text.custom((value: string, { error }) => {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: value }).resolvedOptions().timeZone === ''
      ? error('any.invalid')
      : value;
  } catch {
    return error('any.invalid');
  }
});

/** 32 bytes in base64 (also without padding, also base64url), as an even list; nothing twice. */
const dataKeys = Joi.array()
  .items(
    Joi.string()
      .pattern(/^[A-Za-z0-9+/_-]{43}=?$/)
      .required(),
  )
  .min(1)
  .unique()
  .required();

/** Ed25519 keys, the first a private one; none twice. */
const receiptKeys = Joi.array()
  .items(Joi.string().required())
  .min(1)
  .required()
  .custom((texts: readonly string[], { error }) => {
    const keys = texts.map(receiptKeyOf);
    const names = new Set(keys.map((key) => key?.id));
    return (keys[0]?.secret ?? null) === null || keys.includes(null) || names.size < keys.length
      ? error('any.invalid')
      : texts;
  });

/** `name`, `name:port`, `[::1]:port`, as the host of an address is written. */
const hosts = Joi.array()
  .items(Joi.string().pattern(/^(?:[a-z0-9.-]+|\[[0-9a-f:]+\])(?::\d{1,5})?$/))
  .required();

const fixedTokens = Joi.array()
  .items(
    Joi.object({
      token: Joi.string().trim().min(8).pattern(/^\S+$/).required(),
      userId: Joi.number().integer().positive().required(),
      client: Joi.string().min(1).default('default'),
    }),
  )
  .unique('token')
  .required();

/** `true` is refused: it would let anybody say from which address they come. */
const trustProxy = Joi.alternatives(
  Joi.boolean().valid(false),
  Joi.number().integer().min(1),
  Joi.string().pattern(/^(?!true$)[a-z0-9.:/, ]+$/i),
).required();

/** At least one level; none twice, by id or by the points it begins with. */
const levels = Joi.array()
  .items(
    Joi.object({
      id: Joi.number().integer().positive().required(),
      name: Joi.string().trim().min(1).max(255).required(),
      iconUrl: Joi.string()
        .uri({ scheme: ['http', 'https'] })
        .allow(null)
        .required(),
      from: Joi.number().integer().min(0).required(),
    }),
  )
  .min(1)
  .unique('id')
  .unique('from')
  .required();

export interface Setting {
  readonly rule: Joi.Schema;
  /** What a wrong value is told: never joi's words, as they may quote the value. */
  readonly must: string;
  /** The environment name; null: in config/*.json only. */
  readonly variable: string | null;
  /** One line of prose. */
  readonly prose: string;
  /** How the environment's text becomes a value: a list with commas, or JSON. */
  readonly format?: 'list' | 'json';
}

/**
 * THE table of settings. Defaults stand in config/default.json (and by NODE_ENV in the files beside it): a setting that has
 * none is required, null is "not set". Source: running.md.
 */
// prettier-ignore
export const settings = {
  nodeEnv: { rule: Joi.valid('development', 'production', 'test').required(), must: 'must be development, production or test', variable: 'NODE_ENV', prose: 'Which file of config/ counts beside default.json.' },
  demo: { rule: flag, must: 'must be true or false', variable: 'DEMO', prose: 'Whether this is the demo: by itself when none of DATABASE_URL and AUTH_* is set and NODE_ENV is not production.' },
  dataDir: { rule: text, must: 'must be a folder', variable: 'DATA_DIR', prose: 'Where the demo keeps its database and its secrets.' },
  timeZone: { rule: timeZone, must: 'must be an IANA time zone, as Europe/Amsterdam', variable: 'TIME_ZONE', prose: "How dates without an offset are read: in a site's config (votes.isActiveFrom) and in filters of lists." },
  'server.host': { rule: text, must: 'must be an address or a host name', variable: 'HOST', prose: 'Where the API listens; in production 0.0.0.0 unless this says otherwise.' },
  'server.port': { rule: Joi.number().integer().min(0).max(65_535).required(), must: 'must be a port number', variable: 'PORT', prose: "Where the API listens; the demo's OAuth server takes the next one." },
  'server.workers': { rule: Joi.number().integer().min(1).max(256).required(), must: 'must be a number from 1 to 256', variable: 'WEB_CONCURRENCY', prose: 'Worker processes that share the port: one for each core that is free. Each has its own connections, to the database and to OAuth servers.' },
  'server.trustProxy': { rule: trustProxy, must: 'must be false, the number of proxies, or their addresses with commas', variable: 'TRUST_PROXY', prose: 'Which proxies may say where a request came from.' },
  'server.stopSeconds': { rule: seconds, must: 'must be a number of seconds', variable: null, prose: 'How long running requests may take to finish after SIGTERM.' },
  'server.publicUrl': { rule: httpAddress, must: 'must be an http(s) address without credentials and query', variable: 'PUBLIC_URL', prose: "This API as browsers reach it, for logins. Unset: as a request says, if that is this machine itself, or the domain of the one site that there is." },
  'database.url': { rule: databaseUrl, must: 'must be mysql://user:password@host:port/name or sqlite:./file', variable: 'DATABASE_URL', prose: 'The database: `mysql://user:password@host:port/name` or `sqlite:./file`.' },
  'database.poolSize': { rule: Joi.number().integer().min(1).max(1000).required(), must: 'must be a number from 1 to 1000', variable: 'DATABASE_POOL_SIZE', prose: 'Connections to the database, for each worker, which needs two more now and then. Of 15 the changes of callers have six at a time, previews three; below seven a rush at one site may keep others waiting.' },
  'database.statementSeconds': { rule: Joi.number().integer().min(5).max(3600).required(), must: 'must be a number from 5 to 3600', variable: 'DATABASE_STATEMENT_SECONDS', prose: 'How long a request waits for the answer to one statement. Jobs, commands and migrations wait as long as the database answers at all. MySQL and MariaDB.' },
  'redis.url': { rule: redisUrl, must: 'must be redis://user:password@host:port/number or rediss://…', variable: 'REDIS_URL', prose: 'A Redis that several instances share: what one changes the others forget at once. Without it they do within USERS_FRESH_SECONDS.' },
  'authorization.serverUrl': { rule: httpAddress, must: 'must be an http(s) address without credentials and query', variable: 'AUTH_SERVER_URL', prose: "The global OAuth server as browsers reach it; a site's config may name another. With AUTH_CLIENT_ID and AUTH_CLIENT_SECRET one set." },
  'authorization.internalServerUrl': { rule: httpAddress, must: 'must be an http(s) address without credentials and query', variable: 'AUTH_INTERNAL_SERVER_URL', prose: 'The same server as we reach it, where that differs.' },
  'authorization.issuer': { rule: httpAddress, must: 'must be an http(s) address without credentials and query', variable: null, prose: "Under which name people of the global OAuth server are kept, where that is not its address: the demo's only, one name whatever its port." },
  'authorization.clientId': { rule: perhapsText, must: 'must be a text', variable: 'AUTH_CLIENT_ID', prose: 'Who we are at the global OAuth server.' },
  'authorization.clientSecret': { rule: perhapsText, must: 'must be a text', variable: 'AUTH_CLIENT_SECRET', prose: 'Our secret at the global OAuth server.' },
  'authorization.allowedHosts': { rule: hosts, must: 'must be hosts (with port), with commas', variable: 'AUTH_ALLOWED_HOSTS', prose: "Hosts (with port) that a site's config may name as OAuth server, with commas.", format: 'list' },
  'authorization.jwtSecret': { rule: text, must: 'must be a text of at least 32 characters', variable: 'AUTH_JWT_SECRET', prose: 'Signs session tokens: at least 32 characters; beside an OpenStad API the same as there, of any length.' },
  'authorization.acceptLegacyTokens': { rule: flag, must: 'must be true or false', variable: 'AUTH_ACCEPT_LEGACY_TOKENS', prose: "Whether an OpenStad API's session tokens (without jti) count as well." },
  'authorization.jwtLifetime.staffSeconds': { rule: seconds, must: 'must be a number of seconds', variable: null, prose: 'How long a session of a moderator and above lasts.' },
  'authorization.jwtLifetime.othersSeconds': { rule: seconds, must: 'must be a number of seconds', variable: null, prose: "How long everybody else's session lasts." },
  'authorization.fixedTokens': { rule: fixedTokens, must: 'must be a JSON list of {"token": at least 8 characters, "userId": number, "client": "default"}, no token twice', variable: 'AUTH_FIXED_TOKENS', prose: 'Fixed tokens: `[{"token": "…", "userId": 2, "client": "default"}]`.', format: 'json' },
  'authorization.platformSiteId': { rule: Joi.number().integer().positive().allow(null).required(), must: 'must be the id of a site', variable: 'AUTH_PLATFORM_SITE_ID', prose: "The platform's own site: who is admin there is platform admin at the console. Its OAuth client serves no other site, and at the OAuth server allows no address but this API: logins at the console go through it. Unset: fixed tokens only." },
  'oauth.timeLimitMs': { rule: Joi.number().integer().min(100).max(60_000).required(), must: 'must be a number of milliseconds from 100 to 60000', variable: null, prose: 'How long one operation at an OAuth server may take, retries included.' },
  'oauth.maxConnections': { rule: Joi.number().integer().min(1).max(1000).required(), must: 'must be a number from 1 to 1000', variable: null, prose: 'Calls to one OAuth server at once, at most, for each worker.' },
  'secrets.dataKeys': { rule: dataKeys, must: 'must be 32 random bytes in base64 (`openssl rand -base64 32`), several with commas', variable: 'DATA_KEY', prose: '32 random bytes in base64; several with commas: the first seals, all open. New ones go in front; the last one also makes fingerprints and stays.', format: 'list' },
  'secrets.receiptKeys': { rule: receiptKeys, must: 'must be an Ed25519 private key, PKCS#8 DER in base64 (`openssl genpkey -algorithm ed25519 -outform DER | base64 -w0`) or PEM, several with commas', variable: 'RECEIPT_KEY', prose: 'Signs receipts: an Ed25519 private key, PKCS#8 DER in base64 or PEM; several with commas: the first signs, all are published. New ones go in front; an old one may be a public key only (SPKI).', format: 'list' },
  'users.cache.freshSeconds': { rule: seconds, must: 'must be a number of seconds', variable: 'USERS_FRESH_SECONDS', prose: 'How long a user counts as fresh; sites and verified tokens are kept in memory as long.' },
  'users.cache.maxStaleSeconds': { rule: seconds, must: 'must be a number of seconds', variable: 'USERS_MAX_STALE_SECONDS', prose: 'How long the known state of an actor counts while the OAuth server does not answer.' },
  'users.cache.sweepPerMinute': { rule: Joi.number().integer().min(0).max(6000).required(), must: 'must be a number from 0 to 6000', variable: 'USERS_SWEEP_PER_MINUTE', prose: 'How many people a minute the walk over all people asks the OAuth server about; 0: there is no walk.' },
  'users.anonymize.firstName': { rule: text.max(64), must: 'must be a text of at most 64 characters', variable: null, prose: "The first name of an anonymized user; a site's config overrides it." },
  'users.anonymize.lastName': { rule: text.max(64), must: 'must be a text of at most 64 characters', variable: null, prose: "The last name of an anonymized user; a site's config overrides it." },
  'anonymize.maxListed': { rule: Joi.number().integer().min(1).required(), must: 'must be a positive number', variable: null, prose: 'How many items an anonymization lists; above it only the summary.' },
  'audit.sealSeconds': { rule: seconds, must: 'must be a number of seconds', variable: null, prose: 'How often the chain over the audit is closed.' },
  'outbox.intervalSeconds': { rule: seconds, must: 'must be a number of seconds', variable: null, prose: 'How often the outbox is looked at.' },
  'outbox.alarmSeconds': { rule: seconds, must: 'must be a number of seconds', variable: null, prose: 'From which age on a message that cannot be delivered is logged as an error. It is tried on: only a creation ends after a day, and what no call waits for after a week.' },
  'management.rotationOverlapSeconds': { rule: seconds, must: 'must be a number of seconds', variable: null, prose: "How long a management client's old secret counts beside the new one after a rotation." },
  'management.levels': { rule: levels, must: 'must be a list of {"id": number, "name": text, "iconUrl": address or null, "from": points}, no id or number of points twice', variable: null, prose: 'The levels that people reach by their points, as the management API shows them.' },
  'interop.openstad': { rule: flag, must: 'must be true or false', variable: null, prose: "Whether a login also writes the OAuth server's access token in clear, for an OpenStad API beside us (logout and anonymizing clear it), and what that API writes into users is put right every five minutes." },
  'limits.perAddress': { rule: limit, must: 'must be a number, 0 for no limit', variable: 'LIMIT_PER_ADDRESS', prose: 'Requests a minute from one address (IPv6: one /56) that show no token; 0, here and below: no limit.' },
  'limits.perUser': { rule: limit, must: 'must be a number, 0 for no limit', variable: 'LIMIT_PER_USER', prose: 'Requests a minute with session tokens of one user; of one person at many sites four times as many.' },
  'limits.perToken': { rule: limit, must: 'must be a number, 0 for no limit', variable: 'LIMIT_PER_TOKEN', prose: 'Requests a minute with one fixed token, or by one client of the management API.' },
  'limits.logins': { rule: limit, must: 'must be a number, 0 for no limit', variable: 'LIMIT_LOGINS', prose: 'Steps of logins a minute from one address (a login takes two).' },
  'limits.tokens': { rule: limit, must: 'must be a number, 0 for no limit', variable: 'LIMIT_TOKENS', prose: 'Tokens a minute that one address may be given at /oauth/token. What fails there does not count: a right secret is never blocked by wrong ones.' },
  'limits.failures': { rule: limit, must: 'must be a number, 0 for no limit', variable: 'LIMIT_FAILURES', prose: 'Bad tokens, wrong secrets and receipts that are not there, a minute from one address (a tenth of it: wrong secrets for one key, and e-mail addresses tried by one user that somebody has); beyond it the answer is 429.' },
  'log.level': { rule: Joi.valid('fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent').required(), must: 'must be fatal, error, warn, info, debug, trace or silent', variable: 'LOG_LEVEL', prose: 'From which level on lines are logged.' },
  'metrics.enabled': { rule: flag, must: 'must be true or false', variable: 'METRICS_ENABLED', prose: 'Whether /metrics answers.' },
  'metrics.port': { rule: Joi.number().integer().min(0).max(65_535).allow(null).default(null), must: 'must be a port number', variable: 'METRICS_PORT', prose: 'Where /metrics answers instead of PORT, so that what is published does not hold it; unset: at PORT.' },
  'console.enabled': { rule: flag, must: 'must be true or false', variable: 'CONSOLE_ENABLED', prose: 'Whether the console is served (/console), and its logins and sessions.' },
  'console.theme': { rule: theme, must: 'must be civitas, voorbeeld or the absolute path of a .css file', variable: 'CONSOLE_THEME', prose: 'How the console looks: `civitas`, `voorbeeld` (the example theme of NL Design System), or the path of a file with tokens of your own.' },
} as const satisfies Record<SettingName, Setting>;

const isSettingName = (name: string): name is SettingName => Object.hasOwn(settings, name);
export const settingNames: readonly SettingName[] = Object.keys(settings).filter(isSettingName);
/** The row of a setting, without the literal types of the table. */
export const settingOf = (name: SettingName): Setting => settings[name];
/** The environment name of anything that stands in a file: null for what the table does not know. */
export const variableOf = (name: string): string | null => (isSettingName(name) ? settingOf(name).variable : null);
