import type { FoundPeople } from '../../use-cases/people/find-people.ts';
import { mustBeModeratorSomewhere } from '../../use-cases/people/find-people.ts';
import { mayExport } from '../../use-cases/people/export-user.ts';
import { reference } from '../openapi/schema.ts';
import { exportPage, exportText } from '../presenters/export.ts';
import { sandboxedHeaders } from '../presenters/page.ts';
import { personEntry, personText } from '../presenters/person.ts';
import { deepestPage, partOf, peopleParameters, questionOf } from '../requests/people-query.ts';
import { nothing, walkMetadata, withQuery, type Query } from '../requests/validate.ts';
import { route } from '../route.ts';
import { byModerators, nowhere, ofUser } from '../where.ts';

/** A list as it was asked for. */
interface ListRequest {
  readonly path: string;
  readonly rawQuery: Query;
  readonly pageSize: number;
}

/** By number there is always a total: null where more are found than are counted. Source: people.md §1. */
const numberedMetadata = (
  { path, rawQuery, pageSize }: ListRequest,
  page: number,
  { totalCount, cursor }: FoundPeople,
): object => {
  const pageCount = totalCount === null ? null : Math.ceil(totalCount / pageSize);
  const link = (to: number): string => withQuery(path, rawQuery, { page: to });
  const last = Math.min(pageCount === null ? Infinity : Math.max(0, pageCount - 1), deepestPage(pageSize));
  return {
    page,
    pageSize,
    pageCount,
    totalCount,
    ...(cursor === null ? {} : { cursor }),
    links: {
      self: link(page),
      first: link(0),
      ...(pageCount === null ? {} : { last: link(last) }),
      ...(page > 0 ? { previous: link(Math.min(page - 1, last)) } : {}),
      ...(page < last && (pageCount !== null || cursor !== null) ? { next: link(page + 1) } : {}),
    },
  };
};

/** Source: people.md §1. */
export const peopleRoutes = [
  route({
    method: 'get',
    path: '/api/person',
    operationId: 'findPeople',
    summary: 'Find people across sites, by words, by address or by id',
    group: 'Users',
    who: 'Moderators and above of a site at least: people whom the lists of the sites show them where they are moderators or above, by what is shown to them of those rows. By `externalUserId`: of the sites where they are admins.',
    needsToken: true,
    ofCallersSite: true,
    refusesUnknown: true,
    query: peopleParameters,
    where: nowhere,
    may: mustBeModeratorSomewhere,
    handler: async ({ useCases }, { actor, query, path, rawQuery, inTurn }) => {
      const asked = partOf(query);
      const found = await useCases.findPeople({ actor, question: questionOf(query), ...asked, inTurn });
      const request = { path, rawQuery, pageSize: asked.pageSize };
      const metadata =
        'page' in asked.part
          ? numberedMetadata(request, asked.part.page, found)
          : walkMetadata(request, { pageSize: asked.pageSize, cursor: found.cursor });
      const records = found.people.map((rows) => personEntry(found, rows));
      return { status: 200, body: { metadata, records } };
    },
    cache: 'no-store',
    answer: {
      status: 200,
      description:
        'One page, one entry a person. A page may be short, or empty, and have a cursor: only where there is none is the end.',
      // A page by its number is a page of a walk, too.
      schema: { anyOf: [reference('PeoplePage'), reference('PeopleWalk')] },
    },
    problems: ['forbidden', 'busy'],
  }),
  route({
    method: 'get',
    path: '/api/site/{siteId}/user/{userId}/person',
    operationId: 'readPerson',
    summary: 'The person of a user, with their rows at all sites where the actor is moderator',
    group: 'Users',
    who: 'Moderators and above. Rows at sites where they are moderators or above, contributions, sessions and anonymizations of those alone; for platform admins all, with issuer and external id. It is written into the audit.',
    needsToken: true,
    refusesUnknown: true,
    query: nothing,
    where: ofUser,
    may: byModerators,
    handler: async ({ useCases }, { actor, where: { site, userId }, inTurn }) => ({
      status: 200,
      pieces: personText(await useCases.readPerson({ actor, site, userId, inTurn })),
    }),
    cache: 'no-store',
    answer: {
      status: 200,
      description: 'The person by the rows that the actor may see. Nothing tells whether there are others.',
      schema: reference('PersonAcrossSites'),
    },
    problems: ['forbidden', 'site-not-found', 'user-not-found', 'busy'],
  }),
];

/** Source: people.md §1. */
export const exportRoute = route({
  method: 'get',
  path: '/api/site/{siteId}/user/{userId}/export',
  operationId: 'exportUser',
  summary: 'Everything that is kept of a person; browsers get a page to read',
  group: 'Users',
  who: 'The user themself, through a login at this site: what is kept there. Platform admins: all of the person. No secrets.',
  needsToken: true,
  refusesUnknown: true,
  query: nothing,
  where: ofUser,
  may: (actor, { site, userId }) => {
    mayExport(actor, site.id, userId);
  },
  handler: (
    { useCases },
    { actor, where: { site, userId }, browser: { wantsPage, language }, tellsNothing, inTurn },
  ) => {
    const parts = useCases.exportUser({ actor, site, userId, tellsNothing, inTurn });
    const asFile = (ending: string) => ({ 'Content-Disposition': `attachment; filename="person-${userId}.${ending}"` });
    return Promise.resolve(
      wantsPage
        ? {
            status: 200,
            headers: { ...sandboxedHeaders(language), ...asFile('html') },
            stream: exportPage(parts, language),
            streamType: 'text/html; charset=utf-8',
          }
        : { status: 200, headers: asFile('json'), stream: exportText('{', parts, '}') },
    );
  },
  cache: 'no-store',
  answer: {
    status: 200,
    description: 'A list per table, as they stand.',
    schema: reference('UserExport'),
    orAs: 'text/html',
  },
  problems: ['forbidden', 'site-not-found', 'user-not-found', 'busy'],
});
