import { activityTypes } from '../../../src/activity-types/index.ts';
import { listedRow } from '../../../src/db/read-contributions.ts';
import { ownColumns } from '../../../src/db/rows/user-row.ts';
import type { Statement } from '../children/floor.ts';

/** What the floors select: the rows and columns that the API reads for the same answer, in the plainest way. */

const columns = ownColumns.texts.join('');

export const oneUser = (id: number): Statement => ({
  text: `SELECT ${columns} FROM users u WHERE u.id = ?`,
  values: [id],
});

/** A keyset page in order of ids. */
export const somePage = (siteId: number, after: number, size: number): Statement => ({
  text: `SELECT ${columns} FROM users u WHERE u.siteId = ? AND u.deletedAt IS NULL AND u.id > ? ORDER BY u.id LIMIT ${size}`,
  values: [siteId, after],
});

export const whoAreListedTo = (siteId: number, audience: 'all' | 'member', size: number): Statement => ({
  text: `SELECT ${columns} FROM users u WHERE u.siteId = ? AND u.listableByRole = ? AND u.deletedAt IS NULL ORDER BY u.id LIMIT ${size}`,
  values: [siteId, audience],
});

export const everybodyAt = (siteId: number): Statement => ({
  text: `SELECT ${columns} FROM users u WHERE u.siteId = ? AND u.deletedAt IS NULL ORDER BY u.id`,
  values: [siteId],
});

export const usersById = (ids: readonly number[]): Statement => ({
  text: `SELECT ${columns} FROM users u WHERE u.id IN (${ids.map(() => '?').join(', ')}) ORDER BY u.id`,
  values: ids,
});

/** All that one row contributed, and the row. */
export const contributionsOf = (userId: number): readonly Statement[] => [
  oneUser(userId),
  ...activityTypes.map((type) => ({
    text: `SELECT ${listedRow(type).columns.texts.join('')} FROM \`${type.table}\` t WHERE t.userId = ? AND t.deletedAt IS NULL`,
    values: [userId],
  })),
];

export const countsOf = (userId: number): readonly Statement[] =>
  activityTypes.map((type) => ({
    text: `SELECT COUNT(*) AS n FROM \`${type.table}\` t WHERE t.userId = ?`,
    values: [userId],
  }));
