import { roleAt } from '../../domain/actor.ts';
import { Fault } from '../../domain/fault.ts';
import { namingAt } from '../../domain/user-names.ts';
import type { User } from '../../domain/user.ts';
import type { Ports } from '../../ports/index.ts';
import type { ListQuery, Position } from '../../ports/user-store.ts';
import type { ListedPage, ListPageCommand, ListSelection } from './commands.ts';

type Needs = Pick<Ports, 'users' | 'secrets'>;
/** Rows a statement: what reading them takes is a piece of work for the event loop that nothing can cut in two. */
const batchSize = 50;
/** No index has this order, or knows this condition: each statement goes through the site again, so there are to be fewer. */
const searchedBatchSize = 500;

/** One page, by number (with the exact total) or by cursor (at the cost of the first page, without). At most two statements. */
export const listPage =
  ({ users, secrets }: Needs) =>
  async (command: ListPageCommand): Promise<ListedPage> => {
    const query = queryOf(command, command.pageSize + 1);
    const at = command.cursor === undefined ? undefined : unsealed(secrets, query, command.cursor);
    const { found, totalCount } =
      at === undefined
        ? await numbered(users, query, command.page * command.pageSize)
        : { found: await users.list({ ...query, after: at }), totalCount: null };
    const page = found.slice(0, command.pageSize);
    const last = page.at(-1);
    return {
      users: page,
      totalCount,
      cursor:
        last === undefined || found.length <= command.pageSize
          ? null
          : sealed(secrets, query, users.positionOf(last, query)),
    };
  };

/** Everybody, batch by batch, as they are asked for: memory stays flat whatever the size of the site. */
export const streamUsers = ({ users }: Needs) =>
  async function* (command: ListSelection): AsyncGenerator<readonly User[]> {
    const { sort, conditions, words } = command;
    const isIndexed = sort.field === 'id' && conditions.length === 0 && words.length === 0;
    const query = queryOf(command, isIndexed ? batchSize : searchedBatchSize);
    let after: Position | undefined;
    for (;;) {
      const batch: readonly User[] = await users.list(after === undefined ? query : { ...query, after });
      if (batch.length > 0) yield batch;
      const last = batch.at(-1);
      if (last === undefined || batch.length < query.limit) return;
      after = users.positionOf(last, query);
    }
  };

const queryOf = ({ actor, site, conditions, words, sort }: ListSelection, limit: number): ListQuery => ({
  siteId: site.id,
  actor,
  role: roleAt(actor, site.id),
  conditions,
  ...(words.length === 0 ? {} : { search: { words, naming: namingAt(site.config) } }),
  sort,
  limit,
});

/** Counters say how many are listed. What a question finds is counted, unless its end is in sight. */
const numbered = async (
  users: Needs['users'],
  query: ListQuery,
  offset: number,
): Promise<{ readonly found: readonly User[]; readonly totalCount: number }> => {
  const listing = users.list({ ...query, offset });
  if (query.conditions.length === 0 && query.search === undefined) {
    const [found, totalCount] = await Promise.all([listing, users.countListed(query)]);
    return { found, totalCount };
  }
  const found = await listing;
  const isEndInSight = found.length < query.limit && (found.length > 0 || offset === 0);
  return { found, totalCount: isEndInSight ? offset + found.length : await users.count(query) };
};

/** What a cursor is good for: another site, role, order, filter or search would walk another list. */
const boundTo = ({ siteId, role, sort, conditions, search }: ListQuery): string =>
  JSON.stringify([siteId, role, sort, conditions, ...(search === undefined ? [] : [search.words])]);

const sealed = (secrets: Needs['secrets'], query: ListQuery, position: Position): string =>
  secrets.seal('cursor', JSON.stringify([boundTo(query), position.value, position.id]));

const unsealed = (secrets: Needs['secrets'], query: ListQuery, cursor: string): Position => {
  const opened = secrets.open('cursor', cursor);
  // What opens was sealed by us, so its form is known.
  const [bound, value, id] = opened === null ? [] : (JSON.parse(opened) as [string, Position['value'], number]);
  if (bound !== boundTo(query) || value === undefined || id === undefined) {
    throw new Fault('malformed-request', {
      errors: [
        {
          pointer: 'cursor',
          detail: 'is not a cursor of this list: take it from metadata.cursor, with the same sort, filter and q',
        },
      ],
    });
  }
  return { value, id };
};
