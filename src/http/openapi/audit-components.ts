import { activityTypes } from '../../activity-types/index.ts';
import { actorKinds, lookCalls, operationCalls, outcomeCalls } from '../../ports/audit.ts';
import { count, late } from './anonymization-components.ts';
import { type Schema, date, id, listOf, object, objectOfAll, orNull, text } from './schema.ts';

const actorKind: Schema = { type: 'string', enum: [...actorKinds] };
const operatorName: Schema = { ...text, description: 'Of an operator at the command line: `cli:` and their account.' };
const actor = object(
  {
    kind: actorKind,
    userId: orNull(id),
    clientId: id,
    name: operatorName,
  },
  ['kind'],
);
const dispositions = objectOfAll({ keep: count, anonymize: count, remove: count });
const auditPart = {
  userId: id,
  siteId: orNull(id),
  at: date,
  call: { type: 'string', enum: [...operationCalls] },
  disposition: { type: 'string', enum: ['anonymized', 'deleted'] },
  counts: object(Object.fromEntries(activityTypes.map((type) => [type.plural, dispositions]))),
};
const operationClaims = {
  call: auditPart.call,
  at: date,
  by: actor,
  reason: { ...orNull(text), description: 'The number of a ticket, as it was given.' },
  digest: orNull(text),
  users: count,
  sites: listOf(objectOfAll({ id: orNull(id), users: count, counts: auditPart.counts })),
  counts: auditPart.counts,
};
const outcome = objectOfAll({
  at: date,
  call: { type: 'string', enum: [...outcomeCalls] },
  outcome: text,
});
const oauthStates = {
  removal: { type: 'string', enum: ['none', 'pending', 'removed', 'kept', 'unknown'] },
  reason: orNull(text),
  values: { type: 'string', enum: ['none', 'pending', 'withdrawn', 'unsupported'] },
};
const oauthNeeds = ['removal', 'values'];

/** What the audit tells: of one user, of one call, and as a list. */
export const auditSchemas = {
  AnonymizationStatus: object(
    {
      ...auditPart,
      by: actor,
      oauth: object(oauthStates, oauthNeeds),
      whole: objectOfAll({
        id: text,
        operation: text,
        receipt: text,
        reason: orNull(text),
        digest: orNull(text),
        by: actor,
        rows: listOf(objectOfAll(auditPart)),
        outcomes: listOf(outcome),
      }),
    },
    [...Object.keys(auditPart), 'by'],
  ),
  Operation: object(
    {
      id: text,
      state: { type: 'string', enum: ['running', 'done'] },
      ...operationClaims,
      late,
      oauth: {
        ...object({ ...oauthStates, settledAt: { ...orNull(date), description: 'Null: not yet.' } }, oauthNeeds),
        description: '`reason` for platform admins only.',
      },
      receipt: { ...text, description: 'The address of the receipt.' },
    },
    ['id', ...Object.keys(operationClaims), 'receipt'],
  ),
  Audit: object(
    {
      metadata: object({ pageSize: count, cursor: text }, ['pageSize']),
      records: listOf(
        object(
          {
            at: {
              ...date,
              description: 'To platform admins; at a site to the second, and of some looks the day only.',
            },
            call: { type: 'string', enum: [...operationCalls, ...lookCalls] },
            siteId: orNull(id),
            userId: id,
            actor: object({ kind: actorKind, id, name: operatorName }, ['kind']),
            disposition: { type: ['string', 'null'], enum: [...auditPart.disposition.enum, null] },
            counts: auditPart.counts,
            outcome: orNull(object(oauthStates, oauthNeeds)),
            operation: text,
            receipt: orNull(text),
            reason: orNull(text),
            digest: orNull(text),
          },
          ['at', 'call', 'siteId', 'userId', 'actor', 'disposition', 'counts', 'outcome'],
        ),
      ),
    },
    ['metadata', 'records'],
  ),
};
