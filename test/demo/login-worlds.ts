import type { ClientSpec, OauthServer, PersonSpec } from '../../src/demo/oauth-server/index.ts';
import type { Walker } from './login-walker.ts';

/** The clients and people of the recorded walks, and what had happened before each of them. */

type Changes = Readonly<Record<number, Partial<ClientSpec>>>;
interface Stage {
  readonly clients?: Changes;
  /** What is typed. */
  readonly values?: Readonly<Record<string, string>>;
  readonly before?: (walker: Walker, server: OauthServer) => Promise<unknown>;
}

const kinds: Changes = {
  1: { authTypes: ['Local', 'Anonymous'] },
  2: { authTypes: ['Local'] },
  3: { authTypes: ['Url'] },
  4: { authTypes: ['Anonymous'] },
  5: { authTypes: ['Local'], twoFactorRoles: ['admin', 'moderator', 'editor'] },
  6: { authTypes: ['UniqueCode'], uniqueCodes: ['a', 'b', 'c', 'd', 'e', 'f'].map((end) => `CODE6${end}`) },
  7: { authTypes: ['Local'], requiredUserFields: ['firstName', 'postcode', 'phoneNumber'] },
};
export const clientsWith = (changes: Changes = {}): readonly ClientSpec[] =>
  [1, 2, 3, 4, 5, 6, 7].map((id) => ({
    ...{ id, clientId: `peer-client-${id}`, clientSecret: `peer-secret-${id}`, siteUrl: 'http://127.0.0.1:22030' },
    ...{ allowedDomains: ['127.0.0.1', 'localhost'], ...kinds[id], ...changes[id] },
  }));

export const people: readonly PersonSpec[] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10].map((last) => ({
  ...{ id: 8000 + last, email: `u${8000 + last}@example.org`, firstName: `Login${8000 + last}`, lastName: 'Jwt' },
  ...{ postcode: '1012AB', phoneNumber: '0612345678' },
  ...(last === 7 ? { firstName: '', postcode: '' } : {}),
  roles:
    last === 9
      ? { 'peer-client-1': 'moderator', 'peer-client-5': 'moderator', 'peer-client-6': 'moderator' }
      : last === 10
        ? { 'peer-client-1': 'admin', 'peer-client-5': 'admin' }
        : {},
}));

const back = encodeURIComponent('http://127.0.0.1:22011/oauth/site/1/digest-login');
const authorize = (client: number): string =>
  `/dialog/authorize?redirect_uri=${back}&response_type=code&client_id=peer-client-${client}&scope=offline`;
const password = 'password123';
const person = (id: number) => ({ email: `u${id}@example.org`, password });

const loggedIn = (walker: Walker, id = 8001, client = 2): Promise<unknown> =>
  walker.logIn(authorize(client), person(id));
const setUp = (walker: Walker): Promise<unknown> => loggedIn(walker, 8009, 5);
/** Asks for a mail; its link is not opened. */
const mailed = (walker: Walker, id: number): Promise<unknown> => walker.logIn(authorize(3), person(id));
const opened = (walker: Walker): Promise<unknown> =>
  walker.logIn(`/auth/url/authenticate?token=<login token>&clientId=peer-client-3&redirect_uri=${back}`);
const tokenOf = (server: OauthServer, mail: number): string =>
  new URL(server.mails()[mail]?.link ?? 'http://none').searchParams.get('token') ?? '';

const noNewUsers = { config: { users: { canCreateNewUsers: false } } };

