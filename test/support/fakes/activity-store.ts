import { activityTypes } from '../../../src/activity-types/index.ts';
import { personalColumns, type ActivityRow, type ActivityType } from '../../../src/activity-types/definition.ts';
import type {
  ActivityStore,
  Contribution,
  IdeaSummary,
  Measured,
  ReadingBounds,
} from '../../../src/ports/activity-store.ts';
import type { FakeDatabase, State } from './state.ts';

export const fakeActivityStore = (database: FakeDatabase): ActivityStore => ({
  contributions: async (type, userIds, bounds) =>
    measured(
      type,
      rowsBy(database.state, type, userIds).filter((row) => row.deletedAt === null),
      bounds,
    ).map(({ one, bytes }) => ({ one: contributionOf(database.state, type, one), bytes })),
  contributionsOf: async (type, ids) =>
    tableOf(database.state, type)
      .filter((row) => row.deletedAt === null && ids.includes(row.id))
      .map((row) => contributionOf(database.state, type, row)),
  inOrder: async (types, userIds) =>
    types
      .flatMap((type) =>
        rowsBy(database.state, type, userIds)
          .filter((row) => row.deletedAt === null)
          .map((row) => ({ type, row })),
      )
      .sort((one, other) => other.row.createdAt.getTime() - one.row.createdAt.getTime())
      .map(({ type, row }) => ({ type, id: row.id, bytes: bytesOf(type, row) })),
  size: async (userIds, limit) => {
    const found = activityTypes.flatMap((type) =>
      rowsBy(database.state, type, userIds)
        .slice(0, limit)
        .map((row) => bytesOf(type, row)),
    );
    return { count: found.length, bytes: found.reduce((sum, bytes) => sum + bytes, 0) };
  },
  rows: async (type, userIds, _reading, bounds) => measured(type, rowsBy(database.state, type, userIds), bounds),
  firstOf: async (type, userIds, limit) =>
    [...rowsBy(database.state, type, userIds)]
      .filter((row) => row.deletedAt === null)
      .sort((one, other) => one.id - other.id)
      .slice(0, limit)
      .map((row) => ({
        id: row.id,
        userId: row.userId,
        title: typeof row['title'] === 'string' ? row['title'] : null,
        idea: contributionOf(database.state, type, row).idea,
      })),
  page: async (type, userIds, after, { limit }) =>
    [...rowsBy(database.state, type, userIds)]
      .filter((row) => row.id > after)
      .sort((one, other) => one.id - other.id)
      .slice(0, limit),
  counts: async (asked, seen) =>
    asked.flatMap(({ type, userIds }) =>
      [...new Set(userIds)].flatMap((userId) => {
        const own = rowsBy(database.state, type, [userId]).filter(
          (row) => row.deletedAt === null && (seen === 'all' || isPublic(database.state, type, row)),
        );
        return own.length === 0 ? [] : [{ table: type.table, userId, n: own.length }];
      }),
    ),
  references: async function* (type, userIds) {
    yield [...rowsBy(database.state, type, userIds)]
      .sort((one, other) => one.id - other.id)
      .map((row) => ({
        id: row.id,
        userId: row.userId,
        isHidden: row.deletedAt !== null,
        hasPersonal: hasPersonal(type, row),
      }));
  },
  changeable: async (userIds, since) => [
    ...new Set(
      activityTypes
        .filter((type) => type.whenAnonymized({ votingIsActive: true }) !== 'keep')
        .flatMap((type) =>
          rowsBy(database.state, type, userIds).filter((row) => row.createdAt >= since || hasPersonal(type, row)),
        )
        .map(({ userId }) => userId),
    ),
  ],
  applyChangeSet: (type, { removeAllOf, removeHiddenOf, anonymizeOf, since = new Date(0) }) =>
    database.write((state) => {
      const goes = (row: ActivityRow): boolean =>
        row.createdAt >= since &&
        (removeAllOf.includes(row.userId) || (row.deletedAt !== null && removeHiddenOf.includes(row.userId)));
      const removed = tableOf(state, type).filter(goes);
      drop(state, type, removed);
      const anonymized = tableOf(state, type).filter(
        (row) => anonymizeOf.includes(row.userId) && hasPersonal(type, row),
      );
      const nothing = Object.fromEntries(personalColumns(type).map((column) => [column, null]));
      for (const row of anonymized) state.activities.get(type.table)?.set(row.id, { ...row, ...nothing });
      return { removed: removed.length, anonymized: anonymized.length };
    }),
  removeAllOf: (userIds) =>
    database.write((state) => {
      const ideas = new Set(rowsBy(state, typeNamed('idea'), userIds).map((row) => row.id));
      for (const type of activityTypes) {
        const onIdeas = (row: ActivityRow): boolean => type.belongsTo === 'idea' && ideas.has(Number(row['ideaId']));
        drop(
          state,
          type,
          tableOf(state, type).filter((row) => userIds.includes(row.userId) || onIdeas(row)),
        );
      }
      for (const reply of tableOf(state, typeNamed('argument'))) {
        if (!state.activities.get('arguments')?.has(Number(reply['parentId'])))
          state.activities.get('arguments')?.set(reply.id, { ...reply, parentId: null });
      }
    }),
});

