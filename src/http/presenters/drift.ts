import type { Drift } from '../../use-cases/person-sync/commands.ts';
import type { Answer } from '../answer.ts';
import { withQuery, type Query } from '../requests/query.ts';

interface Place {
  readonly page: number;
  readonly pageSize: number;
  readonly path: string;
  readonly rawQuery: Query;
}

/** One page of what was found, after a summary: ids and names of fields, no value of anybody. */
export const driftAnswer = (
  { page, pageSize, path, rawQuery }: Place,
  { counts, sweep, found, totalCount }: Drift,
): Answer => {
  const pageCount = Math.ceil(totalCount / pageSize);
  const last = Math.max(0, pageCount - 1);
  const link = (to: number): string => withQuery(path, rawQuery, { page: to });
  return {
    status: 200,
    body: {
      metadata: {
        page,
        pageSize,
        pageCount,
        totalCount,
        links: {
          self: link(page),
          first: link(0),
          last: link(last),
          ...(page > 0 ? { previous: link(Math.min(page - 1, last)) } : {}),
          ...(page < last ? { next: link(page + 1) } : {}),
        },
      },
      summary: { people: counts.people, ...counts.byKind, oldestFetchedAt: counts.oldestFetchedAt },
      sweep,
      records: found,
    },
  };
};
