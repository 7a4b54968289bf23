import { Readable } from 'node:stream';
import type { Express } from 'express';
import { visitor } from '../../../src/domain/actor.ts';
import type { Site } from '../../../src/domain/sites/site.ts';
import { createApp, type AppParts } from '../../../src/http/app.ts';
import type { UseCases } from '../../../src/use-cases/index.ts';
import type { RunStatus, SiteSummary } from '../../../src/use-cases/anonymization-runs/commands.ts';
import type { AnonymizationView } from '../../../src/use-cases/anonymization/commands.ts';
import type { OperationClaims } from '../../../src/use-cases/audit/commands.ts';
import { anActor, anAuditRow, aSession } from '../../support/builders.ts';
import { fakeSecrets } from '../../support/fakes/secrets.ts';
import { fakeWayIn } from './login-provider.ts';
import { managementUseCases } from './management.ts';
import { aSite, niels, staff } from './world.ts';

export const secret = 'a-secret-of-at-least-thirty-two-characters';
export const adminToken = 'admin-token';

const site = aSite(1, {
  allowedDomains: ['www.example.org', 'localhost:3000'],
  users: { allowUseOfNicknames: true },
  oauth: {
    default: {
      'auth-client-id': 'one',
      'auth-client-secret': 'hush',
    },
  },
});
const sites: readonly Site[] = [site, aSite(2, { users: { extraData: { hobby: {} } } })];

/** What use cases and log heard, in order. */
export interface Heard {
  readonly story: string;
  readonly command: unknown;
}

export interface TestApp {
  readonly app: Express;
  readonly heard: Heard[];
  readonly lines: string[];
}

export const noLimits = { perAddress: 0, perUser: 0, perToken: 0, logins: 0, tokens: 0, failures: 0 };
/** Windows are of clock time: this one began in 1970, and no test sees its end. */
export const oneWindow = { windowMs: 1e14 };

const emptyLists = { users: [], sites: [], ideas: [], articles: [], arguments: [], votes: [] };
/** A plan of nothing, under a digest. */
export const emptyView: AnonymizationView = {
  actor: visitor,
  summary: { digest: 'd1', users: 0, sites: [], oauth: 'kept' },
  lists: emptyLists,
  changes: null,
};

const noCounts = { votes: { keep: 0, anonymize: 0, remove: 0 } };
export const aDeed: OperationClaims = {
  ...{ operation: 'o'.repeat(43), call: 'do-anonymizeall', at: '2024-05-06T07:08:09.123Z', reason: 'Ticket#12' },
  ...{ by: { kind: 'fixed-token', userId: 2 }, digest: 'd1', users: 1, counts: noCounts },
  sites: [{ id: 1, users: 1, counts: noCounts }],
  oauth: { removal: 'removed', values: 'none', settledAt: null },
};

/** A run over site 1 that is half done. */
export const aRunStatus: RunStatus = {
  run: {
    ...{ kind: 'site', id: 5, name: '5', siteId: 1, actorId: 1, everywhere: true, operator: null },
    ...{ plan: { digest: 'd1' }, statedReason: null, state: 'running', reason: null },
    ...{ planned: 4, lastUserId: 9, workedMs: 500, startedAt: new Date(0), finishedAt: null },
    forgivenAt: null,
    isOurs: true,
    keptCounts: null,
  },
  counts: [
    { outcome: 'anonymized', reason: null, people: 1, cameAfter: 0, waiting: 0 },
    { outcome: 'left-out', reason: 'admin-of-the-site', people: 1, cameAfter: 1, waiting: 0 },
  ],
  progress: { done: 2, total: 4 },
  estimate: new Date(1000),
  awaitingRemoval: 1,
  peopleKeptUntil: null,
  plan: { digest: 'd1' },
  isOwn: true,
  people: null,
};
export const aSiteSummary: SiteSummary = {
  ...{ digest: 'd1', users: 3, persons: 2, leftOut: new Map([['admin-of-the-site', 1]]), sites: [], lastUserId: 9 },
  oauth: { removed: 1, kept: 1 },
};

