import Joi from 'joi';
import { maxSites, scopes, type Scope, type Client } from '../../domain/actor.ts';
import { Fault } from '../../domain/fault.ts';
import { byPlatformAdmins, idOf, nowhere, platformAdmins } from '../where.ts';
import { reference } from '../openapi/schema.ts';
import { nothing, validated, keptWhole } from '../requests/validate.ts';
import { route, type Parameters } from '../route.ts';

interface ClientBody {
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly siteIds: readonly number[];
}
const needed = { 'any.required': 'is needed' };
const clientBody = Joi.object<ClientBody>({
  name: Joi.string()
    .min(1)
    .max(255)
    .trim()
    .custom(keptWhole)
    .required()
    .messages({ ...needed, '*': 'must be a text of 1 to 255 characters, U+0000 not among them' }),
  scopes: Joi.array()
    .min(1)
    .max(scopes.length)
    .items(Joi.string().valid(...scopes))
    .unique()
    .required()
    .messages({ ...needed, '*': `must be a list of ${scopes.join(', ')}, none twice` }),
  siteIds: Joi.array()
    .min(1)
    .max(maxSites)
    .items(Joi.number().integer().min(1).max(Number.MAX_SAFE_INTEGER))
    .unique()
    .required()
    .messages({ ...needed, '*': `must be a list of 1 to ${maxSites} ids of sites, none twice` }),
});

const ofClient = ({ clientId = '' }: Parameters): Promise<number> => {
  const id = idOf(clientId);
  return id === null ? Promise.reject(new Fault('not-found', {}, 'There is no such client.')) : Promise.resolve(id);
};

const shown = ({ id, name, key, scopes: its, siteIds, issuer, createdAt }: Client): object => ({
  id,
  name,
  key,
  scopes: its,
  siteIds,
  issuer,
  createdAt,
});

const card = {
  group: 'Clients',
  who: platformAdmins,
  needsToken: true,
  query: nothing,
  cache: 'no-store',
} as const;

/** Who may manage people by program. Source: management-api.md §3. */
export const clientRoutes = [
  route({
    ...card,
    method: 'get',
    path: '/api/client',
    operationId: 'listClients',
    summary: 'List the management clients',
    where: nowhere,
    may: byPlatformAdmins,
    handler: async ({ management }, { actor }) => ({
      status: 200,
      body: (await management.listClients({ actor })).map((client) => ({
        ...shown(client),
        lastUsedAt: client.lastUsedAt,
      })),
    }),
    answer: {
      status: 200,
      description: 'All that are not revoked, in id order, without secrets.',
      schema: { type: 'array', items: reference('Client') },
    },
    problems: ['forbidden'],
  }),
  route({
    ...card,
    method: 'post',
    path: '/api/client',
    operationId: 'createClient',
    summary: 'Make a management client',
    requestBody: clientBody,
    where: nowhere,
    may: byPlatformAdmins,
    handler: async ({ management }, { actor, body }) => {
      const { client, secret } = await management.createClient({ actor, ...validated(clientBody, body, 'body') });
      return { status: 201, headers: { Location: `/api/client/${client.id}` }, body: { ...shown(client), secret } };
    },
    answer: {
      status: 201,
      description: 'The client, with its secret: shown this once.',
      schema: reference('NewClient'),
      headers: ['Location'],
    },
    problems: ['forbidden'],
  }),
  route({
    ...card,
    method: 'post',
    path: '/api/client/{clientId}/rotate',
    operationId: 'rotateClient',
    summary: 'Give a management client a new secret',
    where: ofClient,
    may: byPlatformAdmins,
    handler: async ({ management }, { actor, where: clientId }) => ({
      status: 200,
      body: { id: clientId, ...(await management.rotateClient({ actor, clientId })) },
    }),
    answer: {
      status: 200,
      description: 'The new secret, shown this once; the old one counts until `previousExpiresAt`.',
      schema: reference('RotatedClient'),
    },
    problems: ['forbidden', 'not-found'],
  }),
  route({
    ...card,
    method: 'delete',
    path: '/api/client/{clientId}',
    operationId: 'revokeClient',
    refusesUnknown: true,
    summary: 'Revoke a management client',
    where: ofClient,
    may: byPlatformAdmins,
    handler: async ({ management }, { actor, where: clientId }) => {
      await management.revokeClient({ actor, clientId });
      return { status: 200, body: { client: 'revoked' } };
    },
    answer: {
      status: 200,
      description: 'Its key, secrets and tokens count no more.',
      schema: { type: 'object', properties: { client: { type: 'string', const: 'revoked' } }, required: ['client'] },
    },
    problems: ['forbidden', 'not-found'],
  }),
];
