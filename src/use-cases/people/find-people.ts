import { isAboveMember, isModeratorEverywhere, type Actor } from '../../domain/actor.ts';
import {
  isListedIn,
  joins,
  peopleOf,
  showsAddress,
  sightOf,
  type Group,
  type SeenRow,
  type Sight,
} from '../../domain/people/sight.ts';
import { positionIn, cursorText } from '../../domain/json.ts';
import { refuse } from '../../domain/refusals.ts';
import { defaultIssuerOf, oauthClientOf, type GlobalOauthClient } from '../../domain/sites/oauth-client.ts';
import type { Site } from '../../domain/sites/site.ts';
import { wordsOfAddress } from '../../domain/users/personal-text.ts';
import { mayView } from '../../domain/users/user-visibility.ts';
import type { EntryRow } from '../../domain/users/user.ts';
import type { Candidate, FewPeople, SearchAsked, WordPosition } from '../../ports/people.ts';
import type { Ports } from '../../ports/index.ts';
import { actorNow, type ActorNowNeeds } from '../actor-now.ts';
import { atOnce, foreignCursor, type InTurn } from '../commands.ts';

export type PeopleQuestion =
  | { readonly by: 'words'; readonly words: readonly string[] }
  | { readonly by: 'address'; readonly address: string }
  | { readonly by: 'external-id'; readonly externalId: string };

export interface FindPeopleCommand {
  readonly actor: Actor;
  readonly question: PeopleQuestion;
  readonly pageSize: number;
  /** From 0, with a total; or behind a cursor, null: from the beginning. */
  readonly part: { readonly page: number } | { readonly cursor: string | null };
  readonly inTurn?: InTurn;
}
export interface FoundPeople {
  /** As whom it was looked: who asked, as they stood when it was their turn. */
  readonly actor: Actor;
  readonly people: readonly Group<EntryRow>[];
  readonly sight: Sight;
  /** null: by cursor, and where more are found than are counted. */
  readonly totalCount: number | null;
  /** Where it goes on; null at the end. A page may be short, and have one. */
  readonly cursor: string | null;
}
type Needs = Pick<Ports, 'peopleSearch' | 'sites' | 'secrets' | 'settings'> & ActorNowNeeds;

/** Entries of words that one call looks at: what they are may be seen nowhere, so that only their number is told. Source: SECURITY.md. */
export const maxLookedAt = 10_000;
/**
 * At a time: first so many times the page, as entries of one person are one in it, then four times as many each time, up to a bound. A page
 * costs what is on it, whatever the city; and the embedded database lets nobody else go on meanwhile.
 */
const [firstPages, largestChunk] = [4, 2000] as const;
/** Of a page by number: so many pages are counted, where the one that is asked for ends before. */
const countedPages = 2;
/** Which word leads is asked of so few entries first, and of more only where each word has as many. */
const firstCounted = 200;
const maxSeconds = 15;
/** So many people are read at a time: as many of whom an entry is made, and of whom an address is compared. */
const [entriesAtOnce, addressesAtOnce] = [20, 200] as const;

/** Whoever is moderator or above at a site, or everywhere. */
export const mustBeModeratorSomewhere = (actor: Actor): void => {
  if (!isAboveMember(actor) && !isModeratorEverywhere(actor)) refuse(actor, 'moderator-of-a-site-needed');
};

/**
 * People with listed rows at the sites where the actor is moderator or above, by words, address or external id; nothing of anywhere else has a
 * say in it. Three statements for twenty people, one for each further twenty, up to eight more where many bear the words and few are found,
 * one for each 200 who bear the words of an address, and one more for who waited: no row is read with what its site filled it with. Faults: `forbidden`, `unauthenticated`, `malformed-request` for a cursor of another
 * list, those of `inTurn`, `busy`. Source: people.md §1.
 */
export const findPeople =
  (ports: Needs) =>
  async ({ inTurn = atOnce, ...command }: FindPeopleCommand): Promise<FoundPeople> => {
    const before = await prepared(ports, command);
    return inTurn(async (hasWaited) => {
      const now =
        hasWaited === true
          ? await prepared(ports, { ...command, actor: await actorNow(ports, command.actor) })
          : before;
      const { looking, bound, after } = now;
      const { question } = looking;
      return question.by === 'external-id'
        ? byExternalId(ports, looking, question.externalId)
        : bySearch(ports, { ...looking, bound, after }, question);
    });
  };