const noSight = { reach: 'sites', seen: new Map(), hidden: [], joinsWithheld: false } as const;

/** What a page of the console sends, of a person with the row 7. */
export const atConsole: Readonly<Record<string, string>> = {
  Cookie: `__Host-civitas-console=${fakeSecrets().seal('console session', JSON.stringify({ jti: 'at-the-console', personId: 1 }))}`,
  'X-Civitas-Console': '1',
  'Sec-Fetch-Site': 'same-origin',
};

/** The app on use cases that answer fixed values and remember what they were asked. */
export const testApp = (own: Partial<UseCases> = {}, parts: Partial<AppParts> = {}): TestApp => {
  const heard: Heard[] = [];
  const lines: string[] = [];
  const hear = <R>(story: string, answer: R) => {
    return async (command: unknown): Promise<R> => {
      heard.push({ story, command });
      return answer;
    };
  };
  const useCases: UseCases = {
    actorOf: async ({ userId, reach, provider, jti = null, personId = null }) => {
      if (reach === 'rows') return anActor({ userId: 7, personId, jti, roles: { 1: 'admin' } });
      const role = staff.get(userId);
      if (reach === 'everywhere' && role !== undefined)
        return { ...visitor, userId, reach: { kind: reach, role }, provider };
      return userId === 7 ? { ...anActor({ userId: 7, roles: { 1: 'member' } }), provider, jti } : null;
    },
    loginProvider: ({ provider }) => fakeWayIn(provider),
    logIn: hear('logIn', aSession({ userId: 7 })),
    logOut: hear('logOut', true),
    consoleLoginSite: () => Promise.resolve(null),
    logIntoConsole: hear('logIntoConsole', { jti: 'at-the-console', personId: 1 }),
    listSessions: hear('listSessions', {
      current: { ...aSession({ userId: 7 }), site: null },
      ...{ through: null, isPlatformAdmin: false },
      ...{ rows: [], moderates: [], sessions: [] },
    }),
    endSession: hear('endSession', undefined),
    leaveConsole: hear('leaveConsole', null),
    getMe: hear('getMe', { user: niels(), site }),
    listPage: hear('listPage', { users: [niels()], totalCount: 1, cursor: null }),
    streamPage: async (command) => {
      heard.push({ story: 'streamPage', command });
      return { batches: Readable.from([[niels()]]), totalCount: 1, cursor: null };
    },
    streamUsers: async function* () {
      yield [niels(), niels({ id: 8 })];
      yield [niels({ id: 9 })];
    },
    getUser: async (command) => {
      const found = hear('getUser', { user: niels(), cache: 'HIT', ageSeconds: 12.4 } as const);
      return { actor: command.actor, ...(await found(command)) };
    },
    createUser: hear('createUser', niels()),
    storedTexts: hear('storedTexts', []),
    updateUser: async (command) => ({ actor: command.actor, user: await hear('updateUser', niels())(command) }),
    deleteUser: hear('deleteUser', { removal: 'done', values: 'none' } as const),
    listActivity: hear('listActivity', { sites: [site], asked: [], isMuch: false, inOrder: async () => () => [] }),
    previewAnonymization: async (command) => ({
      ...(await hear('previewAnonymization', emptyView)(command)),
      actor: command.actor,
    }),
    anonymizeUser: async (command) => {
      const done = hear('anonymizeUser', {
        kind: 'done',
        oauth: { removal: 'pending', values: 'none' },
        operation: 'o'.repeat(43),
        receipt: 'r'.repeat(43),
      } as const);
      return { ...(await done(command)), view: { ...emptyView, actor: command.actor } };
    },
    anonymizationStatus: hear('anonymizationStatus', {
      part: anAuditRow(),
      oauth: { removal: 'pending', reason: null, values: 'none' },
      whole: null,
    } as const),
    endLogin: hear('endLogin', undefined),
    previewSite: hear('previewSite', aSiteSummary),
    beginRun: hear('beginRun', { status: aRunStatus, replayed: false }),
    runStatus: hear('runStatus', aRunStatus),
    pauseRun: hear('pauseRun', aRunStatus),
    resumeRun: hear('resumeRun', aRunStatus),
    cancelRun: hear('cancelRun', aRunStatus),
    planRun: hear('planRun', { status: aRunStatus, replayed: false }),
    startRun: hear('startRun', aRunStatus),
    namedRunStatus: hear('namedRunStatus', aRunStatus),
    listRuns: hear('listRuns', { runs: [{ ...aRunStatus.run, isOwn: true }], cursor: 'sealed' }),
    listDrift: hear('listDrift', {
      counts: {
        people: 3,
        byKind: {
          'unknown-there': 1,
          differed: 0,
          'does-not-fit': 0,
          'address-taken': 0,
          'left-behind': 0,
          'found-anonymized': 0,
          unreadable: 0,
          'never-fetched': 0,
        },
        oldestFetchedAt: null,
      },
      sweep: null,
      found: [],
      totalCount: 1,
    }),
    listOutbox: hear('listOutbox', { messages: [], cursor: 'sealed' }),
    retryMessage: hear('retryMessage', { outcome: 'done', message: null }),
    retryOutbox: hear('retryOutbox', { due: 0, delivered: 0 }),
    findPeople: async (command) => {
      const found = hear('findPeople', { people: [], sight: noSight, totalCount: 0, cursor: null });
      return { actor: command.actor, ...(await found(command)) };
    },
    exportUser: async function* () {
      yield { of: 'users', rows: [{ id: 7 }] };
      for (const kind of ['facts', 'ideas', 'articles', 'arguments', 'votes', 'sessions']) yield { of: kind, rows: [] };
    },
    listAudit: hear('listAudit', { entries: [], tellsWhole: true, cursor: 'sealed' }),
    readPerson: async (command) => {
      const read = hear('readPerson', { sight: noSight, group: [niels()], rows: [] } as const);
      return { actor: command.actor, ...(await read(command)) };
    },
    readOperation: hear('readOperation', {
      claims: aDeed,
      oauth: { removal: 'removed', values: 'none', reason: null },
      receipt: 'r'.repeat(43),
    }),
    readReceipt: hear('readReceipt', {
      claims: { ...aDeed, version: 1, sealedAs: null, issuedAt: aDeed.at },
      signed: 'header.claims.signature',
    }),
    receiptKeys: () => ({ keys: [] }),
    createSite: hear('createSite', site),
    updateSite: hear('updateSite', site),
    deleteSite: hear('deleteSite', undefined),
    ...own,
  };
  const write =
    (level: string) =>
    (facts: Readonly<Record<string, unknown>>, line: string): void => {
      lines.push(JSON.stringify({ level, ...facts, line }));
    };
  const app = createApp({
    useCases,
    management: managementUseCases(hear),
    sites: {
      byId: async (id) => sites.find((one) => one.id === id) ?? null,
      byDomain: async (domain) => sites.find((one) => one.domain === domain) ?? null,
      all: async () => sites,
    },
    timeZone: 'Europe/Amsterdam',
    auth: {
      jwtSecret: secret,
      acceptLegacyTokens: false,
      fixedTokens: [...staff].map(([userId, role]) => ({ token: `${role}-token`, userId, client: 'default' })),
      freshSeconds: 60,
    },
    log: { info: write('info'), warn: write('warn'), error: write('error') },
    login: { publicUrl: 'https://api.example.org', secrets: fakeSecrets() },
    trustProxy: false,
    limits: noLimits,
    costlyAtOnce: 2,
    health: {
      ready: async () => ({
        ...{ database: true, migrated: true, databaseState: 'ready', databaseSays: null },
        ...{ oauth: 'unknown', oauthServers: [], redis: 'none' },
      }),
    },
    console: { theme: 'civitas' },
    ...parts,
  });
  return { app, heard, lines };
};

/** The command that the last use case heard. */
export const lastCommand = (heard: readonly Heard[]): Record<string, unknown> =>
  (heard.at(-1)?.command ?? {}) as Record<string, unknown>;

/** The values of one key in a list of an answer. */
export const each = (list: unknown, key: string): readonly unknown[] =>
  (list as readonly Readonly<Record<string, unknown>>[]).map((item) => item[key]);
