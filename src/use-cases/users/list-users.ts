import { roleAt, atLeast } from '../../domain/actor.ts';
import { Fault } from '../../domain/fault.ts';
import { positionIn, cursorText } from '../../domain/json.ts';
import { leadingWords, namesIds, namingAt } from '../../domain/users/user-visibility.ts';
import { seesUsersOf } from '../../domain/users/user-rules.ts';
import { areLarge, type User } from '../../domain/users/user.ts';
import type { Ports } from '../../ports/index.ts';
import type { ListQuery, Position } from '../../ports/user-store.ts';
import type { ActorNowNeeds } from '../actor-now.ts';
import { atOnce, foreignCursor } from '../commands.ts';
import type { ListedPage, ListPageCommand, ListSelection, StreamedPage } from './commands.ts';
import { mustStillCountAndBeShown, mustStillBeShownBySites } from '../still-shown.ts';

type Needs = Pick<Ports, 'users' | 'secrets'>;
type StreamNeeds = Needs & ActorNowNeeds & Pick<Ports, 'sites'>;
/** Rows a statement: what reading them takes is a piece of work for the event loop that nothing can cut in two. */
const batchSize = 50;
/** So many rows a page has unless more are wanted, and so many of a larger one are held at a time. */
const ordinaryPage = 20;
/** No index has this order, or knows this condition: who comes next costs a walk through the site, so it is asked of many at a time. */
const searchedAtOnce = 500;

/** Below moderator a search that would look at more rows than this is refused: everybody may ask. Source: docs/adr/0014. */
const maxLookedAt = 2000;
/** Up to this many it counts as cheap. */
const fewLookedAt = 300;
/** Counting how many bear a word stops here. */
const maxCounted = 20_000;
/** A page that begins before this row is cheap. */
const nearOffset = 1000;

/**
 * One page, by number (with the exact total) or by cursor (at the cost of the first page, without). At most two statements, a third
 * before a search, and one more for who waited. Faults: `malformed-request` for a search that would look at too many, those of `inTurn`, `busy` where it took too long.
 */
export const listPage =
  (ports: StreamNeeds) =>
  async (command: ListPageCommand): Promise<ListedPage> => {
    const { users, secrets } = ports;
    const { query, after } = await preparedQuery({ users, secrets }, command);
    const read = (wanted: ListQuery) => users.list(wanted);
    const { found, totalCount } = await onePage(ports, command, query, { read, areLarge, after });
    const page = found.slice(0, command.pageSize);
    const last = page.at(-1);
    return {
      users: page,
      totalCount,
      cursor:
        last === undefined || found.length <= command.pageSize
          ? null
          : cursorBehind(secrets, query, users.positionOf(last, query)),
    };
  };

/**
 * A page that is large: who is on it is read at once, and their rows as they are asked for. A site may fill each row with
 * over a hundred kB, and a thousand of them would be held until the slowest has read them. Who has gone meanwhile is left out. The
 * actor is asked about again before each batch but the first (and where that waited), and what the site shows before each: Faults `unauthenticated` and `busy`
 * in the middle.
 */
export const streamPage =
  (ports: StreamNeeds) =>
  async (command: ListPageCommand): Promise<StreamedPage> => {
    const { users, secrets } = ports;
    const { query, after } = await preparedQuery({ users, secrets }, command);
    const read = (wanted: ListQuery) => users.positionsIn(wanted);
    const { found, totalCount } = await onePage(ports, command, query, { read, areLarge: none, after });
    const listed = found.slice(0, command.pageSize);
    const last = listed.at(-1);
    return {
      totalCount,
      cursor: last === undefined || found.length <= command.pageSize ? null : cursorBehind(secrets, query, last),
      batches: batchesOf(ports, command, query, { listed, hasBegun: false }),
    };
  };

/** What a page asks, and where it begins. A cursor of another list is refused before anything is counted. */
const preparedQuery = async (
  { users, secrets }: Needs,
  command: ListPageCommand,
): Promise<{ readonly query: FoundQuery; readonly after: Position | null }> => {
  const query = listQuery(command, command.pageSize + 1);
  const after = command.cursor === undefined ? null : positionAt(secrets, query, command.cursor);
  return { query: await led(users, query), after };
};

