import type { Route } from '../../../src/http/route.ts';
import { writableFields } from '../../../src/domain/users/user-fields.ts';
import type { Chance } from '../../support/seeded.ts';

export interface OddRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** What there is to ask about and with. */
export interface Known {
  /** Good tokens of every role; they are sent mostly. */
  readonly good: readonly string[];
  readonly bad: readonly string[];
  /** Users with their own site. */
  readonly users: readonly { readonly id: number; readonly siteId: number }[];
  /** Of management clients: tokens of every scope, a key with its secret, and external ids of people. */
  readonly clients: {
    readonly tokens: readonly string[];
    readonly own: { readonly client_id: string; readonly client_secret: string };
    readonly uids: readonly string[];
  };
}

/** A request to a route of the table, with some of it odd; the same for the same chance. */
export const oddRequest = (chance: Chance, route: Route, known: Known): OddRequest => {
  const { id, siteId } = chance.one(known.users);
  const odd = (usual: number | string): string =>
    chance.percent(88)
      ? String(usual)
      : encoded(chance, chance.percent(20) ? String(chance.below(200)) : chance.one(ids));
  const path = route.path
    .replace('{siteId}', () => odd(siteId))
    .replace('{userId}', () => odd(id))
    .replace('{runId}', () => odd(1))
    .replace('{run}', () => odd(1))
    .replace('{clientId}', () => odd(1 + chance.below(3)))
    .replace('{uid}', () => odd(chance.one(known.clients.uids)));
  const isForm = route.bodyIs === 'form' && chance.percent(80);
  const query = chance.percent(route.method === 'get' ? 60 : 15) ? `?${queryOf(chance)}` : '';
  return {
    method: chance.percent(3) ? chance.one(['PATCH', 'OPTIONS', 'HEAD', 'DELETE']) : route.method.toUpperCase(),
    path: path + query,
    headers: { ...headersOf(chance, route, known), ...(isForm ? { 'content-type': formType } : {}) },
    ...(isForm ? { body: formOf(chance) } : {}),
    ...(!isForm && (route.requestBody !== undefined || chance.percent(5))
      ? { body: bodyOf(chance, route, known) }
      : {}),
  };
};

