import { mayExport } from '../../use-cases/people/export-user.ts';
import { reference } from '../openapi/schema.ts';
import { exportPage, exportText } from '../presenters/export.ts';
import { sandboxedHeaders } from '../presenters/page.ts';
import { nothing } from '../requests/validate.ts';
import { route } from '../route.ts';
import { ofUser } from '../where.ts';

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
