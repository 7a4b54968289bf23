import Joi from 'joi';
import type { ActivityType } from '../../activity-types/definition.ts';
import { activityTypes, type ActivityPlural } from '../../activity-types/index.ts';
import type { Site } from '../../domain/sites/site.ts';
import type { ListActivityCommand, ActivityItem, ListedActivity } from '../../use-cases/users/commands.ts';
import { reference } from '../openapi/described.ts';
import { contributionText } from '../presenters/contribution-text.ts';
import { listText, valueText } from '../presenters/json-text.ts';
import { flag, isTrue, type Flag } from '../requests/ids.ts';
import { route } from '../route.ts';
import { ofUser } from '../where.ts';

/** The kinds that were asked for, and all of them as one list, newest first; as JSON. Source: user-api.md §3 "Activity". */
const activityText = ({ sites, kinds }: ListedActivity): string => {
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

const named: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: ' ' };

/** HTML as a line of text: tags gone, entities read, white space one blank. Not made for showing unescaped in HTML. */
export const plainText = (html: string): string =>
  // Most lines of a list hold no markup at all.
  (/[<&]/.test(html) ? withoutMarkup(html) : html).replace(/\s+/g, ' ').trim();

const withoutMarkup = (html: string): string =>
  html
    .replace(/<!--.*?(?:-->|$)/gs, ' ')
    .replace(/<[a-z!?/][^>]*(?:>|$)/gi, ' ')
    .replace(
      /&(?:#(\d{1,7})|#x([\da-f]{1,6})|([a-z]+));/gi,
      (entity, decimal?: string, hex?: string, name?: string) => {
        if (name !== undefined) return named[name.toLowerCase()] ?? entity;
        return characterOf(decimal === undefined ? Number.parseInt(hex ?? '', 16) : Number(decimal)) ?? entity;
      },
    );

const characterOf = (code: number): string | null =>
  code > 0 && code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff) ? String.fromCodePoint(code) : null;

type ActivityParameters = Readonly<Partial<Record<string, Flag>>>;

const parameterOf = (plural: ActivityPlural): string => `include${plural.charAt(0).toUpperCase()}${plural.slice(1)}`;

const activityParameters = Joi.object<ActivityParameters>({
  includeOtherSites: flag.description('Default true.'),
  ...Object.fromEntries(
    activityTypes.map((type) => [
      parameterOf(type.plural),
      flag.description('Where none of these is given, all are true.'),
    ]),
  ),
});

/** None of the kinds given: all; some given: those that are true. Source: user-api.md §3 "Activity". */
const activityOf = (query: ActivityParameters): Pick<ListActivityCommand, 'includeOtherSites' | 'kinds'> => {
  const plurals = activityTypes.map((type) => type.plural);
  const given = plurals.some((plural) => query[parameterOf(plural)] !== undefined);
  return {
    includeOtherSites: isTrue(query['includeOtherSites'] ?? '1'),
    kinds: new Set(plurals.filter((plural) => !given || isTrue(query[parameterOf(plural)] ?? '0'))),
  };
};

export const activityRoutes = [
  route({
    method: 'get',
    path: '/api/site/{siteId}/user/{userId}/activity',
    operationId: 'listActivity',
    summary: 'List what a user contributed',
    group: 'Activity',
    who: 'The owner sees everything; a moderator of this site everything at the sites where they are one; anybody else what is public at this site.',
    needsToken: false,
    query: activityParameters,
    where: ofUser,
    handler: async ({ useCases }, { actor, where, query }) => ({
      status: 200,
      json: activityText(await useCases.listActivity({ actor, ...where, ...activityOf(query) })),
    }),
    cache: 'private, no-cache',
    answer: {
      status: 200,
      description: 'The kinds that were asked for, and all of them as one list.',
      schema: reference('Activity'),
    },
    problems: ['site-not-found', 'user-not-found'],
  }),
];
