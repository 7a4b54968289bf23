import Joi from 'joi';
import { Fault } from '../../domain/fault.ts';
import { topics, type Topic } from '../../ports/outbox.ts';
import type { ToldMessage } from '../../use-cases/outbox/waiting.ts';
import { type Parameters, route } from '../route.ts';
import { byPlatformAdmins, idOf, nowhere, platformAdmins } from '../where.ts';
import { reference } from '../openapi/schema.ts';
import { defaultPageSize } from '../requests/list-query.ts';
import { nothing, withQuery } from '../requests/validate.ts';

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
