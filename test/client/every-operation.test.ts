import { civitas, CivitasProblem, type Civitas, type OperationName } from '../../src/client/index.ts';
import { operations } from '../../src/client/operations.gen.ts';
import { openapi } from '../../src/http/openapi/document.ts';
import { routes } from '../../src/http/routes.ts';
import { backOfficeOf, type BackOffice } from '../journeys/sentences/support/back-office.ts';
import { startSentences, type SentenceWorld } from '../journeys/sentences/support/world.ts';
import type { Somebody } from '../journeys/sentences/support/people.ts';
import { described } from '../support/described.ts';
import { setEnded } from '../support/ended-site.ts';
import { aVisitor, fromConsole, logIntoConsole } from '../support/visitor.ts';

/** What there is to ask about, made anew where a call uses it up. */
interface Ground {
  readonly s: SentenceWorld;
  readonly client: Civitas;
  readonly office: BackOffice;
  /** With a token of the back office. */
  readonly manager: Civitas;
  /** Somebody at site 1, and their id at the OAuth server. */
  readonly somebody: () => Promise<{ readonly path: { siteId: number; userId: number }; readonly externalId: number }>;
  /** An anonymization that was asked for. */
  readonly done: () => Promise<{ readonly operation: string; readonly receipt: string; readonly userId: number }>;
}

const ended = { siteId: 3 };
const run = async ({ client }: Ground): Promise<{ path: { siteId: number; runId: number } }> => {
  const { id } = await client.call('doAnonymizeSite', { path: ended });
  return { path: { ...ended, runId: id } };
};
const plannedRun = async ({ client, somebody }: Ground): Promise<{ run: string; digest: string }> => {
  const { id, plan } = await client.call('planAnonymizationRun', { body: { users: [(await somebody()).path.userId] } });
  return { run: id, digest: plan.digest ?? '' };
};
const preview = async ({ client, somebody }: Ground, name: 'willAnonymize' | 'willAnonymizeAll') =>
  client.call(name, { path: (await somebody()).path });
const previewWithBody = async (
  { client, somebody }: Ground,
  name: 'willAnonymizeByPut' | 'willAnonymizeByPost' | 'willAnonymizeAllByPut' | 'willAnonymizeAllByPost',
) => client.call(name, { path: (await somebody()).path, body: { onlySiteIds: [1] } });
const anonymized = async (
  { client, somebody }: Ground,
  name: 'doAnonymize' | 'doAnonymizeByPost' | 'doAnonymizeAll' | 'doAnonymizeAllByPost',
) => client.call(name, { path: (await somebody()).path, body: { reason: 'Zaak-1' } });
/** As the console uses it: signed in by a cookie, which goes along by itself in a browser. */
let boss: Promise<Somebody> | undefined;
const consoleOf = async ({ s: { world, person } }: Ground): Promise<Civitas> => {
  boss ??= person({ at: { 1: 'admin' } });
  const visitor = aVisitor();
  const flow = { apiUrl: world.url, oauthUrl: world.oauth.url, query: '?site=1' };
  await logIntoConsole(visitor, flow, (await boss).externalId);
  const cookie = visitor.cookieFor(new URL(world.url).host);
  const ask: typeof fetch = (address, init) => {
    const headers = new Headers(init?.headers);
    for (const [name, value] of Object.entries({ ...fromConsole, Cookie: cookie })) headers.set(name, value);
    return fetch(address, { ...init, headers });
  };
  return civitas({ url: world.url, fetch: ask });
};
const secretOf = ({ office }: Ground) => ({ client_id: office.key, client_secret: office.secret });
const site1 = { siteId: 1 };
let last = 0;

