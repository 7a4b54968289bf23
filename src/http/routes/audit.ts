import Joi from 'joi';
import { actorKinds, lookCalls, operationCalls } from '../../ports/audit.ts';
import { isDay } from '../../ports/user-store.ts';
import type { AuditFilter } from '../../use-cases/audit/list-audit.ts';
import { reference } from '../openapi/schema.ts';
import { auditAnswer } from '../presenters/audit.ts';
import { filterDate } from '../requests/filter.ts';
import { malformed } from '../requests/validate.ts';
import { route } from '../route.ts';
import { byAdminsOfASite, idOf, nowhere } from '../where.ts';

export const removals = ['none', 'pending', 'removed', 'kept', 'unknown'] as const;

/** As it stands in the address. */
export interface AuditParameters {
  readonly from?: string;
  readonly before?: string;
  readonly siteId?: string;
  readonly call?: string;
  readonly actorKind?: string;
  readonly actorId?: string;
  readonly outcome?: (typeof removals)[number];
  readonly cursor?: string;
  readonly pageSize?: string;
}

const oneOf = (words: readonly string[]): Joi.StringSchema =>
  Joi.valid(...words).messages({ 'any.only': `must be one of ${words.join(', ')}` }) as Joi.StringSchema;
const anId = Joi.string()
  .pattern(/^[1-9]\d{0,15}$/)
  .messages({ 'string.pattern.base': 'must be an id' });

const auditParameters = Joi.object<AuditParameters>({
  from: Joi.string().max(40).description('From this moment or day on, as in a filter of users.'),
  before: Joi.string().max(40).description('Before this moment or day.'),
  siteId: anId.description('Rows of one site.'),
  call: oneOf([...operationCalls, ...lookCalls]).description(
    '`read-person` and `export`: somebody was only looked at.',
  ),
  actorKind: oneOf(actorKinds).description('What whoever did it was to that row.'),
  actorId: anId.description('Who did it, where the answer shows their id.'),
  outcome: oneOf(removals).description('How far the removal at the OAuth server is, where the answer shows it.'),
  cursor: Joi.string().max(4096).description('From `metadata.cursor`: goes on where that page ended.'),
  pageSize: Joi.string()
    .pattern(/^(?:[1-9]\d?|100)$/)
    .messages({ 'string.pattern.base': 'must be a number from 1 to 100' })
    .meta({ swagger: { type: 'integer', minimum: 1, maximum: 100, default: 20 }, swaggerOverride: true }),
});

/** Source: people.md §1. */
export const auditRoute = route({
  method: 'get',
  path: '/api/audit',
  operationId: 'listAudit',
  summary: 'What was anonymized, deleted, exported and read across sites; as a table for `Accept: text/csv`',
  group: 'Anonymize',
  who: 'Platform admins: all of it. Admins of a site: rows of their sites, without what would join the rows of one person at several.',
  needsToken: true,
  ofCallersSite: true,
  refusesUnknown: true,
  query: auditParameters,
  where: nowhere,
  may: byAdminsOfASite,
  handler: async ({ useCases, timeZone }, { actor, query, path, rawQuery, browser, inTurn }) => {
    const { cursor = null, pageSize = '20' } = query;
    const command = { actor, filter: auditFilter(query, timeZone), cursor, pageSize: Number(pageSize) };
    const listed = await inTurn(() => useCases.listAudit(command));
    return auditAnswer(listed, { path, rawQuery, pageSize: command.pageSize, asTable: browser.wantsTable });
  },
  cache: 'no-store',
  answer: {
    status: 200,
    description:
      'One page, newest first. One without a `Link` to the next is the last; a short or empty one need not be.',
    schema: reference('Audit'),
    orAs: 'text/csv',
    headers: ['Link'],
  },
  problems: ['forbidden', 'busy'],
});

/** Fault `malformed-request` for a moment that is none. */
export const auditFilter = (query: AuditParameters, timeZone: string): AuditFilter => ({
  siteId: idOf(query.siteId ?? ''),
  from: momentOf('from', query.from, timeZone),
  before: momentOf('before', query.before, timeZone),
  call: query.call ?? null,
  actorKind: query.actorKind ?? null,
  actorId: idOf(query.actorId ?? ''),
  removal: query.outcome ?? null,
});

/** A day is its first moment. Fault `malformed-request`. */
const momentOf = (name: string, text: string | undefined, timeZone: string): Date | null => {
  if (text === undefined) return null;
  const read = filterDate(text, timeZone);
  const moment = read !== undefined && isDay(read) ? read.from : read;
  if (typeof moment !== 'string') throw malformed(name, 'must be a date, as 2026-01-31 or 2026-01-31T12:00:00Z');
  return new Date(moment);
};