const ids = [
  ...['0', '-1', '00', '1.5', '1e9', '0x10', 'NaN', 'null', 'undefined', '[object Object]', 'true', ' 1', '1 ', '٣'],
  ...[
    '9007199254740993',
    '2147483648',
    '99999999999999999999',
    '9'.repeat(300),
    '-0',
    '+1',
    '1,2',
    '101;DROP TABLE users',
  ],
  ...["1' OR '1'='1", '__proto__', 'constructor', '..', '.', '%00', '😀', 'site1.localhost', 'SITE1.LOCALHOST', 'é'],
];
/** Percent-encoded as it should be, or not at all. */
const encoded = (chance: Chance, id: string): string =>
  chance.percent(80) ? encodeURIComponent(id) : id.replace(/[^\x21-\x7e]|[#?/\\]/g, '%zz');

const texts = [
  ...[
    '',
    ' ',
    'a',
    '<',
    '<b',
    '<script>alert(1)',
    '</b>',
    '1 < 2',
    'Jansen & Zn',
    '😀👩‍👩‍👧',
    '\u0000',
    '\ud800',
    '\u202e',
    'é́́́',
  ],
  ...[
    'x'.repeat(64),
    'x'.repeat(65),
    'é'.repeat(256),
    'x'.repeat(5000),
    "'; DROP TABLE users; --",
    '%',
    '_',
    '\\',
    '$1',
    '${1}',
  ],
  ...['null', '{}', '[]', 'a@b', 'niemand@example.org', 'U1001@EXAMPLE.ORG', '2024-13-45', '-1', '1e999'],
];
const filters = [
  ...[
    '{"role":"moderator"}',
    '{"email":{"substring":"u10"}}',
    '{"$site.config$":"x"}',
    '{"site.config":{"!=":1}}',
    '{',
  ],
  ...[
    '[]',
    'null',
    '1',
    '{"id":[1,2,"3"]}',
    '{"id":{"gt":1}}',
    '{"extraData":{"bio":1}}',
    '{"__proto__":{"a":1}}',
    '{"id":{}}',
  ],
  ...[
    '{"lastName":{"substring":"%"}}',
    '{"lastLogin":"gisteren"}',
    '{"createdAt":{"!=":[]}}',
    '{"password":"x"}',
    '{"role":["a"]}',
  ],
  ...[
    `{"id":[${'1,'.repeat(400)}1]}`,
    '{"email":null}',
    '{"id":9007199254740993}',
    '{"complete":"misschien"}',
    '{"q":"a"}',
  ],
];
const sorts = [
  'lastName_desc',
  '["lastName","DESC"]',
  'id',
  'id_sideways',
  '["id"]',
  '[["id","ASC"]]',
  '{}',
  '$site.config$',
  'extraData',
  '_desc',
];
const queryOf = (chance: Chance): string =>
  Array.from({ length: 1 + chance.below(4) }, () => {
    const [name, values] = chance.one(parameters);
    return `${name}=${chance.percent(85) ? encodeURIComponent(safe(chance.one(values))) : chance.one(['%', '%zz', '&&', '=', ''])}`;
  }).join('&');
const numbers = ['0', '1', '-1', '1001', 'abc', '', '1e3', '999999999', '9'.repeat(30), '0.5', 'NaN'];
const flags = ['0', '1', 'true', 'false', 'yes', ''];
const parameters: readonly (readonly [string, readonly string[]])[] = [
  ['page', numbers],
  ['pageSize', numbers],
  ['cursor', ['', 'abc', 'AAAA'.repeat(200), '😀']],
  ['sort', sorts],
  ['filter', filters],
  ['q', texts],
  ['useOauth', ['default', 'nothing', '__proto__', '']],
  ['includeOtherSites', flags],
  ['includeVotes', flags],
  ['onlyUserIds', ['101', '101,102', '[101]', 'abc', '-1', '']],
  ['onlySiteIds', ['1', '2', '9'.repeat(20)]],
  ['onlySiteIds[]', ['1']],
  ['view', ['summary', 'full', '']],
  ['per_page', numbers],
  ['is_expert', flags],
  ['is_selected', flags],
  ['sub_application_name', texts],
  ['api_key', ['', 'civ_nobody', 'x'.repeat(300)]],
  ['__proto__', ['1']],
  ['filter[role]', ['admin']],
];

const credentialOf = (chance: Chance, { good, bad }: Known): Record<string, string> => {
  if (chance.percent(85)) return { 'x-authorization': chance.one(good) };
  return chance.percent(40) ? {} : { [chance.one(['x-authorization', 'authorization'])]: chance.one(bad) };
};
const headersOf = (chance: Chance, route: Route, known: Known): Record<string, string> => ({
  ...(route.scope === undefined || chance.percent(10) ? credentialOf(chance, known) : clientIn(chance, known)),
  ...(chance.percent(96) ? { 'content-type': 'application/json' } : { 'content-type': chance.one(contentTypes) }),
  ...(chance.percent(4) ? { 'if-match': chance.one(entityTags) } : {}),
  ...(chance.percent(10) ? { 'if-none-match': chance.one(entityTags) } : {}),
  ...(chance.percent(10) ? { 'cache-control': 'no-cache' } : {}),
  ...(chance.percent(10) ? { origin: chance.one(['http://localhost', 'null', 'http://[', 'file://']) } : {}),
  ...(chance.percent(10) ? { 'idempotency-key': chance.one(['a', 'x'.repeat(300), '"', 'é']) } : {}),
  ...(chance.percent(5) ? { 'x-request-id': 'x'.repeat(chance.below(200)) } : {}),
});
const clientIn = (chance: Chance, { clients, bad }: Known): Record<string, string> => {
  const token = chance.percent(90) ? `Bearer ${chance.one(clients.tokens)}` : chance.one(bad);
  return { [chance.one(['authorization', 'authentication', 'x-authorization'])]: token };
};
const contentTypes = [
  'text/plain',
  'application/json; charset=latin1',
  'application/x-www-form-urlencoded',
  'nonsense',
  '*/*',
];
const entityTags = ['*', '"x"', 'W/"x"', 'x', '"', '"a", "b"', ','.repeat(50)];

const formType = 'application/x-www-form-urlencoded';
const formOf = (chance: Chance): string =>
  chance.percent(20)
    ? chance.one(['', '%', '&&=', 'logout_token', 'logout_token=a&logout_token=b', '__proto__=1', 'a=%ff'])
    : `logout_token=${encodeURIComponent(safe(chance.one(texts)))}`;
const bodyOf = (chance: Chance, { scope }: Route, { clients }: Known): string => {
  if (chance.percent(12)) return chance.one(brokenBodies)();
  if (scope === 'none' && chance.percent(70)) {
    const asked = { grant_type: 'client_credentials', scope: chance.one(['public', 'admin', '', 'root']), token: 'x' };
    return JSON.stringify({ ...clients.own, ...asked, [chance.one(oauthKeys)]: oddValue(chance) });
  }
  const fields = Array.from({ length: chance.below(5) }, () => chance.one([...writableFields, ...otherKeys]));
  return JSON.stringify(Object.fromEntries(fields.map((field) => [field, valueOf(chance, field)])));
};
const oauthKeys = ['nothing', 'client_id', 'client_secret', 'scope', 'scopes', 'grant_type', 'token'];
const otherKeys = [
  ...['name', 'scopes', 'siteIds', 'is_expert', 'is_selected', 'points', 'score'],
  ...['title', 'domain', 'areaId', 'config'],
  'id',
  'siteId',
  'personId',
  'zipCode',
  'onlyUserIds',
  'onlySiteIds',
  'nothing',
  'externalUserId',
  'constructor',
];
const valueOf = (chance: Chance, field: string): unknown => {
  if (field === 'extraData' && chance.percent(80))
    return Object.fromEntries(Array.from({ length: chance.below(4) }, () => [chance.one(extraKeys), oddValue(chance)]));
  if (field === 'config' && chance.percent(80))
    return Object.fromEntries(
      Array.from({ length: chance.below(4) }, () => [chance.one(configKeys), oddValue(chance)]),
    );
  return chance.percent(70) ? chance.one(texts) : oddValue(chance);
};
/** Not `oauth`: the requests that follow need an OAuth server. */
const configKeys = ['users', 'votes', 'anonymize', 'allowedDomains', 'password', 'cms', '', '__proto__', 'a/b~c'];
const extraKeys = [
  'bio',
  'shared',
  'secretnote',
  'expertise2',
  'docstyle',
  'nickName',
  '',
  '__proto__',
  'toString',
  '😀',
  'a/b~c',
  '$key',
];
const oddValue = (chance: Chance): unknown =>
  chance.one<() => unknown>([
    () => null,
    () => chance.percent(50),
    () => chance.one([0, -1, 1.5, 1e21, 9007199254740993, 101]),
    () => chance.one(texts),
    () => [],
    () => [1, 'a', null],
    () => [{ value: 'van een ander', siteId: 2 }],
    () => ({ value: 'van een ander', siteId: 2 }),
    () => ({ a: { b: { c: [{}] } } }),
    () => [101, 102],
  ])();
const brokenBodies: readonly (() => string)[] = [
  ...[
    '',
    '{',
    '[',
    'null',
    '1',
    '"a"',
    '[]',
    '{"a":}',
    "{'a':1}",
    '{"a":1}}',
    '\ufeff{}',
    '{"a":"\\ud800"}',
    '{"a":1e999}',
  ].map((text) => () => text),
  () => '{"__proto__":{"role":"admin"}}',
  () => '{"extraData":{"__proto__":{"a":1},"constructor":{"prototype":{"b":1}}}}',
  () => '{"email":"a@example.org","email":"b@example.org"}',
  () => '['.repeat(20_000),
  () => `${'{"a":'.repeat(5000)}1${'}'.repeat(5000)}`,
  () => JSON.stringify({ firstName: 'x'.repeat(300_000) }),
  () => JSON.stringify({ extraData: Object.fromEntries(Array.from({ length: 5000 }, (_none, at) => [`k${at}`, at])) }),
];

/** What an address may carry: half a character has no percent-encoding. */
const safe = (text: string): string => text.replaceAll('\ud800', '?');
