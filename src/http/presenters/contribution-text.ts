import { byActivity, type ActivityPlural } from '../../activity-types/index.ts';
import type { ActivityRow, ActivityType } from '../../activity-types/definition.ts';
import { valueText } from './json-text.ts';

/** A contribution as JSON: the columns that its kind says are shown, and its idea (JSON) where one is given. */
export const contributionText = (type: Kind, row: ActivityRow, idea: string | null = null): string => {
  let text = '';
  for (const { name, before } of shownColumns[type.plural]) text += before + valueText(row[name]);
  return `{${text.slice(1)}${idea === null ? '' : `,"idea":${idea}`}}`;
};

type Kind = ActivityType<string, ActivityPlural>;

/** Looked up once, as lists hold hundreds. */
const shownColumns = byActivity((type) =>
  Object.entries<ActivityType['columns'][string]>(type.columns).flatMap(([name, column]) =>
    column.shown ? [{ name, before: `,${JSON.stringify(name)}:` }] : [],
  ),
);