/** How each operation is called. The compiler asks for one that comes; what it is given is what a caller would give. */
const calls: Readonly<Record<OperationName, (ground: Ground) => Promise<unknown>>> = {
  listSites: ({ client }) => client.call('listSites'),
  createSite: ({ client }) => client.call('createSite', { body: { domain: `nieuw${(last += 1)}.example.org` } }),
  viewSite: ({ client }) => client.call('viewSite', { path: site1 }),
  updateSite: ({ client }) => client.call('updateSite', { path: site1, body: { title: 'Titel' } }),
  deleteSite: async ({ client }) => {
    const { id } = await client.call('createSite', {
      body: { domain: `nieuw${(last += 1)}.example.org`, config: { project: { projectHasEnded: true } } },
    });
    return client.call('deleteSite', { path: { siteId: id } });
  },
  listUsers: ({ client }) => client.call('listUsers', { path: site1, query: { page: 0 } }),
  createUser: ({ client }) =>
    client.call('createUser', { path: site1, body: { email: `nieuw${(last += 1)}@example.org` } }),
  viewUser: async ({ client, somebody }) => client.call('viewUser', { path: (await somebody()).path }),
  updateUser: async ({ client, somebody }) =>
    client.call('updateUser', { path: (await somebody()).path, body: { city: 'Delft' } }),
  deleteUser: async ({ client, somebody }) => client.call('deleteUser', { path: (await somebody()).path }),
  listActivity: async ({ client, somebody }) =>
    client.call('listActivity', { path: (await somebody()).path, query: { includeIdeas: true } }),
  willAnonymize: (ground) => preview(ground, 'willAnonymize'),
  willAnonymizeByPut: (ground) => previewWithBody(ground, 'willAnonymizeByPut'),
  willAnonymizeByPost: (ground) => previewWithBody(ground, 'willAnonymizeByPost'),
  willAnonymizeAll: (ground) => preview(ground, 'willAnonymizeAll'),
  willAnonymizeAllByPut: (ground) => previewWithBody(ground, 'willAnonymizeAllByPut'),
  willAnonymizeAllByPost: (ground) => previewWithBody(ground, 'willAnonymizeAllByPost'),
  doAnonymize: (ground) => anonymized(ground, 'doAnonymize'),
  doAnonymizeByPost: (ground) => anonymized(ground, 'doAnonymizeByPost'),
  doAnonymizeAll: (ground) => anonymized(ground, 'doAnonymizeAll'),
  doAnonymizeAllByPost: (ground) => anonymized(ground, 'doAnonymizeAllByPost'),
  willAnonymizeSite: ({ client }) => client.call('willAnonymizeSite', { path: ended }),
  doAnonymizeSite: ({ client }) => client.call('doAnonymizeSite', { path: ended }),
  runStatus: async (ground) => ground.client.call('runStatus', { ...(await run(ground)), query: { page: 0 } }),
  // Whether it stands or is done by now is the job's to say: `refusals`.
  pauseRun: async (ground) => ground.client.call('pauseRun', await run(ground)),
  resumeRun: async (ground) => ground.client.call('resumeRun', await run(ground)),
  cancelRun: async (ground) => ground.client.call('cancelRun', await run(ground)),
  planAnonymizationRun: (ground) => plannedRun(ground),
  listAnonymizationRuns: ({ client }) => client.call('listAnonymizationRuns', { query: { pageSize: 5 } }),
  readAnonymizationRun: async (ground) =>
    ground.client.call('readAnonymizationRun', { path: await plannedRun(ground), query: { page: 0 } }),
  startAnonymizationRun: async (ground) => {
    const { run: name, digest } = await plannedRun(ground);
    const headers = { 'If-Match': `"${digest}"` };
    return ground.client.call('startAnonymizationRun', { path: { run: name }, headers });
  },
  pauseAnonymizationRun: async (ground) =>
    ground.client.call('pauseAnonymizationRun', { path: await plannedRun(ground) }),
  resumeAnonymizationRun: async (ground) =>
    ground.client.call('resumeAnonymizationRun', { path: await plannedRun(ground) }),
  cancelAnonymizationRun: async (ground) =>
    ground.client.call('cancelAnonymizationRun', { path: await plannedRun(ground) }),
  anonymizationStatus: async ({ client, done }) =>
    client.call('anonymizationStatus', { path: { siteId: 1, userId: (await done()).userId } }),
  readOperation: async ({ client, done }) =>
    client.call('readOperation', { path: { operationId: (await done()).operation } }),
  listAudit: ({ client }) => client.call('listAudit', { query: { siteId: 1, pageSize: 5 } }),
  exportUser: async ({ client, somebody }) => client.call('exportUser', { path: (await somebody()).path }),
  listDrift: ({ client }) => client.call('listDrift'),
  listOutbox: ({ client }) => client.call('listOutbox', { query: { topic: 'person.remove', pageSize: 5 } }),
  retryMessage: async ({ client, s }) => {
    const { outbox, clock } = s.world.container.ports;
    // Due once nobody looks any more.
    const dueAt = new Date(clock.now().getTime() + 3_600_000);
    await outbox.add({ topic: 'person.refresh', key: 'person-999999', payload: { personId: 999_999 } }, dueAt);
    const { records } = await client.call('listOutbox', { query: { topic: 'person.refresh' } });
    return client.call('retryMessage', { path: { messageId: records[0]?.id ?? 0 } });
  },
  findPeople: ({ client }) => client.call('findPeople', { query: { q: 'noor' } }),
  readPerson: async ({ client, somebody }) => client.call('readPerson', { path: (await somebody()).path }),
  backchannelLogout: ({ client }) => client.call('backchannelLogout', { path: site1, body: { logout_token: 'a.b.c' } }),
  readReceipt: async ({ client, done }) => client.receipts.read((await done()).receipt),
  receiptKeys: ({ client }) => client.call('receiptKeys'),
  beginLogin: ({ client }) => client.call('beginLogin', { path: site1, query: { redirectUrl: 'http://127.0.0.1/' } }),
  finishLogin: ({ client }) => client.call('finishLogin', { path: site1, query: { state: 'none', code: 'none' } }),
  leave: ({ client }) => client.call('leave', { path: site1, query: { redirectUrl: 'http://127.0.0.1/' } }),
  logOut: ({ client }) => client.call('logOut', { path: site1 }),
  beginConsoleLogin: ({ client }) => client.call('beginConsoleLogin', { query: { site: '1', returnTo: '/console' } }),
  finishConsoleLogin: ({ client }) => client.call('finishConsoleLogin', { query: { state: 'none', code: 'none' } }),
  listSessions: async (ground) => (await consoleOf(ground)).call('listSessions'),
  endSession: async (ground) => {
    const [client, other] = [await consoleOf(ground), await consoleOf(ground)];
    return client.call('endSession', { path: { sessionId: (await other.call('listSessions')).id } });
  },
  leaveConsole: async (ground) => (await consoleOf(ground)).call('leaveConsole'),
  viewMe: ({ client }) => client.call('viewMe', { path: site1 }),
  viewMeAnywhere: ({ client }) => client.call('viewMeAnywhere'),
  listPeople: ({ manager }) => manager.call('listPeople', { query: { per_page: 5 } }),
  viewPerson: async ({ manager, somebody }) =>
    manager.call('viewPerson', { path: { uid: (await somebody()).externalId } }),
  exportPerson: async ({ manager, somebody }) =>
    manager.call('exportPerson', { path: { uid: (await somebody()).externalId } }),
  anonymizePerson: async ({ manager, somebody }) =>
    manager.call('anonymizePerson', { path: { uid: (await somebody()).externalId }, body: { reason: 'Zaak-2' } }),
  deletePerson: async ({ manager, somebody }) =>
    manager.call('deletePerson', { path: { uid: (await somebody()).externalId } }),
  changePerson: async ({ manager, somebody }) =>
    manager.call('changePerson', { path: { uid: (await somebody()).externalId }, body: { points: 5 } }),
  giveToken: (ground) =>
    ground.client.call('giveToken', { body: { grant_type: 'client_credentials', ...secretOf(ground) } }),
  revokeToken: (ground) => ground.client.call('revokeToken', { body: { ...secretOf(ground), token: 'unknown' } }),
  introspectToken: (ground) =>
    ground.client.call('introspectToken', { body: { ...secretOf(ground), token: 'unknown' } }),
  listClients: ({ client }) => client.call('listClients'),
  createClient: ({ client }) =>
    client.call('createClient', { body: { name: 'Back office', scopes: ['public'], siteIds: [1] } }),
  rotateClient: ({ client, office }) => client.call('rotateClient', { path: { clientId: office.id } }),
  revokeClient: async ({ client }) => {
    const { id } = await client.call('createClient', { body: { name: 'Old', scopes: ['public'], siteIds: [1] } });
    return client.call('revokeClient', { path: { clientId: id } });
  },
};

