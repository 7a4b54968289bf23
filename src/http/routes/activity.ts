import Joi from 'joi';
import type { ActivityType } from '../../activity-types/definition.ts';
import { activityTypes, type ActivityPlural } from '../../activity-types/index.ts';
import type { Site } from '../../domain/sites/site.ts';
import type { ActivityItem, ListActivityCommand, ListedActivity } from '../../use-cases/users/commands.ts';
import { type Answer, route } from '../route.ts';
import { reference } from '../openapi/schema.ts';
import { contributionText, jsonArray, listText, valueText } from '../presenters/user-records.ts';
import { howMany } from '../requests/list-query.ts';
import { flag, isTrue, type Flag } from '../requests/validate.ts';
import { ofUser } from '../where.ts';

/**
 * The kinds that were asked for, and all of them as one list, newest first; as JSON, which is sent slice by slice and no faster than it is
 * read where it is much. Source: user-api.md §3 "Activity".
 */
const activityAnswer = (listed: ListedActivity, first: number | undefined): Answer =>
  listed.isMuch ? { status: 200, stream: piecesOf(listed, first) } : { status: 200, pieces: piecesOf(listed, first) };

type SiteTexts = ReadonlyMap<number, string>;

/** The order is read first, when the answer may begin: until then a refusal is told as one. */
async function* piecesOf(
  { sites: seen, asked, inOrder }: ListedActivity,
  first: number | undefined,
): AsyncGenerator<string> {
  const sites: SiteTexts = new Map(seen.map((site) => [site.id, siteText(site)]));
  const sliced = await inOrder();
  yield `{"sites":${listText([...sites.values()])},`;
  for (const plural of first === undefined ? asked : []) {
    yield `"${plural}":`;
    yield* jsonArray(sliced(plural), itemText);
    yield ',';
  }
  yield '"activity":';
  yield* jsonArray(upTo(first ?? Infinity, sliced('all')), (item) => lineText(sites, item));
  yield '}';
}

/** So many of those that are shown: what is hidden is not counted. No more slices are read than that takes. */
async function* upTo<T>(
  most: number,
  slices: AsyncIterable<readonly T[]> | Iterable<readonly T[]>,
): AsyncGenerator<readonly T[]> {
  let left = most;
  for await (const slice of slices) {
    yield slice.slice(0, left);
    left -= slice.length;
    if (left <= 0) return;
  }
}

/** An item as it stands among its kind … */
const itemText = ({ type, row, idea }: ActivityItem): string =>
  contributionText(type, row, type.belongsTo === 'idea' ? JSON.stringify(idea) : null);

/** … and as a line of the whole. */
const lineText = (sites: SiteTexts, { type, row, idea, site }: ActivityItem): string =>
  `{"type":${typeTexts.get(type)},"description":${valueText(plainText(type.line(row)))},"idea":${JSON.stringify(idea)},"site":${sites.get(site.id) ?? siteText(site)},"createdAt":${valueText(row.createdAt)}}`;

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

type ActivityParameters = Readonly<Partial<Record<string, Flag>>> & { readonly first?: string };

const parameterOf = (plural: ActivityPlural): string => `include${plural.charAt(0).toUpperCase()}${plural.slice(1)}`;

const activityParameters = Joi.object<ActivityParameters>({
  first: howMany('The newest of all as one list, so many; no kind by itself.'),
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
    handler: async ({ useCases }, { actor, where, query, inTurn }) =>
      activityAnswer(
        await useCases.listActivity({ actor, ...where, ...activityOf(query), inTurn }),
        query.first === undefined ? undefined : Number(query.first),
      ),
    cache: 'private, no-cache',
    answer: {
      status: 200,
      description: 'The kinds that were asked for, and all of them as one list.',
      schema: reference('Activity'),
    },
    problems: ['site-not-found', 'user-not-found', 'busy'],
  }),
];
