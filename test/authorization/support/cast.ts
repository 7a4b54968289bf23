import type { UserRole } from '../../../src/domain/actor.ts';
import { startSentences, type SentenceWorld } from '../../journeys/sentences/support/world.ts';
import type { Somebody } from '../../journeys/sentences/support/people.ts';
import { consoleHeaders } from '../../support/console-session.ts';
import { fixedTokens } from '../../support/recorded-world.ts';

/**
 * Who asks; the columns of the matrix. Site 1 is "here", site 2 "there". A session token is of the row at site 1, but `by 2`: of the
 * row at 2 of somebody who is more (`admin by 2`) or less (`member by 2`) at site 1 than there. `console` is a session at the console of
 * an admin at 1 and moderator at 2, `platform` one of an admin of the platform's own site.
 */
export const actorNames = [
  'nobody',
  'anonymous',
  'member',
  'moderator',
  'editor',
  'admin',
  'admin@2',
  'admin by 2',
  'member by 2',
  'console',
  'platform',
  'token:member',
  'token:moderator',
  'token:editor',
  'token:admin',
] as const;
export type ActorName = (typeof actorNames)[number];

/** Whom or what it is about; the lines of the matrix, beside those that a route brings of its own. */
export const userTargets = [
  'own',
  'own, at 2',
  'member',
  'member, admin at 2',
  'member, member at 2',
  'withheld',
  'withheld, at 2',
  'moderator',
  'admin',
  'at 2',
  'of 2 via 1',
  'soft-deleted',
  'anonymized',
  'of a token',
  'gone',
] as const;
export type UserTarget = (typeof userTargets)[number];

export interface Target {
  readonly siteId: number;
  readonly userId: number;
  /** What only few may read of them. */
  readonly email: string;
}

/** The actors and those they act on, made when they are needed, and anew once they are used up. */
export interface Cast {
  readonly s: SentenceWorld;
  /** The header that the actor sends. */
  readonly credential: (actor: ActorName) => Promise<Record<string, string>>;
  /** Null where there is no such target for this actor. */
  readonly target: (actor: ActorName, target: UserTarget) => Promise<Target | null>;
  /** Somebody was anonymized, deleted or given another role: the next one to ask meets another. */
  readonly usedUp: (actor: ActorName, target: UserTarget) => Promise<void>;
}

/** With an OAuth client of its own. */
const platformSiteId = 11;
const here: Readonly<Partial<Record<ActorName, Readonly<Record<number, UserRole>>>>> = {
  anonymous: { 1: 'anonymous', 2: 'member' },
  member: { 1: 'member', 2: 'member' },
  moderator: { 1: 'moderator', 2: 'member' },
  editor: { 1: 'editor', 2: 'member' },
  admin: { 1: 'admin', 2: 'member' },
  'admin@2': { 2: 'admin' },
  'admin by 2': { 1: 'admin', 2: 'member' },
  'member by 2': { 1: 'member', 2: 'admin' },
  console: { 1: 'admin', 2: 'moderator' },
  platform: { 1: 'member', [platformSiteId]: 'admin' },
};
const atConsole: ReadonlySet<ActorName> = new Set<ActorName>(['console', 'platform']);
/** Whose token is of their row at site 2. */
const bySite2: ReadonlySet<ActorName> = new Set<ActorName>(['admin@2', 'admin by 2', 'member by 2']);
const tokens: Readonly<Partial<Record<ActorName, keyof typeof fixedTokens>>> = {
  'token:member': 'member',
  'token:moderator': 'moderator',
  'token:editor': 'editor',
  'token:admin': 'admin',
};
const others: Readonly<Partial<Record<UserTarget, Readonly<Record<number, UserRole>>>>> = {
  member: { 1: 'member' },
  'member, admin at 2': { 1: 'member', 2: 'admin' },
  'member, member at 2': { 1: 'member', 2: 'member' },
  withheld: { 1: 'member' },
  'withheld, at 2': { 1: 'member', 2: 'member' },
  moderator: { 1: 'moderator' },
  admin: { 1: 'admin' },
  'at 2': { 2: 'member' },
  'of 2 via 1': { 2: 'member' },
  'soft-deleted': { 1: 'member' },
  anonymized: { 1: 'member' },
};

export const castOf = async (): Promise<Cast> => {
  const s = await startSentences({ [platformSiteId]: {} }, { platformSiteId });
  const kept = <K>(people: Map<K, Promise<Somebody>>, name: K, make: () => Promise<Somebody>): Promise<Somebody> => {
    const made = people.get(name) ?? make();
    people.set(name, made);
    return made;
  };
  const actors = new Map<ActorName, Promise<Somebody>>();
  const actorOf = (name: ActorName): Promise<Somebody> => kept(actors, name, () => s.person({ at: here[name] ?? {} }));
  const targets = new Map<UserTarget, Promise<Somebody>>();
  const otherOf = (name: UserTarget): Promise<Somebody> =>
    kept(targets, name, async () => {
      const other = await s.person({ at: others[name] ?? {} });
      const userId = other.at[1] ?? 0;
      // Added by an address that the OAuth server knew, and never logged in here.
      if (name.startsWith('withheld')) await s.touch('users', userId, { profileWithheld: true });
      if (name === 'soft-deleted') await s.touch('users', userId, { deletedAt: new Date() });
      if (name === 'anonymized') await s.put('admin', `/api/site/1/user/${userId}/do-anonymizeall`);
      return other;
    });
  const at = ({ at: rows, email }: Somebody, siteId: number, path = siteId): Target | null => {
    const userId = rows[siteId];
    return userId === undefined ? null : { siteId: path, userId, email };
  };
  return {
    s,
    credential: async (name) => {
      if (name === 'nobody') return {};
      const token = tokens[name];
      if (token !== undefined) return { 'x-authorization': `fixed-${token}` };
      const { id: personId, at: rows } = await actorOf(name);
      if (atConsole.has(name)) return consoleHeaders(s.world.container, { personId, userId: rows[1] ?? 0 });
      return { 'x-authorization': `Bearer ${await s.world.token((bySite2.has(name) ? rows[2] : rows[1]) ?? 0)}` };
    },
    target: async (actor, target) => {
      if (target === 'gone') return { siteId: 1, userId: 99_999_999, email: 'nobody@nowhere' };
      if (target === 'of a token') return { siteId: 1, userId: fixedTokens.member, email: emailOf('member') };
      if (target === 'own' || target === 'own, at 2') {
        const token = tokens[actor];
        if (token !== undefined)
          return target === 'own' ? { siteId: 1, userId: fixedTokens[token], email: emailOf(token) } : null;
        if (actor === 'nobody') return null;
        return at(await actorOf(actor), target === 'own' && actor !== 'admin@2' ? 1 : 2);
      }
      const other = await otherOf(target);
      return target === 'of 2 via 1' ? at(other, 2, 1) : (at(other, 1) ?? at(other, 2));
    },
    usedUp: async (actor, target) => {
      const token = target === 'of a token' ? 'member' : target === 'own' ? tokens[actor] : undefined;
      // The configuration names them: nobody else can take their place.
      if (token !== undefined) await s.touch('users', fixedTokens[token], asBefore(token));
      else if (target === 'own' || target === 'own, at 2') actors.delete(actor);
      else targets.delete(target);
    },
  };
};

const emailOf = (token: keyof typeof fixedTokens): string => `fixed${fixedTokens[token]}@example.org`;
const asBefore = (token: keyof typeof fixedTokens): object => ({
  role: token,
  email: emailOf(token),
  detailsViewableByRole: null,
});