const batchesOf = async function* (
  ports: StreamNeeds,
  { actor, site, inTurn = atOnce }: ListSelection,
  query: ListQuery,
  { listed, hasBegun }: { readonly listed: readonly Position[]; readonly hasBegun: boolean },
): AsyncGenerator<readonly User[]> {
  for (let at = 0; at < listed.length; at += ordinaryPage) {
    // Once it is let in, it is not refused in the middle of an answer.
    const patient = hasBegun || at > 0;
    const ids = listed.slice(at, at + ordinaryPage).map(({ id }) => id);
    const read = async (hasWaited = false): Promise<readonly User[]> => {
      await (patient || hasWaited ? mustStillCountAndBeShown : mustStillBeShownBySites)(ports, actor, [site]);
      return rowsOf(ports.users, query, ids);
    };
    const batch = await inTurn(read, { isCheap: true, patient, isLarge: areLarge });
    if (batch.length > 0) yield batch;
  }
};

/**
 * Of whoever still is what was asked for: they may have changed since who is listed was read, as long as the reader takes. Else the
 * name of a filter would be told of somebody who was anonymized meanwhile.
 */
const rowsOf = (users: Needs['users'], query: ListQuery, ids: readonly number[]): Promise<readonly User[]> => {
  const { siteId, actor, role, onlyOwn, conditions, search, sort } = query;
  return users.list({
    ...{ siteId, actor, role, sort, limit: ids.length },
    ...(onlyOwn === undefined ? {} : { onlyOwn }),
    ...(search === undefined ? {} : { search }),
    conditions: [...conditions, { field: 'id', is: 'one-of', values: ids }],
  });
};

/**
 * Everybody, batch by batch, as they are asked for: memory stays flat whatever the size of the site, and little is held for who does
 * not read. Where an index leads to them, rows are walked; else who comes next, and then their rows. Faults as `streamPage`.
 */
export const streamUsers = (ports: StreamNeeds) =>
  async function* (command: ListSelection): AsyncGenerator<readonly User[]> {
    const { users } = ports;
    const { actor, site, sort, conditions, words } = command;
    const isIndexed = sort.field === 'id' && conditions.length === 0 && words.length === 0;
    const query = await led(users, listQuery(command, isIndexed ? batchSize : searchedAtOnce));
    const next = <T>(read: Read<T>, after: Position | undefined, areLarge: (found: readonly T[]) => boolean) => {
      const patient = after !== undefined;
      const behind = async (limited: ListQuery): Promise<readonly T[]> => {
        await (patient ? mustStillCountAndBeShown : mustStillBeShownBySites)(ports, actor, [site]);
        return read({ ...limited, ...(after === undefined ? {} : { after }) });
      };
      return costing(ports, command, { query, offset: 0 }, behind, { isLarge: areLarge, patient });
    };
    let after: Position | undefined;
    do {
      const hasBegun = after !== undefined;
      if (isIndexed) {
        const batch = await next((wanted) => users.list(wanted), after, areLarge);
        if (batch.length > 0) yield batch;
        const last = batch.length < query.limit ? undefined : batch.at(-1);
        after = last === undefined ? undefined : users.positionOf(last, query);
      } else {
        const listed = await next((wanted) => users.positionsIn(wanted), after, none);
        yield* batchesOf(ports, command, query, { listed, hasBegun });
        after = listed.length < query.limit ? undefined : listed.at(-1);
      }
    } while (after !== undefined);
  };

const listQuery = ({ actor, site, conditions, words, sort }: ListSelection, limit: number): FoundQuery => ({
  siteId: site.id,
  actor,
  role: roleAt(actor, site.id),
  ...(seesUsersOf(actor, site) ? {} : { onlyOwn: true }),
  conditions,
  ...(words.length === 0 ? {} : { search: { words, naming: namingAt(site.config) } }),
  sort,
  limit,
});

/** How many rows a search looks at, where that is known to be few. */
type FoundQuery = ListQuery & { readonly looksAt?: number };

/** Led by the word that fewest bear. Below moderator, one that leads to too many is refused, whoever of them may be seen. */
const led = async (users: Needs['users'], query: FoundQuery): Promise<FoundQuery> => {
  const { search, siteId, role } = query;
  // Of people who are hidden nobody hears how many bear a word.
  if (search === undefined || query.onlyOwn === true) return query;
  const words = leadingWords(search);
  const counts = words.length === 0 ? [] : await users.countWords(siteId, words, maxCounted);
  const looksAt = words.length === 0 ? await users.countListed(query) : Math.min(...counts);
  if (looksAt > maxLookedAt && !atLeast(role, 'moderator')) throw tooManyBear();
  const lead = words[counts.indexOf(looksAt)];
  return { ...query, looksAt, ...(lead === undefined ? {} : { search: { ...search, lead } }) };
};

