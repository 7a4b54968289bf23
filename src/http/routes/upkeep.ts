import Joi from 'joi';
import { Fault } from '../../domain/fault.ts';
import { findingKinds, type FindingKind } from '../../domain/people/finding.ts';
import type { Drift } from '../../use-cases/person-sync/list-drift.ts';
import { topics, type Topic } from '../../ports/outbox.ts';
import type { ToldMessage } from '../../use-cases/outbox/waiting.ts';
import { type Answer, type Parameters, route } from '../route.ts';
import { byPlatformAdmins, idOf, nowhere, platformAdmins } from '../where.ts';
import { reference } from '../openapi/schema.ts';
import { defaultPageSize, pageNumber, pageSizeNumber } from '../requests/list-query.ts';
import { nothing, withQuery, type Query } from '../requests/validate.ts';

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
  const pageCount = Math.ceil(totalCount / pageSize);
  const last = Math.max(0, pageCount - 1);
  const link = (to: number): string => withQuery(path, rawQuery, { page: to });
  return {
    status: 200,
    body: {
      metadata: {
        page,
        pageSize,
        pageCount,
        totalCount,
        links: {
          self: link(page),
          first: link(0),
          last: link(last),
          ...(page > 0 ? { previous: link(Math.min(page - 1, last)) } : {}),
          ...(page < last ? { next: link(page + 1) } : {}),
        },
      },
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

/** As it stands in the address. */
interface OutboxParameters {
  readonly topic?: Topic;
  readonly cursor?: string;
  readonly pageSize?: string;
}
const outboxParameters = Joi.object<OutboxParameters>({
  topic: Joi.valid(...topics)
    .messages({ 'any.only': `must be one of ${topics.join(', ')}` })
    .description('Only messages of this topic.'),
  cursor: Joi.string().max(4096).description('From `metadata.cursor`: goes on where that page ended.'),
  pageSize: Joi.string()
    .pattern(/^(?:[1-9]\d?|100)$/)
    .messages({ 'string.pattern.base': 'must be a number from 1 to 100' })
    .meta({ swagger: { type: 'integer', minimum: 1, maximum: 100, default: defaultPageSize }, swaggerOverride: true }),
});

const ofMessage = ({ messageId = '' }: Parameters): Promise<number> => {
  const id = idOf(messageId);
  return id === null ? Promise.reject(new Fault('not-found', {}, 'There is no such message.')) : Promise.resolve(id);
};

const outboxCard = {
  group: 'Users',
  needsToken: true,
  refusesUnknown: true,
  may: byPlatformAdmins,
  cache: 'no-store',
} as const;

/** What still has to reach an OAuth server. Source: people.md §1, docs/adr/0029. */
export const outboxRoutes = [
  route({
    ...outboxCard,
    method: 'get',
    path: '/api/outbox',
    operationId: 'listOutbox',
    summary: 'What still has to reach an OAuth server, since when, and why',
    who: `${platformAdmins} No value of anybody is shown.`,
    query: outboxParameters,
    where: nowhere,
    handler: async ({ useCases }, { actor, query, path, rawQuery, inTurn }) => {
      const { topic = null, cursor = null } = query;
      const pageSize = Number(query.pageSize ?? defaultPageSize);
      const listed = await inTurn(() => useCases.listOutbox({ actor, topic, cursor, pageSize }));
      const next = listed.cursor === null ? null : { cursor: listed.cursor };
      return {
        status: 200,
        ...(next === null ? {} : { headers: { Link: `<${withQuery(path, rawQuery, next)}>; rel="next"` } }),
        body: { metadata: { pageSize, ...next }, records: listed.messages satisfies readonly ToldMessage[] },
      };
    },
    answer: {
      status: 200,
      description: 'One page, in the order in which they came. One without a `Link` to the next is the last.',
      schema: reference('Outbox'),
      headers: ['Link'],
    },
    problems: ['forbidden', 'busy'],
  }),
  route({
    ...outboxCard,
    method: 'post',
    path: '/api/outbox/{messageId}/retry',
    operationId: 'retryMessage',
    summary: 'Try a message that waits, at once',
    who: platformAdmins,
    query: nothing,
    where: ofMessage,
    handler: async ({ useCases }, { actor, where: messageId }) => ({
      status: 200,
      body: await useCases.retryMessage({ actor, messageId }),
    }),
    answer: {
      status: 200,
      description:
        'What it came to, or how it waits on; both are null where somebody else was quicker. It is waited for one time limit of the OAuth server at most.',
      schema: reference('RetriedMessage'),
    },
    problems: ['forbidden', 'not-found', 'busy'],
  }),
];
