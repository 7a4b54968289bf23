import type { ClientSpec, OauthServer, PersonSpec } from '../../src/demo/oauth-server/index.ts';
import type { StoredPerson } from '../../src/demo/oauth-server/options.ts';

/** Who was at the recorded server, group by group, and what was done there by hand (by SQL, by logins) before an exchange. */
export interface RecordedWorld {
  /** The server's own list: a test that changes it changes the server. */
  readonly clients: ClientSpec[];
  readonly people: readonly PersonSpec[];
}
export interface Hands {
  readonly server: OauthServer;
  readonly clients: ClientSpec[];
  /** By the server's own call: a change that nothing was recorded of. */
  readonly change: (personId: number, body: object) => Promise<void>;
}

export const worldOf = (group: string): RecordedWorld => ({
  clients: clients(group === '' ? 'http://127.0.0.1:4443' : 'http://127.0.0.1:22030'),
  people: people[group] ?? [],
});

const clients = (siteUrl: string): ClientSpec[] =>
  [1, 2, 3, 4, 5, 6, 7].map((id) => ({
    id,
    clientId: `peer-client-${id}`,
    clientSecret: `peer-secret-${id}`,
    name: `Client ${id}`,
    description: 'c',
    siteUrl,
    allowedDomains: ['127.0.0.1', 'localhost'],
    authTypes: id === 6 ? ['UniqueCode'] : ['Local', 'Anonymous'],
  }));

const anna: PersonSpec = {
  id: 1060,
  firstName: 'Anna',
  lastName: 'Smit 60',
  email: 'u1060@example.org',
  phoneNumber: '0612345678',
  postcode: '1012AB',
  extraData: { bio: ['Bio 60', { value: 'Bio 60 op site 2', siteId: 2 }], shared: 's60', secretnote: 'n60' },
};
const plain = (id: number): PersonSpec => ({ id, email: `u${id}@example.org` });
const login = (id: number): PersonSpec => ({
  id,
  firstName: `Login${id}`,
  lastName: 'Jwt',
  email: `u${id}@example.org`,
  phoneNumber: '0612345678',
  postcode: '1012AB',
});
const range = (from: number, to: number): readonly number[] =>
  Array.from({ length: to - from + 1 }, (_, index) => from + index);
const texts: readonly PersonSpec[] = range(9031, 9066).map((id) => ({
  id,
  lastName: 'Text',
  email: `rec2-${id - 9030}@example.org`,
}));
const before = (id: number): PersonSpec => ({
  id,
  email: `rec2-${id - 9032}@example.org`,
  extraData: { before: 'x' },
});
const member = (...ids: readonly number[]) =>
  Object.fromEntries(ids.map((id) => [`peer-client-${id}`, 'member' as const]));

const people: Readonly<Record<string, readonly PersonSpec[]>> = {
  '': [
    {
      ...login(1003),
      firstName: 'Daan',
      lastName: 'Visser 3',
      streetName: 'Dam',
      houseNumber: '3',
      city: 'Amsterdam',
      extraData: { bio: ['Bio 3', { value: 'Bio 3 op site 2', siteId: 2 }], shared: 's3', secretnote: 'n3' },
      roles: member(1, 3),
    },
    { ...login(8010), extraData: { bio: ['Bio L'] }, roles: { 'peer-client-1': 'admin' } },
  ],
  a: [{ ...anna, roles: member(1, 2, 3, 4, 5, 6) }, plain(1061)],
  c: [...texts, ...range(9070, 9081).map(before)],
  d: [plain(1003), plain(9030)],
  e: [
    ...[1003, 1061, 1062, 1063].map(plain),
    { id: 9049, email: 'rec2.roles@example.org' },
    { id: 9050, email: 'rec2.big@example.org' },
    login(8002),
    login(8004),
    { id: 9600, firstName: 'Weg', email: 'rec2.del@example.org', roles: member(2, 3) },
  ],
  f: [...range(9082, 9109).map(before), { ...before(9110), extraData: { a: 1, b: 2 } }, before(9111)],
  g: [
    { ...anna, roles: { 'peer-client-2': 'member', 'peer-client-3': 'moderator' } },
    { id: 9031 },
    { id: 9032, roles: member(6), uniqueCodesAt: ['peer-client-6'] },
  ],
};

