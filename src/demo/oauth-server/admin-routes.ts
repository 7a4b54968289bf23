import express from 'express';
import type { Request, Router } from 'express';
import { isJsonObject, type JsonObject, type Json } from '../../domain/json.ts';
import { profileFields } from '../../domain/people/oauth-profile.ts';
import { askedClient, clientsOnly } from './clients.ts';
import { asNumber, isStorable, refuseMixedCollations, refuseSyntax } from './sql.ts';
import { roleNames, type ClientSpec } from './options.ts';
import { notFoundPage } from './pages.ts';
import { client, created, listed, single, updated } from './shapes.ts';
import { moment, type PersonRow } from './state.ts';
import type { Store } from './store.ts';
import type { Columns } from './tables.ts';

const startedAt = moment();

/** `/api/admin`: JSON, Basic credentials of a client. What it throws becomes a 500 with the message, as in the real one. */
export const adminRoutes = (store: Store, clients: readonly ClientSpec[]): Router => {
  const routes = express.Router();
  routes.use(clientsOnly(clients));

  routes.get('/users', (request, response) => {
    response.json({ total: store.everybody().length, data: listOfPeople(store, request).map(listed) });
  });
  routes.post('/user', (request, response) => {
    const row = store.insert(newColumns(bodyOf(request)));
    saveRoles(store, row.id, bodyOf(request));
    response.json(created(row));
  });
  routes.get('/user/:id', (request, response) => {
    const row = existing(store, request);
    response.json(single(row, store.rolesOf(row.id)));
  });
  routes.post('/user/:id', (request, response) => {
    const row = store.change(existing(store, request), changedColumns(bodyOf(request)));
    // The fields are saved by now, whatever becomes of the roles.
    saveRoles(store, row.id, bodyOf(request));
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
    const asked = askedClient(clients, request, request.params.clientId);
    if (asked === undefined) throw new Error('No Client found for clientID');
    response.json(client(asked, startedAt));
  });
  routes.use((_request, response) => {
    response.status(404).send(notFoundPage());
  });
  return routes;
};

const bodyOf = (request: Request): JsonObject => {
  const body: unknown = request.body;
  return isJsonObject(body) ? body : {};
};

/** A `userId` in the body goes before the one in the path. */
const existing = (store: Store, request: Request): PersonRow => {
  const { userId } = bodyOf(request);
  const named = typeof userId === 'string' || typeof userId === 'number' ? String(userId) : undefined;
  const row = store.byId(asNumber(named ?? String(request.params['id'])));
  if (row === undefined) throw new Error("Cannot read properties of null (reading 'serialize')");
  return row;
};

/** Empty strings are ignored, null clears; extraData is replaced whole. */
const changedColumns = (body: JsonObject): Columns => {
  const fields = profileFields
    .filter((field) => body[field] !== undefined && body[field] !== '')
    .map((field) => [field, columnOf(body[field])] as const);
  const { extraData } = body;
  const isSaid = extraData !== undefined && extraData !== '';
  return { ...Object.fromEntries(fields), ...(isSaid ? { extraData: extraDataOf(extraData) } : {}) };
};

/** Unlike an update, a create keeps an empty string. */
const newColumns = (body: JsonObject): Columns => ({
  ...Object.fromEntries(
    profileFields.filter((field) => body[field] !== undefined).map((field) => [field, columnOf(body[field])] as const),
  ),
  extraData: extraDataOf(body['extraData']),
});

/**
 * `{"<client row id>": <role id>}`; what is no number is left out, so a role cannot be taken away. A list is read as such a map,
 * too. All are tried; the first that the database refuses is told.
 */
const saveRoles = (store: Store, userId: number, { roles }: JsonObject): void => {
  if (typeof roles !== 'object' || roles === null) return;
  const refusals = Object.entries(roles).flatMap(([clientRow, role]) => {
    const roleId = typeof role === 'string' || typeof role === 'number' ? Number.parseInt(String(role), 10) : 0;
    if (Number.isNaN(roleId) || roleId === 0) return [];
    try {
      store.setRole(userId, Number.parseInt(clientRow, 10), roleId);
      return [];
    } catch (error) {
      return [error];
    }
  });
  if (refusals.length > 0) throw refusals[0];
};

/** What becomes of a value on its way into a text column; the markup goes later. */
const columnOf = (value: Json | undefined): string | null => {
  if (value === null || value === undefined) return null;
  if (typeof value === 'string') return value;
  if (value === false) return '0';
  if (typeof value === 'number') return String(value);
  // The library that takes markup out falls over a list, and makes nothing of all else.
  if (Array.isArray(value) && value.length > 0) throw new TypeError('this.buffer.charCodeAt is not a function');
  return '';
};

/** Anything that JSON can be is taken; what counts as false is an empty object. */
const extraDataOf = (value: Json | undefined): string =>
  JSON.stringify(value === undefined || value === null || value === false || value === 0 || value === '' ? {} : value);

const maxListed = 1000;

/** The newest first; with `email` whom the collation takes for that address. An empty one is no filter at all. */
const listOfPeople = (store: Store, { query }: Request): readonly PersonRow[] => {
  if (query['clientId'] !== undefined)
    throw new Error('Undefined binding(s) detected when compiling SELECT. Undefined column(s): [clientId]');
  const email: unknown = query['email'];
  if (email === undefined || email === '') return store.everybody().toReversed().slice(0, maxListed);
  const [asked, ...others] = Array.isArray(email) ? (email as readonly unknown[]) : [email];
  if (others.length > 0) {
    const rest = others.map((one) => `'${String(one)}' order by \`id\` DESC limit ${maxListed}`).join(', ');
    refuseSyntax(`select \`users\`.* from \`users\` where \`email\` = '${String(asked)}', ${rest}`, ` ${rest}`);
  }
  if (typeof asked !== 'string') return [];
  if (!isStorable(asked)) refuseMixedCollations(asked);
  const found = store.byEmail(asked);
  return found === undefined ? [] : [found];
};
