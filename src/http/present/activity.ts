import { activityTypes } from '../../activity-types/index.ts';
import type { ActivityRow, ActivityType } from '../../activity-types/definition.ts';
import type { Site } from '../../domain/site.ts';
import type { ActivityItem, ListedActivity } from '../../users/commands.ts';
import { plainText } from './plain-text.ts';

/** The kinds that were asked for, and all of them as one list, newest first. Source: user-api.md §3 "Activity". */
export const activityBody = ({ sites, kinds }: ListedActivity): object => {
  const asked = activityTypes.flatMap((type) => {
    const items = kinds[type.plural];
    return items === undefined ? [] : [{ type, items }];
  });
  return {
    sites: sites.map(siteOfActivity),
    ...Object.fromEntries(asked.map(({ type, items }) => [type.plural, items.map((item) => contribution(type, item))])),
    activity: asked
      .flatMap(({ type, items }) => items.map((item) => lineOf(type, item)))
      .sort((one, other) => other.createdAt.getTime() - one.createdAt.getTime()),
  };
};

/** Only the columns that the kind says are shown. */
export const shownColumns = (type: ActivityType, row: ActivityRow): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    Object.entries(type.columns).flatMap(([name, column]) =>
      column.shown ? [[name, row[name] ?? null] as const] : [],
    ),
  );

const contribution = (type: ActivityType, { row, idea }: ActivityItem): object => ({
  ...shownColumns(type, row),
  ...(type.belongsTo === 'idea' ? { idea } : {}),
});

interface Line {
  readonly type: { readonly slug: string; readonly label: string };
  readonly description: string;
  readonly idea: ActivityItem['idea'];
  readonly site: object;
  readonly createdAt: Date;
}

const lineOf = (type: ActivityType, { row, idea, site }: ActivityItem): Line => ({
  type: { slug: type.name, label: type.label },
  description: plainText(type.line(row)),
  idea,
  site: siteOfActivity(site),
  createdAt: row.createdAt,
});

const siteOfActivity = ({ id, domain, title, createdAt, updatedAt }: Site): object => ({
  id,
  domain,
  title,
  createdAt,
  updatedAt,
});
