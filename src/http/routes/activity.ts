import Joi from 'joi';
import type { ActivityType } from '../../activity-types/definition.ts';
import { activityTypes, type ActivityPlural } from '../../activity-types/index.ts';
import type { Site } from '../../domain/sites/site.ts';
import type { ListActivityCommand, ActivityItem, ListedActivity } from '../../use-cases/users/commands.ts';
import { type Answer, route } from '../route.ts';
import { reference } from '../openapi/schema.ts';
import { contributionText, jsonArray, listText, valueText } from '../presenters/records.ts';
import { flag, isTrue, type Flag } from '../requests/validate.ts';
import { ofUser } from '../where.ts';

/** Contributions that are written in one go: the text of more is sent in slices, as somebody may have tens of thousands. */
const atOnce = 500;

const activityAnswer = (listed: ListedActivity): Answer => {
  const count = activityTypes.reduce((sum, { plural }) => sum + (listed.kinds[plural]?.length ?? 0), 0);
  return count > atOnce ? { status: 200, stream: slicesOf(listed) } : { status: 200, json: textOf(listed) };
};

const textOf = (listed: ListedActivity): string => {
  let text = '';
  for (const part of partsOf(listed)) text += typeof part === 'string' ? part : part.text();
  return text;
};

async function* slicesOf(listed: ListedActivity): AsyncGenerator<string> {
  for (const part of partsOf(listed)) {
    if (typeof part === 'string') yield part;
    else yield* part.slices();
  }
}

/** A list that is still to be written, in one go or in slices. */
interface List {
  readonly text: () => string;
  readonly slices: () => AsyncIterable<string>;
}
const list = <T>(items: readonly T[], textOf: (item: T) => string): List => ({
  text: () => listText(items.map(textOf)),
  slices: () => jsonArray([items], textOf),
});

/**
 * The kinds that were asked for, and all of them as one list, newest first; as JSON. Each part is written before the next is asked
 * for. Source: user-api.md §3 "Activity".
 */
function* partsOf({ sites, kinds }: ListedActivity): Generator<string | List> {
  const siteTexts = new Map(sites.map((site) => [site.id, siteText(site)]));
  const lines: Line[] = [];
  yield `{"sites":${listText([...siteTexts.values()])},`;
  for (const type of activityTypes) {
    const items = kinds[type.plural];
    if (items === undefined) continue;
    yield `"${type.plural}":`;
    const textOf = (item: ActivityItem): string => {
      const site = siteTexts.get(item.site.id) ?? siteText(item.site);
      const { at, text, contribution } = writtenItem(type, item, site);
      lines.push({ at, text });
      return contribution;
    };
    yield list(items, textOf);
    yield ',';
  }
  yield '"activity":';
  lines.sort((one, other) => other.at - one.at);
  yield list(lines, ({ text }) => text);
  yield '}';
}

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
    handler: async ({ useCases }, { actor, where, query }) =>
      activityAnswer(await useCases.listActivity({ actor, ...where, ...activityOf(query) })),
    cache: 'private, no-cache',
    answer: {
      status: 200,
      description: 'The kinds that were asked for, and all of them as one list.',
      schema: reference('Activity'),
    },
    problems: ['site-not-found', 'user-not-found'],
  }),
];
