import Joi from 'joi';
import { findingKinds, type FindingKind } from '../../domain/people/finding.ts';
import type { Drift } from '../../use-cases/person-sync/list-drift.ts';
import { type Answer, route } from '../route.ts';
import { byPlatformAdmins, nowhere, platformAdmins } from '../where.ts';
import { reference } from '../openapi/schema.ts';
import { defaultPageSize, pageNumber, pageSizeNumber } from '../requests/list-query.ts';
import { pageMetadata, type Query } from '../requests/validate.ts';

/** A list as it was asked for. */
interface ListRequest {
  readonly page: number;
  readonly pageSize: number;
  readonly path: string;
  readonly rawQuery: Query;
}

/** One page of what was found, after a summary: ids and names of fields, no value of anybody. */
const driftAnswer = (
  { page, pageSize, path, rawQuery }: ListRequest,
  { counts, sweep, found, totalCount }: Drift,
): Answer => {
  return {
    status: 200,
    body: {
      metadata: pageMetadata({ path, rawQuery }, { page, pageSize, totalCount }),
      summary: { people: counts.people, ...counts.byKind, oldestFetchedAt: counts.oldestFetchedAt },
      sweep,
      records: found,
    },
  };
};

/** As it stands in the address. */
interface DriftParameters {
  readonly kind?: FindingKind;
  readonly page?: string;
  readonly pageSize?: string;
}

const driftParameters = Joi.object<DriftParameters>({
  kind: Joi.valid(...findingKinds)
    .messages({ 'any.only': `must be one of ${findingKinds.join(', ')}` })
    .description('Only findings of this kind.'),
  page: pageNumber('From 0.'),
  pageSize: pageSizeNumber,
});

/** Source: oauth-server.md §3. */
export const driftRoute = route({
  method: 'get',
  path: '/api/user/drift',
  operationId: 'listDrift',
  summary: 'What checks found between our copies of people and the OAuth server',
  group: 'Users',
  who: `${platformAdmins} Nobody is asked during the request; no value of anybody is shown.`,
  needsToken: true,
  query: driftParameters,
  where: nowhere,
  may: byPlatformAdmins,
  handler: async ({ useCases }, { actor, query, path, rawQuery, inTurn }) => {
    const { kind = null, page = '0', pageSize } = query;
    const paging = { page: Number(page), pageSize: Number(pageSize ?? defaultPageSize) };
    return driftAnswer(
      { ...paging, path, rawQuery },
      await inTurn(() => useCases.listDrift({ actor, kind, ...paging })),
    );
  },
  cache: 'private, no-cache',
  answer: {
    status: 200,
    description:
      'One page of findings by kind and person, with how many there are of each, and how far the walk over all people is.',
    schema: reference('Drift'),
  },
  problems: ['forbidden', 'busy'],
});
