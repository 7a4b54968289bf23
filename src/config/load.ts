import { join, resolve } from 'node:path';
import Joi from 'joi';
import { withDemo } from './demo.ts';
import { ConfigFaults, type Config, type ConfigFault, type SettingName } from './config.ts';
import { settingNames, settingOf, variableOf } from './settings.ts';
import { fromEnvironment, fromFiles, packageRoot, type Environment, type Values } from './sources.ts';

interface Grouped<T> {
  readonly [step: string]: T | Grouped<T>;
}

/** Dotted names as an object: `[['a.b', 1], ['a.c', 2]]` is `{a: {b: 1, c: 2}}`. */
const grouped = <T>(entries: readonly (readonly [string, T])[]): Grouped<T> => {
  const heads = new Set(entries.map(([name]) => name.split('.')[0] ?? name));
  return Object.fromEntries(
    [...heads].map((head) => {
      const leaf = entries.find(([name]) => name === head);
      const inner = entries.filter(([name]) => name.startsWith(`${head}.`));
      return [
        head,
        leaf === undefined
          ? grouped(inner.map(([name, value]) => [name.slice(head.length + 1), value] as const))
          : leaf[1],
      ];
    }),
  );
};

interface LoadOptions {
  readonly env: Environment;
  readonly configDir?: string;
  /** Only a demo that is there: none is begun. */
  readonly existing?: boolean;
}

/**
 * The configuration: files of `configDir`, the environment over them, and what the demo adds; checked and frozen.
 * Throws ConfigFaults with everything that is wrong, at once. Source: running.md.
 */
export const loadConfig = ({ env, configDir, existing = false }: LoadOptions): Config => {
  const said = fromEnvironment(env);
  const files = fromFiles(configDir ?? join(packageRoot(), 'config'), env['NODE_ENV']?.trim() ?? 'development');
  const values = withDemo(new Map([...files, ...said]), env, existing);
  const checked = schema.validate(grouped(settingNames.map((name) => [name, values.get(name)] as const)), {
    abortEarly: false,
  });
  const faults = [...unknownSettings(values), ...wrongSettings(checked.error), ...contradictionsOf(values)];
  if (checked.error !== undefined || faults.length > 0) throw new ConfigFaults(faults);
  return frozen({ ...checked.value, dataDir: resolve(checked.value.dataDir) });
};

const schema = Joi.object<Config>(grouped(settingNames.map((name) => [name, settingOf(name).rule] as const)));

const unknownSettings = (values: Values): readonly ConfigFault[] =>
  [...values.keys()]
    .filter((name) => !settingNames.some((known) => known === name))
    .map((name) => ({ setting: name, variable: null, detail: 'is no setting: a typing error?' }));

const wrongSettings = (error: Joi.ValidationError | undefined): readonly ConfigFault[] =>
  settingNames.flatMap((name) => {
    const wrong = error?.details.find(({ path }) => `${path.join('.')}.`.startsWith(`${name}.`));
    if (wrong === undefined) return [];
    const { must } = settingOf(name);
    const missing = wrong.type === 'any.required' && wrong.path.join('.') === name;
    return [{ setting: name, variable: variableOf(name), detail: missing ? `is missing: it ${must}` : must }];
  });

const frozen = <T extends object>(value: T): T => {
  for (const inner of Object.values(value)) if (typeof inner === 'object' && inner !== null) frozen(inner);
  return Object.freeze(value);
};

/** What is wrong with settings together, each being right by itself. Looks at the values as written, so that all faults are told at once. */
const contradictionsOf = (values: Values): readonly ConfigFault[] => [
  ...halfOauthSet(values),
  ...issuerByAnotherName(values),
  ...shortSecret(values),
  ...staleBeforeFresh(values),
  ...onePortTwice(values),
];

const halfOauthSet = (values: Values): readonly ConfigFault[] => {
  const set: readonly SettingName[] = [
    'authorization.serverUrl',
    'authorization.clientId',
    'authorization.clientSecret',
  ];
  const missing = set.filter((name) => !isSaid(values, name));
  const wanted = missing.length < set.length || isSaid(values, 'authorization.internalServerUrl');
  return wanted
    ? missing.map((name) => fault(name, 'is missing: address, client id and secret are one set, all or none'))
    : [];
};

/** Sites that name the address themselves would have people of another issuer than those that name nothing: one human, two persons. */
const issuerByAnotherName = (values: Values): readonly ConfigFault[] =>
  isSaid(values, 'authorization.issuer') && values.get('demo') !== true
    ? [fault('authorization.issuer', 'is for the demo only: people are kept under the address of their OAuth server')]
    : [];

const shortSecret = (values: Values): readonly ConfigFault[] => {
  const secret = values.get('authorization.jwtSecret');
  const legacy = String(values.get('authorization.acceptLegacyTokens')) === 'true';
  if (typeof secret !== 'string' || legacy || secret.trim().length >= 32) return [];
  return [
    fault('authorization.jwtSecret', 'must be at least 32 characters long, unless AUTH_ACCEPT_LEGACY_TOKENS is true'),
  ];
};

const staleBeforeFresh = (values: Values): readonly ConfigFault[] =>
  Number(values.get('users.cache.maxStaleSeconds')) < Number(values.get('users.cache.freshSeconds'))
    ? [fault('users.cache.maxStaleSeconds', 'must not be less than USERS_FRESH_SECONDS')]
    : [];

const onePortTwice = (values: Values): readonly ConfigFault[] =>
  isSaid(values, 'metrics.port') &&
  Number(values.get('metrics.port')) !== 0 &&
  Number(values.get('metrics.port')) === Number(values.get('server.port'))
    ? [fault('metrics.port', 'must not be PORT: it is there to be kept from who is let to that')]
    : [];

const isSaid = (values: Values, name: SettingName): boolean => (values.get(name) ?? null) !== null;
const fault = (setting: SettingName, detail: string): ConfigFault => ({
  setting,
  variable: variableOf(setting),
  detail,
});
