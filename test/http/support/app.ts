import type { Express } from 'express';
import { visitor } from '../../../src/domain/actor.ts';
import { createApp, type AppParts } from '../../../src/http/app.ts';
import type { Site } from '../../../src/domain/site.ts';
import type { AnonymizationView, Stories } from '../../../src/users/commands.ts';
import { anActor, anAuditRow } from '../../support/builders.ts';
import { aSite, niels, staff } from './world.ts';

export const secret = 'a-secret-of-at-least-thirty-two-characters';
export const adminToken = 'admin-token';

const site = aSite(1, {
  allowedDomains: ['www.example.org', 'localhost:3000'],
  users: { allowUseOfNicknames: true },
  oauth: { default: { 'auth-client-id': 'one', 'auth-client-secret': 'hush' } },
});
const sites: readonly Site[] = [site, aSite(2, { users: { extraData: { hobby: {} } } })];

/** What stories and log heard, in order. */
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

const emptyLists = { users: [], sites: [], ideas: [], articles: [], arguments: [], votes: [] };
/** A plan of nothing, under a digest. */
export const emptyView: AnonymizationView = {
  summary: { digest: 'd1', users: 0, sites: [], oauth: 'kept' },
  lists: emptyLists,
};

/** The app on stories that answer fixed values and remember what they were asked. */
export const testApp = (own: Partial<Stories> = {}, parts: Partial<AppParts> = {}): TestApp => {
  const heard: Heard[] = [];
  const lines: string[] = [];
  const hear = <R>(story: string, answer: R) => {
    return async (command: unknown): Promise<R> => {
      heard.push({ story, command });
      return answer;
    };
  };
  const stories: Stories = {
    actorOf: async ({ userId, everywhere, provider }) => {
      const role = staff.get(userId);
      if (everywhere && role !== undefined) return { ...visitor, userId, roleEverywhere: role, provider };
      return userId === 7 ? { ...anActor({ userId: 7, roles: { 1: 'member' } }), provider } : null;
    },
    listPage: hear('listPage', { users: [niels()], totalCount: 1, cursor: null }),
    streamUsers: async function* () {
      yield [niels(), niels({ id: 8 })];
      yield [niels({ id: 9 })];
    },
    getUser: hear('getUser', { user: niels(), cache: 'HIT', ageSeconds: 12.4 } as const),
    createUser: hear('createUser', niels()),
    updateUser: hear('updateUser', niels()),
    deleteUser: hear('deleteUser', { removal: 'done', values: 'none' } as const),
    listActivity: hear('listActivity', { sites: [site], kinds: {} }),
    previewAnonymization: hear('previewAnonymization', emptyView),
    anonymizeUser: hear('anonymizeUser', {
      kind: 'done',
      view: emptyView,
      oauth: { removal: 'pending', values: 'none' },
      receipt: 'r'.repeat(43),
    } as const),
    anonymizationStatus: hear('anonymizationStatus', {
      part: anAuditRow(),
      oauth: { removal: 'pending', reason: null, values: 'none' },
      whole: null,
    } as const),
    endLogin: hear('endLogin', undefined),
    readReceipt: hear('readReceipt', 'header.claims.signature'),
    receiptKeys: () => ({ keys: [] }),
    ...own,
  };
  const write =
    (level: string) =>
    (facts: Readonly<Record<string, unknown>>, line: string): void => {
      lines.push(JSON.stringify({ level, ...facts, line }));
    };
  const app = createApp({
    stories,
    sites: {
      byId: async (id) => sites.find((one) => one.id === id) ?? null,
      byDomain: async (domain) => sites.find((one) => one.domain === domain) ?? null,
      all: async () => sites,
    },
    auth: {
      jwtSecret: secret,
      acceptLegacyTokens: false,
      fixedTokens: [...staff].map(([userId, role]) => ({ token: `${role}-token`, userId, client: 'default' })),
      freshSeconds: 60,
    },
    log: { info: write('info'), warn: write('warn'), error: write('error') },
    trustProxy: false,
    limits: noLimits,
    health: { ready: async () => ({ database: true, migrated: true, oauth: 'unknown', redis: 'none' }) },
    ...parts,
  });
  return { app, heard, lines };
};

/** The command that the last story heard. */
export const lastCommand = (heard: readonly Heard[]): Record<string, unknown> =>
  (heard.at(-1)?.command ?? {}) as Record<string, unknown>;

/** The values of one key in a list of an answer. */
export const each = (list: unknown, key: string): readonly unknown[] =>
  (list as readonly Readonly<Record<string, unknown>>[]).map((item) => item[key]);
