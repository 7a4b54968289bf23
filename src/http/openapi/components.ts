import { activityTypes } from '../../activity-types/index.ts';
import type { ActivityType } from '../../activity-types/definition.ts';
import { findingKinds } from '../../domain/people/finding.ts';
import { ruleOf, userFieldNames, type DerivedField } from '../../domain/users/user-fields.ts';
import { shownFields } from '../../domain/users/user-visibility.ts';
import { problems } from '../problems.ts';
import { anonymizationSchemas, capital, count } from './anonymization-components.ts';
import { auditSchemas } from './audit-components.ts';
import { managementSchemas } from './management-components.ts';
import { peopleSchemas } from './people-components.ts';
import { runSchemas } from './run-components.ts';
import { reference, type Schema, date, id, listOf, object, ofColumn, ofShape, orNull, text } from './schema.ts';

const derived: Readonly<Record<DerivedField, Schema>> = {
  fullName: orNull(text),
  displayName: orNull(text),
  initials: text,
};

/** Every column that somebody may see, and what is derived. Source: domain/users/user-fields.ts. */
const userProperties = {
  ...Object.fromEntries(shownFields.map((field) => [field, ofShape(ruleOf(field).shape)])),
  externalUserId: { type: ['integer', 'string', 'null'] },
  ...derived,
  site: reference('SiteSummary'),
};
const user: Schema = {
  ...object(userProperties, ['id', 'displayName', 'initials']),
  description: 'A user as the actor may see it: fields that are not theirs to see are absent.',
};

const summary = {
  id,
  name: text,
  title: text,
  domain: text,
  areaId: { type: ['integer', 'null'] },
  createdAt: date,
  updatedAt: date,
};
const activitySite = object({ id, domain: text, title: text, createdAt: date, updatedAt: date });
const idea = object({
  id,
  title: text,
  siteId: { type: ['integer', 'null'] },
  status: text,
  viewableByRole: orNull(text),
});
const ideaOrNull: Schema = { anyOf: [reference('IdeaSummary'), { type: 'null' }] };

const contribution = (type: ActivityType, beside: Readonly<Record<string, Schema>> = {}): Schema =>
  object({
    ...Object.fromEntries(
      Object.entries(type.columns).flatMap(([name, column]) => (column.shown ? [[name, ofColumn(column)]] : [])),
    ),
    ...beside,
  });

const pageLinks = object({ self: text, first: text, last: text, previous: text, next: text }, ['self', 'first']);
const metadata = object(
  {
    page: { type: 'integer' },
    pageSize: { type: 'integer' },
    pageCount: { type: 'integer' },
    totalCount: { type: 'integer' },
    cursor: text,
    links: pageLinks,
  },
  ['pageSize', 'links'],
);

/** The shapes of answers, from the same tables that make the answers. */
export const schemas: Readonly<Record<string, Schema>> = {
  User: user,
  ...peopleSchemas(userProperties),
  UserPage: object({ metadata, records: listOf(reference('User')) }, ['metadata', 'records']),
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
        object({
          type: object({ slug: { type: 'string', enum: activityTypes.map((type) => type.name) }, label: text }),
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
  ...runSchemas(metadata),
  ...auditSchemas,
  Drift: object(
    {
      metadata,
      summary: object(
        {
          people: count,
          ...Object.fromEntries(findingKinds.map((kind) => [kind, count])),
          oldestFetchedAt: orNull(date),
        },
        ['people', ...findingKinds, 'oldestFetchedAt'],
      ),
      sweep: orNull(
        object({ position: count, checked: count, beganAt: date, endedAt: orNull(date) }, [
          'position',
          'checked',
          'beganAt',
          'endedAt',
        ]),
      ),
      records: listOf(
        object(
          {
            personId: id,
            kind: { type: 'string', enum: findingKinds },
            fields: listOf({ type: 'string', enum: userFieldNames }),
            at: orNull(date),
            users: listOf(object({ id, siteId: id }, ['id', 'siteId'])),
          },
          ['personId', 'kind', 'fields', 'at', 'users'],
        ),
      ),
    },
    ['metadata', 'summary', 'sweep', 'records'],
  ),
  ...managementSchemas,
  JwkSet: object({ keys: listOf({ type: 'object', additionalProperties: { type: 'string' } }) }, ['keys']),
  Me: { anyOf: [reference('User'), object({ externalUserId: { type: 'null' }, extraData: object({}) })] },
  LoggedOut: object({ session: { type: 'string', enum: ['ended', 'none'] } }, ['session']),
  SiteDeleted: object({ site: { type: 'string', const: 'deleted' } }, ['site']),
  Deleted: object({ user: { type: 'string', const: 'deleted' } }, ['user']),
  Problem: {
    ...object(
      {
        type: {
          type: 'string',
          description: Object.keys(problems)
            .map((code) => `\`/problems/${code}\``)
            .join(', '),
        },
        title: text,
        status: { type: 'integer' },
        detail: text,
        instance: { type: 'string', description: 'The request id, also in `X-Request-Id`.' },
        errors: listOf(object({ pointer: text, detail: text }, ['pointer', 'detail'])),
        error: text,
        message: text,
      },
      ['type', 'title', 'status', 'detail', 'instance', 'error', 'message'],
    ),
    additionalProperties: true,
  },
};
