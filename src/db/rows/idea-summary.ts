import type { IdeaSummary } from '../../ports/activity-store.ts';
import type { RawRow } from '../database.ts';
import { raw, type Sql } from '../sql.ts';
import { numberOf, textOf } from './values.ts';

/** Of `ideas i`, under names of their own. */
export const ideaColumns: Sql = raw(
  ['id', 'title', 'siteId', 'status', 'viewableByRole'].map((name) => `i.\`${name}\` AS \`idea_${name}\``).join(', '),
);

export const ideaOf = (row: RawRow): IdeaSummary | null => {
  const id = numberOf(row['idea_id']);
  if (id === null) return null;
  return {
    id,
    title: textOf(row['idea_title']) ?? '',
    siteId: numberOf(row['idea_siteId']),
    status: textOf(row['idea_status']) ?? '',
    viewableByRole: textOf(row['idea_viewableByRole']),
  };
};