const big = JSON.stringify({ note: 'z'.repeat(1_200_000), last: 1 });
const sql =
  (personId: number, columns: Partial<StoredPerson>) =>
  ({ server }: Hands): void => {
    server.overwrite(personId, columns);
  };

/** By the name of the exchange that comes after it. */
export const byHand: Readonly<Record<string, (hands: Hands) => void | Promise<void>>> = {
  'raw markup in the database, read': sql(9078, { firstName: 'A & B <b>', extraData: '{"bio":"1 < 2 & 3 <b>x"}' }),
  'emoji in the database, read': sql(9079, { firstName: 'Jan 😀', extraData: '{"bio":"😀 hi"}' }),
  '"a <b" in the database, unrelated update': sql(9080, { lastName: 'Sql', extraData: '{"bio":"a <b"}' }),
  'firstName of another kind: ""': sql(9066, { firstName: 'Jan' }),
  '70 roles: given in one update': ({ clients: list }) => {
    for (const id of range(8, 77))
      list.push({ id, clientId: `more-${id}`, clientSecret: `secret-${id}`, name: `Client ${id}` });
  },
  'extraData of 1.2 MB: read': sql(9050, { extraData: big }),
  "token: after the client's secret changed": ({ clients: list }) => {
    list[1] = { ...list[1], id: 2, clientId: 'peer-client-2', clientSecret: 'peer-secret-2-new' };
  },
  'token: after a new password, e-mail and role': ({ change }) =>
    change(8002, { email: 'rec2.changed@example.org', roles: { 2: 4 } }),
  'token: row deleted': ({ server }) => {
    server.revokeTokens(8002);
  },
  // The recording's secret was set back.
  'delete: userinfo before': ({ clients: list }) => {
    list[1] = { ...list[1], id: 2, clientId: 'peer-client-2', clientSecret: 'peer-secret-2' };
  },
  'extraData of 1.2 MB: userinfo': sql(8004, { extraData: big }),
  'extraData NULL: userinfo': sql(8004, { extraData: null }),
  'extraData a JSON string: userinfo': sql(8004, { extraData: '"{}"' }),
  'NULL in the database': sql(9111, { extraData: null }),
  '"" (a JSON string) in the database': sql(9111, { extraData: '""' }),
  'null (JSON) in the database': sql(9111, { extraData: 'null' }),
  'userinfo: unique-code client, moderator without a code': ({ change }) => change(1060, { roles: { 6: 4 } }),
  'userinfo of an anonymous person': sql(9031, { extraData: null }),
  'userinfo of a person with a unique code': sql(9032, { extraData: null }),
};

/** Whose access token, and from which login, an exchange carries; by its group and name. */
export const holderOf = (group: string, name: string): readonly [personId: number, clientId: string] => {
  if (name === 'userinfo of an anonymous person') return [9031, 'peer-client-4'];
  if (name === 'userinfo of a person with a unique code') return [9032, 'peer-client-6'];
  if (name.startsWith('delete: ')) return [9600, 'peer-client-2'];
  if (name.startsWith('extraData ')) return [8004, 'peer-client-2'];
  if (name.startsWith('token: ')) return [8002, 'peer-client-2'];
  return group === '' ? [8010, 'peer-client-1'] : [1060, 'peer-client-2'];
};

/** Exchanges that carry the code of the one before; all others a new one of their own. */
export const carriesOldCode: readonly string[] = [
  'exchange: the same code again',
  'exchange: by its own client after another tried',
];
/** The server was started anew before these: its codes are gone. */
export const afterRestart: readonly string[] = ['exchange: after a restart of the server'];
/** The code was given before the person was deleted. */
export const codeOfBefore: Readonly<Record<string, string>> = {
  'delete: a code from before is exchanged': 'delete: userinfo before',
};
