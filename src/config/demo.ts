import { join, resolve } from 'node:path';
import type { FixedToken, SettingName } from './config.ts';
import { demoSecrets } from './demo-secrets.ts';
import { ConfigFaults } from './faults.ts';
import type { Environment, Values } from './sources.ts';

/** The demo's own registration at its OAuth server. */
export const demoClientId = 'civitas-demo';

/** Its people are kept under this name at whatever port it listens, so that the same world goes on at another one. Source: running.md. */
const demoIssuer = 'http://127.0.0.1:8081';

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