/** Calls that nobody but somebody else makes well, or that a job may have been before: what they may be answered as well. */
const refusals: Readonly<Partial<Record<OperationName, string>>> = {
  // The OAuth server's own, and the browser's that began the login.
  backchannelLogout: '/problems/oauth-unsupported',
  finishLogin: '/problems/malformed-request',
  finishConsoleLogin: '/problems/malformed-request',
  ...{ pauseRun: '/problems/conflict', resumeRun: '/problems/conflict', cancelRun: '/problems/conflict' },
  // One that is only planned is started, or cancelled.
  ...{ pauseAnonymizationRun: '/problems/conflict', resumeAnonymizationRun: '/problems/conflict' },
};

describe('by the client', () => {
  let s: SentenceWorld;
  let ground: Ground;
  beforeAll(async () => {
    s = await startSentences();
    await setEnded(s.world, ended.siteId, true);
    const client = civitas({ url: s.world.url, token: 'fixed-admin', fetch: described(fetch) });
    const office = await backOfficeOf(s, [1]);
    const somebody: Ground['somebody'] = async () => {
      const { at, externalId } = await s.person({ at: { 1: 'member' } });
      return { path: { siteId: 1, userId: at[1] ?? 0 }, externalId };
    };
    ground = {
      ...{ s, client, office, somebody },
      manager: civitas({ url: s.world.url, token: await office.token('admin'), fetch: described(fetch) }),
      done: async () => {
        const { path } = await somebody();
        const plan = await client.user(path.siteId, path.userId).anonymization({ everywhere: true });
        const done = await plan.do();
        if (!done.done) throw new Error('the plan changed');
        return { operation: done.operation ?? '', receipt: done.receipt ?? '', userId: path.userId };
      },
    };
  });
  afterAll(() => s.close());

  const documented = Object.values(openapi(routes)['paths'] as Readonly<Record<string, object>>).flatMap((methods) =>
    Object.values(methods).map(({ operationId }: { readonly operationId: string }) => operationId),
  );

  test('every operation of the document can be called (else: npm run client:write, and a row in `calls` here)', () => {
    expect(Object.keys(operations).sort()).toEqual([...documented].sort());
    expect(Object.keys(calls).sort()).toEqual([...documented].sort());
  });

  test.each(Object.entries(calls))('%s is called and answered as openapi.json says', async (name, call) => {
    const refusal = (refusals as Readonly<Record<string, string>>)[name];
    const answered = await call(ground).then(
      () => 'well',
      (error: unknown) => {
        if (error instanceof CivitasProblem && error.type === refusal) return refusal;
        throw error;
      },
    );
    expect(['well', refusal]).toContain(answered);
  });
});
