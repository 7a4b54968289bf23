import { activityTypes } from '../../activity-types/index.ts';
import { scopes } from '../../domain/actor.ts';
import { exportedKinds } from '../management/present.ts';
import { type Schema, date, id, listOf, object, orNull, text } from './schema.ts';

const count: Schema = { type: 'integer', minimum: 0 };
const perhaps = orNull(text);
const anything: Schema = { type: 'object', additionalProperties: true };

const messages = activityTypes.filter(({ countsAs }) => countsAs === 'message').map(({ plural }) => plural);

const person = {
  id: { ...id, description: "Of the person's first user row at the client's sites." },
  uid: { type: ['string', 'null'], description: 'The external id; absent without the scope `authentication`.' },
  image_url: perhaps,
  full_name: perhaps,
  level: { anyOf: [object({ id, name: text, icon_url: perhaps }, ['id', 'name', 'icon_url']), { type: 'null' }] },
  score: count,
  slug: text,
  points: count,
  description: perhaps,
  created_at: date,
  messages_count: { ...count, description: `Together: ${messages.join(', ')}.` },
  votes_count: count,
};
const details = {
  email: { type: ['string', 'null'], description: 'This and what follows: with the scope `admin`.' },
  age: { type: ['number', 'null'] },
  city: perhaps,
  occupation: perhaps,
  interests: perhaps,
};
const always = Object.keys(person).filter((name) => name !== 'uid');

const scope: Schema = { type: 'string', enum: scopes };
const client = {
  id,
  name: text,
  key: text,
  scopes: listOf(scope),
  siteIds: listOf(id),
  issuer: text,
  createdAt: date,
};

/** The shapes of what management clients are answered. Source: management-api.md. */
export const managementSchemas: Readonly<Record<string, Schema>> = {
  Person: object({ ...person, ...details }, always),
  ChangedPerson: object(
    { ...person, ...details, is_expert: { type: 'boolean' }, is_selected: { type: 'boolean' } },
    always,
  ),
  PersonDeleted: object({ users: count, ...Object.fromEntries(activityTypes.map(({ plural }) => [plural, count])) }, [
    'users',
  ]),
  UserExport: {
    ...object(Object.fromEntries(exportedKinds.map((kind) => [kind, listOf(anything)])), exportedKinds),
    additionalProperties: listOf(anything),
  },
  PersonExport: {
    ...object({ uid: text, ...Object.fromEntries(exportedKinds.map((kind) => [kind, listOf(anything)])) }, [
      'uid',
      ...exportedKinds,
    ]),
    additionalProperties: listOf(anything),
  },
  ManagementError: object(
    {
      success: { type: 'boolean', const: false },
      errors: listOf(object({ name: text, message: text }, ['name', 'message'])),
      current: { ...anything, description: 'With 412: the summary of what would be done now.' },
    },
    ['success', 'errors'],
  ),
  OAuthError: object({ error: text, error_description: text }, ['error']),
  AccessToken: object(
    {
      access_token: text,
      token_type: { type: 'string', const: 'Bearer' },
      expires_in: count,
      created_at: { ...count, description: 'Seconds since 1970.' },
      scope: text,
    },
    ['access_token', 'token_type', 'expires_in', 'created_at', 'scope'],
  ),
  TokenIntrospection: object(
    { active: { type: 'boolean' }, scope: text, client_id: text, token_type: text, iat: count, exp: count },
    ['active'],
  ),
  Client: object({ ...client, lastUsedAt: orNull(date) }, [...Object.keys(client), 'lastUsedAt']),
  NewClient: object({ ...client, secret: text }, [...Object.keys(client), 'secret']),
  RotatedClient: object({ id, secret: text, previousExpiresAt: date }, ['id', 'secret', 'previousExpiresAt']),
};