const tooManyBear = (): Fault<'malformed-request'> => {
  const detail = 'finds words of too many people here: write more of a word, or another word with it';
  return new Fault('malformed-request', { errors: [{ pointer: 'q', detail }] }, `q: ${detail}`);
};

/**
 * Every list passes one of two limits. Cheap: an index leads to the rows; places for twice as many. Costly: a filter, an order, a common
 * word, a far page; one at a time for each caller, and 15 s for moderators, 3 s for others.
 */
const costing = <T>(
  ports: StreamNeeds,
  { actor, site, inTurn = atOnce }: ListSelection,
  { query: { looksAt, ...query }, offset }: { readonly query: FoundQuery; readonly offset: number },
  read: (limited: ListQuery) => Promise<T>,
  options: { readonly isLarge: (result: T) => boolean; readonly patient?: boolean },
): Promise<T> => {
  const isCheap = !isCostly(query, looksAt, offset);
  const limited = isCheap ? query : { ...query, maxSeconds: atLeast(query.role, 'moderator') ? 15 : 3 };
  const stillRead = async (hasWaited = false): Promise<T> => {
    if (hasWaited && options.patient !== true) await mustStillCountAndBeShown(ports, actor, [site]);
    return read(limited);
  };
  return inTurn(stillRead, { ...options, isCheap });
};

const none = (): boolean => false;

const isCostly = ({ search, conditions, sort }: ListQuery, looksAt: number | undefined, offset: number): boolean => {
  if (search !== undefined) return looksAt === undefined || looksAt > fewLookedAt;
  // Few ids are looked up by themselves, in whatever order they are wanted.
  if (namesIds(conditions)) return false;
  return conditions.length > 0 || sort.field !== 'id' || offset > nearOffset;
};

type Read<T> = (query: ListQuery) => Promise<readonly T[]>;
interface PageReading<T> {
  readonly read: Read<T>;
  readonly areLarge: (found: readonly T[]) => boolean;
  /** null: by number. */
  readonly after: Position | null;
}
interface Found<T> {
  readonly found: readonly T[];
  readonly totalCount: number | null;
}

/** What is read of a page and of the first behind it, by number or behind a cursor. */
const onePage = <T>(
  ports: StreamNeeds,
  command: ListPageCommand,
  query: FoundQuery,
  { read, areLarge, after }: PageReading<T>,
): Promise<Found<T>> => {
  const options = { isLarge: ({ found }: Found<T>) => areLarge(found) };
  if (after !== null) {
    const behind = async (limited: ListQuery) => ({ found: await read({ ...limited, after }), totalCount: null });
    return costing<Found<T>>(ports, command, { query, offset: 0 }, behind, options);
  }
  const offset = command.page * command.pageSize;
  const byNumber = (limited: ListQuery) => pageByNumber(ports.users, limited, offset, read);
  return costing<Found<T>>(ports, command, { query, offset }, byNumber, options);
};

/** Counters say how many are listed. What a question finds is counted, unless its end is in sight. */
const pageByNumber = async <T>(
  users: Needs['users'],
  query: ListQuery,
  offset: number,
  read: Read<T>,
): Promise<Found<T>> => {
  const listing = read({ ...query, offset });
  if (query.conditions.length === 0 && query.search === undefined && query.onlyOwn !== true) {
    const [found, totalCount] = await Promise.all([listing, users.countListed(query)]);
    return { found, totalCount };
  }
  const found = await listing;
  const isEndInSight = found.length < query.limit && (found.length > 0 || offset === 0);
  return { found, totalCount: isEndInSight ? offset + found.length : await users.count(query) };
};

const boundTo = ({ siteId, role, sort, conditions, search }: ListQuery): string =>
  JSON.stringify([siteId, role, sort, conditions, ...(search === undefined ? [] : [search.words])]);

const cursorBehind = (secrets: Ports['secrets'], query: ListQuery, { value, id }: Position): string =>
  secrets.seal('cursor', cursorText(boundTo(query), [value, id]));

const positionAt = (secrets: Ports['secrets'], query: ListQuery, cursor: string): Position => {
  const position = positionIn(secrets.open('cursor', cursor), boundTo(query));
  if (position === null) throw foreignCursor('sort, filter and q');
  const [value = null, id] = position;
  return { value, id: Number(id) };
};
