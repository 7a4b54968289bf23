import type { SettingName } from './config.ts';
import type { ConfigFault } from './faults.ts';
import { variableOf } from './settings.ts';
import type { Values } from './sources.ts';

/** What is wrong with settings together, each being right by itself. Looks at the values as written, so that all faults are told at once. */
export const contradictionsOf = (values: Values): readonly ConfigFault[] => [
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
