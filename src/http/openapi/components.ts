import { activityTypes } from '../../activity-types/index.ts';
import type { ActivityType } from '../../activity-types/definition.ts';
import { findingKinds } from '../../domain/people/finding.ts';
import { topics } from '../../ports/outbox.ts';
import { userFieldNames } from '../../domain/users/user-fields.ts';
import { anonymizationSchemas, capital, count } from './anonymization-components.ts';
import { auditSchemas } from './audit-components.ts';
import { managementSchemas } from './management-components.ts';
import { consoleSchemas, peopleSchemas } from './people-components.ts';
import { problemSchemas } from './problem-components.ts';
import { runSchemas } from './run-components.ts';
import {
  reference,
  type Schema,
  date,
  id,
  listOf,
  numberedMetadata,
  object,
  objectOfAll,
  ofColumn,
  orNull,
  text,
} from './schema.ts';
import { userSchemas } from './user-components.ts';

const summary = {
  id,
  name: text,
  title: text,
  domain: text,
  areaId: { type: ['integer', 'null'] },
  createdAt: date,
  updatedAt: date,
};
const activitySite = objectOfAll({ id, domain: text, title: text, createdAt: date, updatedAt: date });
const idea = objectOfAll({
  id,
  title: text,
  siteId: { type: ['integer', 'null'] },
  status: text,
  viewableByRole: orNull(text),
});
const ideaOrNull: Schema = { anyOf: [reference('IdeaSummary'), { type: 'null' }] };

const contribution = (type: ActivityType, beside: Readonly<Record<string, Schema>> = {}): Schema =>
  objectOfAll({
    ...Object.fromEntries(
      Object.entries(type.columns).flatMap(([name, column]) => (column.shown ? [[name, ofColumn(name, column)]] : [])),
    ),
    ...beside,
  });

/** The shapes of answers, from the same tables that make the answers. */
export const schemas: Readonly<Record<string, Schema>> = {
  ...userSchemas,
  ...peopleSchemas,
  SiteSummary: object(summary, Object.keys(summary)),
  Site: object({ ...summary, config: { type: 'object', additionalProperties: true } }, Object.keys(summary)),
  IdeaSummary: idea,
  ...Object.fromEntries(activityTypes.map((type) => [capital(type.name), contribution(type)])),
  Activity: object(
    {
      sites: listOf(activitySite),
      ...Object.fromEntries(
        activityTypes.map((type) => {
          const isOfIdea = type.belongsTo === 'idea';
          return [
            type.plural,
            listOf(isOfIdea ? contribution(type, { idea: ideaOrNull }) : reference(capital(type.name))),
          ];
        }),
      ),
      activity: listOf(
        objectOfAll({
          type: objectOfAll({ slug: { type: 'string', enum: activityTypes.map((type) => type.name) }, label: text }),
          description: text,
          idea: ideaOrNull,
          site: activitySite,
          createdAt: date,
        }),
      ),
    },
    ['sites', 'activity'],
  ),
  ...anonymizationSchemas,
  ...runSchemas,
  ...auditSchemas,
  Drift: objectOfAll({
    metadata: numberedMetadata(),
    summary: objectOfAll({
      people: count,
      ...Object.fromEntries(findingKinds.map((kind) => [kind, count])),
      oldestFetchedAt: orNull(date),
    }),
    sweep: orNull(objectOfAll({ position: count, checked: count, beganAt: date, endedAt: orNull(date) })),
    records: listOf(
      objectOfAll({
        personId: id,
        kind: { type: 'string', enum: findingKinds },
        fields: listOf({ type: 'string', enum: userFieldNames }),
        at: orNull(date),
        users: listOf(objectOfAll({ id, siteId: id })),
      }),
    ),
  }),
  OutboxMessage: objectOfAll({
    id: { type: 'integer' },
    topic: { type: ['string', 'null'], enum: [...topics, null], description: 'null: somebody else wrote it.' },
    personId: { ...orNull(id), description: 'As drift names people; null: of somebody who is being added.' },
    siteIds: { ...listOf(id), description: 'Whose values go, or where somebody is added.' },
    users: { ...listOf(objectOfAll({ id, siteId: id })), description: 'The person’s rows that are left here.' },
    since: date,
    attempts: count,
    dueAt: date,
    lastError: { ...orNull(text), description: 'A code; null: it was not tried yet.' },
  }),
  Outbox: objectOfAll({
    metadata: object({ pageSize: count, cursor: text }, ['pageSize']),
    records: listOf(reference('OutboxMessage')),
  }),
  RetriedMessage: objectOfAll({
    outcome: { ...orNull(text), description: '`done`, `kept;reason=…`, `refreshed` …; null: it waits on.' },
    message: { anyOf: [reference('OutboxMessage'), { type: 'null' }] },
  }),
  ...managementSchemas,
  JwkSet: object({ keys: listOf({ type: 'object', additionalProperties: { type: 'string' } }) }, ['keys']),
  ...consoleSchemas,
  LoggedOut: object({ session: { type: 'string', enum: ['ended', 'none'] } }, ['session']),
  SiteDeleted: object({ site: { type: 'string', const: 'deleted' } }, ['site']),
  Deleted: object({ user: { type: 'string', const: 'deleted' } }, ['user']),
  ...problemSchemas,
};