/** By the beginning of a walk's name; the longest that fits counts. */
const stages: Readonly<Record<string, Stage>> = {
  '': { values: person(8001) },
  'password; unknown e-mail': { values: { email: 'nobody@example.org', password } },
  'password; e-mail in another case': { values: { email: 'U8001@EXAMPLE.org', password } },
  'already logged in': { before: (walker) => loggedIn(walker) },
  'e-mail link': { values: person(8002) },
  'e-mail link; second use': {
    before: async (walker) => {
      await mailed(walker, 8004);
      await opened(walker);
      walker.changeBrowser();
    },
  },
  'e-mail link; older than 10 minutes': {
    before: async (walker) => {
      await mailed(walker, 8005);
      const now = Date.now;
      jest.spyOn(Date, 'now').mockImplementation(() => now() + 11 * 60_000);
    },
  },
  'e-mail link; changed token': {
    before: async (walker) => {
      walker.mailToken = '0'.repeat(32);
    },
  },
  'e-mail link; second mail, first link': {
    before: async (walker, server) => {
      await mailed(walker, 8006);
      await mailed(walker, 8006);
      walker.mailToken = tokenOf(server, 0);
    },
  },
  'e-mail link; second mail, second link after the first': {
    before: async (walker, server) => {
      await mailed(walker, 8006);
      await mailed(walker, 8006);
      walker.mailToken = tokenOf(server, 0);
      await opened(walker);
      walker.changeBrowser();
      walker.mailToken = tokenOf(server, 1);
    },
  },
  'e-mail link; new person': { values: { email: 'rec2.fresh@example.org' } },
  'e-mail link; new person where config.users.canCreateNewUsers is false': {
    values: { email: 'rec2.refused@example.org' },
    clients: { 3: noNewUsers },
  },
  'e-mail link; config.emailRedirectUrl set': {
    values: person(8007),
    clients: { 3: { config: { emailRedirectUrl: 'http://127.0.0.1:22011/fixed?a=1&b=2' } } },
  },
  'unique code': { values: { unique_code: 'CODE6a' } },
  'unique code; the same code again, other browser': {
    values: { unique_code: 'CODE6a' },
    before: async (walker) => {
      await walker.logIn(authorize(6), { unique_code: 'CODE6a' });
      walker.changeBrowser();
    },
  },
  'unique code; code of another client': { values: { unique_code: 'CODE1a' } },
  'unique code; code in another case': { values: { unique_code: 'code6B' } },
  'unique code; already logged in elsewhere, no code': { before: (walker) => loggedIn(walker) },
  'unique-code site, admin path': { values: person(8009) },
  'unique-code site, admin path, e-mail link, member': { values: person(8001) },
  'unique-code site, admin path, wrong password': {
    values: { email: 'u8009@example.org', password: 'wrong-password' },
  },
  'admin path while logged in': { before: (walker) => loggedIn(walker) },
  'two-factor, first set-up': { values: person(8009) },
  'two-factor, later': {
    values: person(8009),
    before: async (walker) => {
      await setUp(walker);
      walker.changeBrowser();
    },
  },
  'two-factor, wrong code': {
    before: async (walker) => {
      await setUp(walker);
      walker.changeBrowser();
    },
  },
  'two-factor, session that passed it': {
    before: setUp,
    clients: { 1: { twoFactorRoles: ['admin', 'moderator', 'editor'] } },
  },
  'two-factor, configure again': { before: setUp },
  'two-factor, twoFactorRoles is an empty list': { values: person(8009), clients: { 5: { twoFactorRoles: [] } } },
  'two-factor, person without a role at the client': {
    values: person(8005),
    clients: { 5: { twoFactorRoles: ['member'] } },
  },
  'anonymous; a browser without cookies': {
    before: async (walker) => {
      walker.keepNoCookies();
    },
  },
  'anonymous; config.users.canCreateNewUsers is false': { clients: { 4: noNewUsers } },
  'anonymous; second visit with the session': { before: (walker) => walker.logIn(authorize(4)) },
  'required fields': { values: { ...person(8007), firstName: 'Nieuw & <b>Naam</b>', postcode: '1012 AB' } },
  'required fields; one left empty': { values: { ...person(8007), firstName: 'Half', postcode: '' } },
  'required fields; all there': { values: person(8001) },
  'required fields; e-mail, anonymous session': {
    clients: { 7: { authTypes: ['Anonymous', 'Url'], requiredUserFields: ['email'] } },
  },
  'required fields; e-mail, anonymous session, e-mail posted': {
    clients: { 7: { authTypes: ['Anonymous', 'Url'], requiredUserFields: ['email'] } },
    before: (walker) => walker.logIn(`/auth/anonymous/login?clientId=peer-client-7&redirect_uri=${back}`),
  },
  'required fields; e-mail, no way to prove it': {
    clients: { 7: { authTypes: ['Anonymous'], requiredUserFields: ['email'] } },
  },
  'required fields; a name that is no field': {
    values: person(8001),
    clients: { 7: { requiredUserFields: ['shoeSize'] } },
  },
  logout: { before: (walker) => loggedIn(walker) },
  'logout; no session': {},
  'logout; config.logoutUrl set, no redirectUrl': {
    clients: { 2: { config: { logoutUrl: 'http://127.0.0.1:22030/logged-out' } } },
    before: (walker) => loggedIn(walker),
  },
  'a session of somebody who was deleted': {
    values: person(8001),
    before: async (walker, server) => {
      await loggedIn(walker, 8008);
      await removed(server, 8008);
      walker.values['email'] = 'u8001@example.org';
    },
  },
  'a session of somebody who was deleted, once more': {
    values: person(8001),
    before: async (walker, server) => {
      await loggedIn(walker, 8008);
      await removed(server, 8008);
      await walker.logIn(authorize(2));
    },
  },
};

const removed = (server: OauthServer, id: number): Promise<unknown> =>
  fetch(`${server.url}/api/admin/user/${id}/delete?client_id=peer-client-1`, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from('peer-client-1:peer-secret-1').toString('base64')}` },
  });

export const stageOf = (flow: string): Stage => {
  const [name] = Object.keys(stages)
    .filter((begins) => flow.startsWith(begins))
    .sort((one, other) => other.length - one.length);
  return stages[name ?? ''] ?? {};
};
