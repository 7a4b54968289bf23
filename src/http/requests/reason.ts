import Joi from 'joi';
import type { JsonObject } from '../../domain/json.ts';
import { malformed, validated } from './validate.ts';

/** The number of a ticket and nothing more: it is kept for good, and must not become a place for names. Source: anonymization.md §5. */
const reason = Joi.string()
  .max(40)
  .pattern(/^[A-Za-z0-9#/_.-]+$/)
  .messages({ '*': 'must be the number of a ticket: 1 to 40 of A–Z, a–z, 0–9 and # / _ . -' })
  .description('The number of a ticket, kept in the audit and in the receipt.');

export interface WithReason {
  readonly reason?: string;
}
/** Of a body, and of a query: it may stand in either. */
export const reasonKeys = { reason };
export const justReason = Joi.object<WithReason>(reasonKeys);

/**
 * What was given, in the body or in the query; nothing where it was not. Faults: `invalid-values` (body), `malformed-request`
 * for two that differ.
 */
export const reasonOf = ({ body, query }: { readonly body: JsonObject; readonly query: WithReason }): WithReason => {
  const inBody = Object.hasOwn(body, 'reason') ? validated(justReason, { reason: body['reason'] }, 'body') : {};
  if (inBody.reason !== undefined && query.reason !== undefined && inBody.reason !== query.reason)
    throw malformed('reason', 'is given twice, and differently');
  return { ...(query.reason === undefined ? {} : { reason: query.reason }), ...inBody };
};

/** What makes two calls the same, beside the address: the body, and the reason wherever it stands. */
export const sameBody = (body: JsonObject, { reason: given }: WithReason): string =>
  JSON.stringify({ ...body, ...(given === undefined ? {} : { reason: given }) });
