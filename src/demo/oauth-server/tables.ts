import { randomUUID } from 'node:crypto';
import { asRead, collated, assertStorable, refuseReference, refuseTaken, refuseUnnamedClient } from './sql.ts';
import { profileFields, type ProfileField } from '../../domain/people/oauth-profile.ts';
import { withoutMarkup } from './markup.ts';
import type { NewPerson } from './options.ts';
import { moment, type PersonRow, type RoleRow, type State, type TokenRow } from './state.ts';

/** The state as it is worked with: everything found by its key. */
export interface Tables {
  nextId: number;
  nextRoleId: number;
  readonly signingKey: string;
  readonly people: Map<number, PersonRow>;
  /** Person ids by collated address: the unique index. */
  readonly addresses: Map<string, number>;
  readonly roles: Map<number, readonly RoleRow[]>;
  readonly tokens: Map<string, TokenRow>;
}

export const tablesOf = ({ nextId, signingKey, people, roles, tokens }: State): Tables => ({
  nextId,
  nextRoleId: roles.reduce((most, { id }) => Math.max(most, id), 0) + 1,
  signingKey,
  people: new Map(people.map((row) => [row.id, row])),
  addresses: new Map(people.flatMap(({ email, id }) => (email === null ? [] : [[collated(email), id] as const]))),
  roles: byUser(roles),
  tokens: new Map(tokens.map((row) => [row.id, row])),
});

export const stateOf = ({ nextId, signingKey, people, roles, tokens }: Tables): State => ({
  nextId,
  signingKey,
  people: [...people.values()],
  roles: [...roles.values()].flat(),
  tokens: [...tokens.values()],
});

const byUser = (roles: readonly RoleRow[]): Map<number, readonly RoleRow[]> => {
  const lists = new Map<number, RoleRow[]>();
  for (const role of roles) {
    const list = lists.get(role.userId);
    if (list === undefined) lists.set(role.userId, [role]);
    else list.push(role);
  }
  return lists;
};

/** The columns that a call may set. */
export type Columns = Partial<Record<ProfileField | 'extraData', string | null>>;

export const insertPerson = (tables: Tables, values: Columns): PersonRow =>
  putPerson(tables, 'insert', saved({ ...blank(tables.nextId++), ...values }));

/** As it is given: nothing of what a save does to texts. */
export const seedPerson = (tables: Tables, { id, extraData, ...fields }: NewPerson): PersonRow =>
  putPerson(tables, 'insert', {
    ...blank(id ?? tables.nextId),
    ...fields,
    extraData: JSON.stringify(extraData ?? {}),
  });

/** Every save writes every column again, without markup: also those that nobody meant to change. */
export const saved = (row: PersonRow): PersonRow => ({
  ...row,
  ...Object.fromEntries(
    [...profileFields, 'extraData' as const].flatMap((column) => {
      const text = row[column];
      return typeof text === 'string' ? [[column, withoutMarkup(text)]] : [];
    }),
  ),
  updatedAt: moment(),
});

/** As the program reads it: characters that it has no words for are question marks. */
export const read = (row: PersonRow): PersonRow => ({
  ...row,
  ...Object.fromEntries(
    [...profileFields, 'extraData' as const].flatMap((column) => {
      const text = row[column];
      return typeof text === 'string' ? [[column, asRead(text)]] : [];
    }),
  ),
});

const blank = (id: number): PersonRow => {
  const now = moment();
  const password = `$2b$10$${randomUUID().replaceAll('-', '')}`;
  return { id, email: null, extraData: '{}', password, createdAt: now, updatedAt: now };
};

/** A row takes the place of the one with its id, unless its address is somebody else's. */
export const putPerson = (tables: Tables, verb: 'insert' | 'update', row: PersonRow): PersonRow => {
  assertStorable(verb, row);
  const address = row.email === null ? null : collated(row.email);
  const holder = address === null ? undefined : tables.addresses.get(address);
  if (holder !== undefined && holder !== row.id) refuseTaken(verb, row);
  overwritePerson(tables, row);
  return row;
};

export const overwritePerson = (tables: Tables, row: PersonRow): void => {
  forgetAddress(tables, row.id);
  if (row.email !== null) tables.addresses.set(collated(row.email), row.id);
  tables.people.set(row.id, row);
  tables.nextId = Math.max(tables.nextId, row.id + 1);
};

/** The keys of the table are compared first: a role or a client that is not there is refused. */
export const putRole = (
  tables: Tables,
  userId: number,
  clientId: number,
  roleId: number,
  isKnown: { readonly client: boolean; readonly role: boolean },
): void => {
  if (Number.isNaN(clientId)) refuseUnnamedClient(userId);
  const now = moment();
  const others = tables.roles.get(userId) ?? [];
  const old = others.find((role) => role.clientId === clientId);
  const id = old?.id ?? tables.nextRoleId++;
  const made = { id, clientId, userId, roleId, createdAt: old?.createdAt ?? now, updatedAt: now };
  if (!isKnown.client) refuseReference(made, old, 'client');
  if (!isKnown.role) refuseReference(made, old, 'role');
  tables.roles.set(userId, [...others.filter((role) => role !== old), made]);
};

export const removePerson = (tables: Tables, id: number): void => {
  forgetAddress(tables, id);
  removeTokens(tables, id);
  tables.people.delete(id);
  tables.roles.delete(id);
};

export const removeTokens = (tables: Tables, userId: number): void => {
  for (const token of tables.tokens.values()) if (token.userId === userId) tables.tokens.delete(token.id);
};

const forgetAddress = ({ people, addresses }: Tables, id: number): void => {
  const email = people.get(id)?.email;
  if (typeof email === 'string') addresses.delete(collated(email));
};