/** With whose eyes it is looked, and from where on. Faults: `forbidden`, `malformed-request`. */
const prepared = async (
  ports: Needs,
  command: Omit<FindPeopleCommand, 'inTurn'>,
): Promise<{ readonly looking: Looking; readonly bound: string; readonly after: WordPosition | null }> => {
  mustBeModeratorSomewhere(command.actor);
  const looking = { ...command, sight: sightOf(command.actor, await ports.sites.all()) };
  const bound = boundTo(ports, looking);
  const cursor = 'cursor' in command.part ? command.part.cursor : null;
  return { looking, bound, after: cursor === null ? null : positionAt(ports, bound, cursor) };
};

interface Looking extends Pick<FindPeopleCommand, 'actor' | 'question' | 'pageSize' | 'part'> {
  readonly sight: Sight;
}
interface Searching extends Looking {
  readonly bound: string;
  readonly after: WordPosition | null;
}

const bySearch = async (
  ports: Needs,
  searching: Searching,
  question: Exclude<PeopleQuestion, { by: 'external-id' }>,
): Promise<FoundPeople> => {
  const { actor, sight, part, pageSize, bound } = searching;
  const isNumbered = 'page' in part;
  const offset = isNumbered ? part.page * pageSize : 0;
  // One more than is told of. By people, not by entries: how many hidden ones stand among these moves no total.
  const counted = isNumbered ? Math.max(offset + pageSize, countedPages * pageSize) : pageSize;
  const walked = await walk(ports, searching, question, counted + 1);
  const page = walked.found.slice(offset, offset + pageSize);
  const people = await entriesOf(ports, searching, page);
  const hasMore = walked.found.length > offset + pageSize;
  const goesOn = hasMore ? (page.at(-1) ?? null) : walked.end;
  return {
    ...{ actor, people, sight },
    totalCount: isNumbered && walked.end === null && walked.found.length <= counted ? walked.found.length : null,
    cursor: goesOn === null ? null : cursorBehind(ports, bound, goesOn),
  };
};

/** Who is found, in order, until there are enough; `end`: where it was broken off, null at the very end. */
interface Walked {
  readonly found: readonly Candidate[];
  readonly end: WordPosition | null;
}

const walk = async (
  ports: Needs,
  searching: Searching,
  question: Exclude<PeopleQuestion, { by: 'external-id' }>,
  enough: number,
): Promise<Walked> => {
  const { sight } = searching;
  const asked = await ledBy(ports, sight, question);
  if (asked === null) return { found: [], end: null };
  const found: Candidate[] = [];
  let after = searching.after;
  let size = firstPages * searching.pageSize;
  for (let looked = 0; looked < maxLookedAt; size = Math.min(4 * size, largestChunk)) {
    const limit = Math.min(size, maxLookedAt - looked);
    const chunk = await ports.peopleSearch.candidates(searching, asked, { after, limit, maxSeconds });
    looked += chunk.length;
    const first = chunk.filter(({ isFirst }) => isFirst);
    found.push(...(question.by === 'address' ? await withAddress(ports, searching, question.address, first) : first));
    after = chunk.at(-1) ?? after;
    if (chunk.length < limit) return { found, end: null };
    if (found.length >= enough) break;
  }
  return { found, end: after };
};

/** What is asked, led by the word that fewest bear; null where an address has no word, and so is nobody's. */
const ledBy = async (
  { peopleSearch }: Needs,
  sight: Sight,
  question: Exclude<PeopleQuestion, { by: 'external-id' }>,
): Promise<SearchAsked | null> => {
  const isWhole = question.by === 'address';
  const words = isWhole ? wordsOfAddress(question.address) : question.words;
  const [only, second] = words;
  if (only === undefined) return null;
  if (second === undefined) return { words, lead: only, isWhole };
  const led = async (most: number): Promise<{ readonly lead: string; readonly isBelow: boolean }> => {
    const counts = await peopleSearch.countWords(sight, { words, isWhole }, most);
    const fewest = Math.min(...counts);
    return { lead: words[counts.indexOf(fewest)] ?? only, isBelow: fewest < most };
  };
  const quickly = await led(firstCounted);
  const { lead } = quickly.isBelow ? quickly : await led(maxLookedAt);
  return { words, lead, isWhole };
};

/** Of those who bear all words of an address, who has it. */
const withAddress = async (
  { peopleSearch }: Needs,
  looking: Looking,
  address: string,
  candidates: readonly Candidate[],
): Promise<readonly Candidate[]> => {
  const { sight, actor } = looking;
  const found: Candidate[] = [];
  for (let at = 0; at < candidates.length; at += addressesAtOnce) {
    const some = candidates.slice(at, at + addressesAtOnce);
    const rowsOf = listedRows(looking, await peopleSearch.addressesOf(sight, idsOf(some)));
    found.push(...some.filter((one) => rowsOf(one)?.some((row) => showsAddress(sight, actor, row, address))));
  }
  return found;
};

