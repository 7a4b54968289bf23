import type { User } from '../../src/domain/users/user.ts';
import type { ListQuery, Sort, UserStore } from '../../src/ports/user-store.ts';
import { anActor } from '../support/builders.ts';

export const idsOf = (users: readonly User[]): readonly number[] => users.map(({ id }) => id);

export const adminQuery = (siteId: number, said: Partial<ListQuery> = {}): ListQuery => ({
  siteId,
  actor: anActor({ userId: 0, reach: { kind: 'everywhere', role: 'admin' } }),
  role: 'admin',
  conditions: [],
  sort: { field: 'id', direction: 'ASC' } satisfies Sort,
  limit: 100,
  ...said,
});

export const walk = async (users: UserStore, query: ListQuery): Promise<readonly User[]> => {
  const page = await users.list(query);
  const last = page.at(-1);
  if (last === undefined) return [];
  // Through JSON, as a cursor goes.
  const after = JSON.parse(JSON.stringify(users.positionOf(last, query))) as ListQuery['after'];
  return [...page, ...(await walk(users, { ...query, ...(after === undefined ? {} : { after }) }))];
};
