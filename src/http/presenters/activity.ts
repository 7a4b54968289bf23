import type { ActivityType } from '../../activity-types/definition.ts';
import { activityTypes } from '../../activity-types/index.ts';
import type { Site } from '../../domain/site.ts';
import type { ActivityItem, ListedActivity } from '../../use-cases/users/commands.ts';
import { contributionText } from './contribution-text.ts';
import { listText, valueText } from './json-text.ts';
import { plainText } from './plain-text.ts';

/** The kinds that were asked for, and all of them as one list, newest first; as JSON. Source: user-api.md §3 "Activity". */
export const activityText = ({ sites, kinds }: ListedActivity): string => {
  const siteTexts = new Map(sites.map((site) => [site.id, siteText(site)]));
  const lists: string[] = [];
  const lines: Line[] = [];
  for (const type of activityTypes) {
    const items = kinds[type.plural];
    if (items === undefined) continue;
    const written = items.map((item) => writtenItem(type, item, siteTexts.get(item.site.id) ?? siteText(item.site)));
    lists.push(`"${type.plural}":${listText(written.map(({ contribution }) => contribution))},`);
    lines.push(...written);
  }
  lines.sort((one, other) => other.at - one.at);
  return `{"sites":${listText([...siteTexts.values()])},${lists.join('')}"activity":${listText(lines.map(({ text }) => text))}}`;
};

interface Line {
  readonly at: number;
  readonly text: string;
}

/** An item as it stands among its kind, and as a line of the whole. */
const writtenItem = (
  type: (typeof activityTypes)[number],
  { row, idea }: ActivityItem,
  site: string,
): Line & { readonly contribution: string } => {
  const ideaText = JSON.stringify(idea);
  const description = valueText(plainText(type.line(row)));
  return {
    contribution: contributionText(type, row, type.belongsTo === 'idea' ? ideaText : null),
    at: row.createdAt.getTime(),
    text: `{"type":${typeTexts.get(type)},"description":${description},"idea":${ideaText},"site":${site},"createdAt":${valueText(row.createdAt)}}`,
  };
};

const typeTexts = new Map<ActivityType, string>(
  activityTypes.map((type) => [type, JSON.stringify({ slug: type.name, label: type.label })]),
);

const siteText = ({ id, domain, title, createdAt, updatedAt }: Site): string =>
  JSON.stringify({ id, domain, title, createdAt, updatedAt });
