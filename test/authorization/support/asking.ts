import type { Route } from '../../../src/http/route.ts';

/** One way to ask a route: what stands in its body and its query, and whether the target is another one once it succeeded. */
export interface Way {
  /** As the matrix names it; '' for the only one. */
  readonly name: string;
  readonly query?: string;
  readonly body?: unknown;
  /** Sent as a form, in place of a body. */
  readonly form?: Readonly<Record<string, string>>;
  readonly usesUp?: boolean;
  /** Whether the actor's session ends when it succeeds. */
  readonly endsSession?: boolean;
}

let last = 0;
const newcomer = (): string => `newcomer${(last += 1)}@example.org`;

/**
 * How each call is asked, by operation id. A route with a body has to stand here: without one it would be refused for what it
 * was sent, and the matrix would not show who may.
 */
const waysByOperation: Readonly<Record<string, () => readonly Way[]>> = {
  listUsers: () => [
    { name: '' },
    { name: 'sort=lastName', query: '?page=0&sort=lastName_desc' },
    { name: 'filter=email', query: `?page=0&filter=${encodeURIComponent('{"email":"x@example.org"}')}` },
  ],
  findPeople: () => [
    { name: '', query: '?q=x' },
    { name: 'externalUserId', query: '?externalUserId=1001' },
  ],
  createUser: () => [
    { name: 'a newcomer', body: { email: newcomer() } },
    { name: 'role=member', body: { email: newcomer(), role: 'member' } },
    { name: 'role=admin', body: { email: newcomer(), role: 'admin' } },
    { name: 'phoneNumber', body: { email: newcomer(), phoneNumber: '0612345678' } },
  ],
  updateUser: () => [
    { name: 'city', body: { city: `Delft${(last += 1)}` } },
    { name: 'phoneNumber', body: { phoneNumber: `06${(last += 1)}` } },
    { name: 'email', body: { email: newcomer() }, usesUp: true },
    { name: 'detailsViewableByRole=all', body: { detailsViewableByRole: 'all' }, usesUp: true },
    { name: 'role=member', body: { role: 'member' }, usesUp: true },
    { name: 'role=admin', body: { role: 'admin' }, usesUp: true },
  ],
  createSite: () => [{ name: '', body: { domain: `nieuw${(last += 1)}.example.org` } }],
  updateSite: () => [
    { name: 'title', body: { title: `Titel ${(last += 1)}` } },
    {
      name: 'allowedDomains',
      body: { config: { allowedDomains: ['127.0.0.1', 'localhost', `nieuw${(last += 1)}.example.org`] } },
    },
    {
      name: 'oauth',
      body: { config: { oauth: { [`nieuw${(last += 1)}`]: { 'after-login-redirect-uri': '/' } } } },
    },
  ],
  createClient: () => [{ name: '', body: { name: 'Back office', scopes: ['admin'], siteIds: [1] } }],
  anonymizePerson: () => [{ name: '', body: {} }],
  changePerson: () => [{ name: '', body: { points: 1 } }],
  ...Object.fromEntries(
    ['giveToken', 'revokeToken', 'introspectToken'].map((name) => [
      name,
      () => [{ name: '', form: { grant_type: 'client_credentials', token: 'x', client_id: 'x', client_secret: 'x' } }],
    ]),
  ),
  backchannelLogout: () => [{ name: '', form: { logout_token: 'a.b.c' } }],
  logOut: () => [{ name: '', endsSession: true }],
  leave: () => [{ name: '', endsSession: true }],
  leaveConsole: () => [{ name: '', endsSession: true }],
  willAnonymizeSite: () => [{ name: '', body: {} }],
  doAnonymizeSite: () => [{ name: '', body: {} }],
  planAnonymizationRun: () => [
    { name: 'users', body: { users: [104] } },
    { name: 'everywhere', body: { users: [104], everywhere: true } },
    { name: 'filter', body: { siteId: 1, filter: { role: 'member' } } },
  ],
  deleteUser: () => [{ name: '', usesUp: true }],
  ...Object.fromEntries(
    ['willAnonymize', 'willAnonymizeAll'].flatMap((name) =>
      ['', 'ByPut', 'ByPost'].map((by) => [`${name}${by}`, () => [{ name: '', ...(by === '' ? {} : { body: {} }) }]]),
    ),
  ),
  ...Object.fromEntries(
    ['doAnonymize', 'doAnonymizeAll'].flatMap((name) =>
      ['', 'ByPost'].map((by) => [`${name}${by}`, () => [{ name: '', body: {}, usesUp: true }]]),
    ),
  ),
};

/** The ways of a route. Throws where it takes a body and nobody said which. */
export const waysOf = (route: Route): readonly Way[] => {
  const ways = waysByOperation[route.operationId];
  if (ways !== undefined) return ways();
  if (route.requestBody !== undefined) throw new Error(`say in waysByOperation what ${route.operationId} is sent`);
  return [{ name: '' }];
};

/** Values for parameters that are neither site nor user, by the parameter's name: what the matrix calls it, and what is sent. */
export const otherParameters: Readonly<Record<string, readonly (readonly [string, string])[]>> = {
  sessionId: [['unknown', 'g'.repeat(43)]],
  token: [['unknown', 'g'.repeat(43)]],
  operationId: [['unknown', 'g'.repeat(43)]],
  runId: [['no run', '5']],
  run: [['no run', 'A'.repeat(22)]],
  // Management clients only, whoever it is: test/journeys/sentences/management.test.ts.
  uid: [['anybody', '1001']],
  clientId: [['unknown', '99999']],
  messageId: [['unknown', '99999']],
};
