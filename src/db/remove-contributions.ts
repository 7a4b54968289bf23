import { activityTypes } from '../activity-types/index.ts';
import type { ActivityType } from '../activity-types/definition.ts';
import type { Database } from './database.ts';
import { numberOf } from './rows/values.ts';
import { listOf, raw, sql } from './sql.ts';

/** A statement names at most so many ideas; an author of more gets several statements. */
const chunkSize = 1024;

/**
 * Removes all that these user rows contributed, and what others put on their ideas, in the order that the foreign keys need:
 * first what belongs to ideas, then the rest. Replies by others lose `parentId` (ON DELETE SET NULL).
 */
export const removeContributions = async (
  { select, change, dialect }: Database,
  userIds: readonly number[],
): Promise<void> => {
  if (userIds.length === 0) return;
  const found = await select(
    sql`SELECT id FROM ideas WHERE userId IN ${listOf(userIds)} ORDER BY id${raw(dialect.forUpdate)}`,
  );
  const ideaIds = found.map((row) => numberOf(row['id']) ?? 0);
  for (const type of onIdeasFirst) {
    await change(sql`DELETE FROM ${table(type)} WHERE userId IN ${listOf(userIds)}`);
    if (type.belongsTo !== 'idea') continue;
    for (const ids of chunks(ideaIds)) await change(sql`DELETE FROM ${table(type)} WHERE ideaId IN ${listOf(ids)}`);
  }
};

const onIdeasFirst: readonly ActivityType[] = [
  ...activityTypes.filter((type) => type.belongsTo === 'idea'),
  ...activityTypes.filter((type) => type.belongsTo === 'site'),
];

const table = (type: ActivityType): ReturnType<typeof raw> => raw(`\`${type.table}\``);

const chunks = (ids: readonly number[]): readonly (readonly number[])[] =>
  Array.from({ length: Math.ceil(ids.length / chunkSize) }, (_, index) =>
    ids.slice(index * chunkSize, (index + 1) * chunkSize),
  );