type Chosen = Pick<Candidate, 'userId' | 'personId'>;

/** The listed rows of each of some people; nothing of whom has gone since. */
const entriesOf = async (
  { peopleSearch }: Needs,
  looking: Looking,
  chosen: readonly Chosen[],
): Promise<readonly Group<EntryRow>[]> => {
  const entries: Group<EntryRow>[] = [];
  for (let at = 0; at < chosen.length; at += entriesAtOnce) {
    const some = chosen.slice(at, at + entriesAtOnce);
    const rowsOf = listedRows(looking, await peopleSearch.rowsOf(looking.sight, idsOf(some)));
    entries.push(...some.flatMap((one) => [rowsOf(one)].filter((group) => group !== null)));
  }
  return entries;
};

const idsOf = (chosen: readonly Chosen[]): FewPeople => ({
  personIds: chosen.flatMap(({ personId }) => personId ?? []),
  ids: chosen.flatMap(({ personId, userId }) => (personId === null ? [userId] : [])),
});

const listedRows = <R extends SeenRow>(
  { actor, sight }: Looking,
  rows: readonly R[],
): ((one: Chosen) => Group<R> | null) => {
  const listed = rows.filter((row) => row.anonymizedAt === null && isListedIn(sight, actor, row));
  const groups = new Map(
    peopleOf(listed, sight, actor).map((group) => [nameOf(joinsBy(sight, actor, group), group[0].id), group] as const),
  );
  return ({ personId, userId }) => groups.get(nameOf(personId, userId)) ?? null;
};
const joinsBy = (sight: Sight, actor: Actor, [row]: Group<SeenRow>): number | null =>
  joins(sight, actor, row) ? row.personId : null;
const nameOf = (personId: number | null, userId: number): string =>
  personId === null ? `row ${userId}` : `person ${personId}`;

/** People whose id is told to this actor: by rows at sites where they are admin, at which the person has been. */
const byExternalId = async (ports: Needs, looking: Looking, externalId: string): Promise<FoundPeople> => {
  const { actor, sight, part, pageSize } = looking;
  const asAdmin = { ...sight, seen: new Map([...sight.seen].filter(([, { role }]) => role === 'admin')) };
  const issuers = issuersOf(
    [...asAdmin.seen.values()].map(({ site }) => site),
    ports.settings.globalOauthClient,
  );
  const named = (await ports.peopleSearch.byExternalId(asAdmin, issuers, externalId)).filter((row) => {
    const site = asAdmin.seen.get(row.siteId ?? 0)?.site;
    return site !== undefined && !row.profileWithheld && mayView(actor, 'externalUserId', row, site);
  });
  const listed = named.filter((row) => row.anonymizedAt === null && isListedIn(sight, actor, row));
  const people = peopleOf(listed, sight, actor).map((group) => ({
    userId: group[0].id,
    personId: joinsBy(sight, actor, group),
  }));
  const offset = 'page' in part ? part.page * pageSize : 0;
  return {
    ...{ actor, sight },
    people: await entriesOf(ports, looking, people.slice(offset, offset + pageSize)),
    totalCount: people.length,
    cursor: null,
  };
};

const issuersOf = (sites: readonly Site[], globals: GlobalOauthClient): readonly string[] => {
  const all = sites.flatMap((site) => [
    defaultIssuerOf(site.config, globals?.issuer ?? null),
    ...[...site.config.oauth.keys()].map((provider) => oauthClientOf(site, provider, globals)?.issuer ?? null),
  ]);
  return [...new Set(all)].filter((issuer) => issuer !== null);
};

/** The list that a cursor belongs to: with another question, or with other eyes, its position would be one in another list. */
const boundTo = ({ secrets }: Needs, { sight: { reach, seen }, question }: Looking): string => {
  const rolesAt = [...seen].map(([id, { role }]) => [id, role] as const);
  return secrets.fingerprint('people list', JSON.stringify([question, reach === 'sites' ? rolesAt : rolesAt[0]?.[1]]));
};

/** Of one length, whatever stands in it: it may be the position of somebody who is not shown. */
const cursorBehind = ({ secrets }: Needs, bound: string, { word, userId }: WordPosition): string =>
  secrets.seal('people', cursorText(bound, [word, userId], cursorBytes));
/** A word has 64 characters at most. */
const cursorBytes = 400;

const positionAt = ({ secrets }: Needs, bound: string, cursor: string): WordPosition => {
  const position = positionIn(secrets.open('people', cursor), bound);
  if (position === null) throw foreignCursor('question');
  const [word, userId] = position;
  return { word: typeof word === 'string' ? word : '', userId: Number(userId) };
};
