import { randomUUID } from 'node:crypto';
import { collated } from './collation.ts';
import type { NewPerson } from './options.ts';
import { assertStorable, refuseTaken } from './sql.ts';
import { moment, type PersonRow, type RoleRow, type State, type TokenRow } from './state.ts';

/** The state as it is worked with: everything found by its key. */
export interface Tables {
  nextId: number;
  readonly signingKey: string;
  readonly people: Map<number, PersonRow>;
  /** Person ids by collated address: the unique index. */
  readonly addresses: Map<string, number>;
  readonly roles: Map<number, readonly RoleRow[]>;
  readonly tokens: Map<string, TokenRow>;
}

export const tablesOf = ({ nextId, signingKey, people, roles, tokens }: State): Tables => ({
  nextId,
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

export const insertPerson = (tables: Tables, { id, extraData, ...fields }: NewPerson): PersonRow => {
  const now = moment();
  return putPerson(tables, 'insert', {
    ...fields,
    id: id ?? tables.nextId,
    email: fields.email ?? null,
    extraData: extraData ?? {},
    password: `$2b$10$${randomUUID().replaceAll('-', '')}`,
    createdAt: now,
    updatedAt: now,
  });
};

/** A row takes the place of the one with its id, unless its address is somebody else's. */
export const putPerson = (tables: Tables, verb: 'insert' | 'update', row: PersonRow): PersonRow => {
  assertStorable(verb, row);
  const address = row.email === null ? null : collated(row.email);
  const holder = address === null ? undefined : tables.addresses.get(address);
  if (holder !== undefined && holder !== row.id) refuseTaken(verb, row);
  forgetAddress(tables, row.id);
  if (address !== null) tables.addresses.set(address, row.id);
  tables.people.set(row.id, row);
  tables.nextId = Math.max(tables.nextId, row.id + 1);
  return row;
};

export const putRole = (tables: Tables, userId: number, clientId: number, roleId: number): void => {
  const now = moment();
  const others = tables.roles.get(userId) ?? [];
  const old = others.find((role) => role.clientId === clientId);
  const id = old?.id ?? tables.nextId++;
  const made = { id, clientId, userId, roleId, createdAt: old?.createdAt ?? now, updatedAt: now };
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