const typeNamed = (name: 'idea' | 'argument'): ActivityType => {
  const type = activityTypes.find((one) => one.name === name);
  if (type === undefined) throw new Error(`there is no activity type ${name}`);
  return type;
};

const tableOf = ({ activities }: State, type: ActivityType): readonly ActivityRow[] => [
  ...(activities.get(type.table)?.values() ?? []),
];

/** Newest first. */
const rowsBy = (state: State, type: ActivityType, userIds: readonly number[]): readonly ActivityRow[] =>
  tableOf(state, type)
    .filter((row) => userIds.includes(row.userId))
    .sort((one, other) => other.createdAt.getTime() - one.createdAt.getTime() || other.id - one.id);

const listed = (type: ActivityType, row: ActivityRow): ActivityRow => {
  const isListed = (name: string): boolean =>
    type.columns[name]?.shown === true || type.columns[name]?.personal === true || name === 'deletedAt';
  const { id, userId, createdAt, deletedAt } = row;
  return {
    ...Object.fromEntries(Object.entries(row).filter(([name]) => isListed(name))),
    id,
    userId,
    createdAt,
    deletedAt,
  };
};

const measured = (
  type: ActivityType,
  rows: readonly ActivityRow[],
  { limit, bytes: most }: ReadingBounds,
): readonly Measured<ActivityRow>[] => {
  const found = rows.slice(0, limit);
  return found.map((row) => {
    const bytes = bytesOf(type, row);
    const upTo = found.reduce((sum, one) => sum + (one.id <= row.id ? bytesOf(type, one) : 0), 0);
    const isText = (name: string): boolean => type.columns[name]?.kind === 'text';
    const values = Object.entries(listed(type, row)).map(([name, value]) => [
      name,
      upTo > most && isText(name) ? null : value,
    ]);
    return { one: Object.fromEntries(values) as ActivityRow, bytes };
  });
};

const contributionOf = (state: State, type: ActivityType, row: ActivityRow): Contribution => ({
  row: listed(type, row),
  idea: type.belongsTo === 'idea' || type.name === 'idea' ? ideaOf(state, type, row) : null,
});

/** Of the texts that lists read. */
const bytesOf = (type: ActivityType, row: ActivityRow): number =>
  Object.entries(listed(type, row)).reduce(
    (sum, [name, value]) =>
      sum + (type.columns[name]?.kind === 'text' && typeof value === 'string' ? Buffer.byteLength(value) : 0),
    0,
  );

const hasPersonal = (type: ActivityType, row: ActivityRow): boolean =>
  personalColumns(type).some((column) => row[column] !== null);

const drop = ({ activities }: State, type: ActivityType, rows: readonly ActivityRow[]): void => {
  for (const row of rows) activities.get(type.table)?.delete(row.id);
};

const ideaOf = ({ activities }: State, type: ActivityType, row: ActivityRow): IdeaSummary | null => {
  const found = type.name === 'idea' ? row : activities.get('ideas')?.get(Number(row['ideaId']));
  if (found?.deletedAt !== null) return null;
  const { id, title, siteId, status, viewableByRole } = found;
  return {
    id,
    title: String(title),
    siteId: typeof siteId === 'number' ? siteId : null,
    status: String(status),
    viewableByRole: typeof viewableByRole === 'string' ? viewableByRole : null,
  };
};

const isPublic = (state: State, type: ActivityType, row: ActivityRow): boolean => {
  if (type.belongsTo === 'site' && type.name !== 'idea') return true;
  const idea = ideaOf(state, type, row);
  return idea !== null && (idea.viewableByRole ?? 'all') === 'all';
};
