import express, { type Request, type Router } from 'express';
import { isJsonObject, type Json } from '../../domain/json.ts';
import { profileFields } from '../../domain/oauth-profile.ts';
import { clientsOnly } from './credentials.ts';
import { roleNames, type ClientSpec, type NewPerson } from './options.ts';
import { created, listed, single, updated } from './shapes.ts';
import { moment, type PersonRow } from './state.ts';
import type { Store } from './store.ts';

const startedAt = moment();
const mostListed = 1000;

/** `/api/admin`: JSON, Basic credentials of a client. What it throws becomes a 500 with the message, as in the real one. */
export const adminRoutes = (store: Store, clients: readonly ClientSpec[]): Router => {
  const routes = express.Router();
  routes.use(clientsOnly(clients));

  routes.get('/users', (request, response) => {
    const { email } = request.query;
    const everybody = store.everybody();
    const found = typeof email === 'string' && email !== '' ? [store.byEmail(email)] : everybody.slice(0, mostListed);
    response.json({ total: everybody.length, data: found.flatMap((row) => (row === undefined ? [] : [listed(row)])) });
  });
  routes.post('/user', (request, response) => {
    response.json(created(store.insert(valuesOf(request))));
  });
  routes.get('/user/:id', (request, response) => {
    const row = existing(store, request);
    response.json(single(row, store.rolesOf(row.id)));
  });
  routes.post('/user/:id', (request, response) => {
    const row = store.change(existing(store, request), valuesOf(request));
    for (const [clientRow, roleId] of rolesOf(request)) store.setRole(row.id, clientRow, roleId);
    response.json(updated(row));
  });
  routes.post('/user/:id/delete', (request, response) => {
    store.remove(existing(store, request).id);
    response.json({ message: 'Deleted!' });
  });
  routes.get('/roles', (_request, response) => {
    response.json(
      roleNames.map((name, index) => ({ id: index + 1, name, createdAt: startedAt, updatedAt: startedAt })),
    );
  });
  routes.get('/client/:clientId', (request, response) => {
    const client = clients.find(({ clientId }) => clientId === request.params.clientId);
    if (client === undefined) response.status(404).json({ message: 'Client not found' });
    else response.json({ ...client, name: client.clientId, createdAt: startedAt, updatedAt: startedAt });
  });
  return routes;
};

/** MySQL reads `12abc` as 12, and the real server falls over nobody. */
const existing = (store: Store, request: Request): PersonRow => {
  const row = store.byId(Number.parseInt(String(request.params['id']), 10));
  if (row === undefined) throw new Error("Cannot read properties of null (reading 'serialize')");
  return row;
};

/** Empty strings are ignored, null clears; extraData is replaced whole. */
const valuesOf = (request: Request): Omit<NewPerson, 'id'> => {
  const body: unknown = request.body;
  if (!isJsonObject(body)) return {};
  const { extraData } = body;
  const fields = profileFields
    .filter((field) => body[field] !== undefined && body[field] !== '')
    .map((field) => [field, textOf(body[field])] as const);
  return { ...Object.fromEntries(fields), ...(isJsonObject(extraData) ? { extraData } : {}) };
};

const textOf = (value: Json | undefined): string | null => {
  if (value === null || value === undefined) return null;
  return typeof value === 'string' ? value : JSON.stringify(value);
};

/** `{"<client row id>": <role id>}`. */
const rolesOf = (request: Request): readonly (readonly [number, number])[] => {
  const body: unknown = request.body;
  const roles = isJsonObject(body) && isJsonObject(body['roles']) ? body['roles'] : {};
  return Object.entries(roles).map(([clientRow, roleId]) => [Number(clientRow), Number(roleId)] as const);
};
