import { profileFields, type Profile } from '../../domain/people/oauth-profile.ts';
import { type UserRole, atLeast, isUserRole } from '../../domain/actor.ts';
import { type Conversation, assertWell, saysMissing, type Answer, saysNoClient } from './conversation.ts';
import type { OauthClient } from '../../domain/sites/oauth-client.ts';
import { OddAnswer, aboutPeople, aboutPerson, type OauthOperation } from '../oauth-operation.ts';
import {
  idsIn,
  peopleAt,
  personOf,
  type Person,
  encoded,
  isExternalId,
  refusesText,
  clientRowOf,
  roleTableOf,
  type RoleEntry,
} from './records.ts';
import NodeCache from 'node-cache';

/**
 * The person as the server shows them by id; null when it is well and nobody has this id. `pick`: of the record these keys alone,
 * however large the others are.
 */
export const personById = async (
  talk: Conversation,
  externalId: string,
  pick?: readonly string[],
): Promise<Person | null> => {
  // MySQL would read `12abc` as 12 and answer somebody else.
  if (!isExternalId(externalId)) return null;
  return aboutPerson(
    () => assertWell(talk),
    async () => {
      const answer = await talk.read(`/user/${externalId}`, {}, pick);
      if (saysMissing(answer)) {
        await assertWell(talk);
        return null;
      }
      const person = personOf(answer);
      if (person.id !== externalId)
        throw new OddAnswer('another person than asked', { status: answer.status, unwell: false });
      return person;
    },
  );
};

export const findById = async (
  talk: Conversation,
  book: RoleBook,
  externalId: string,
  clientIds: readonly string[],
): Promise<Profile | null> => {
  const [person, rows] = await Promise.all([personById(talk, externalId), book.clientRows(talk, clientIds)]);
  if (person === null) return null;
  const entries = person.roles;
  if (clientIds.length === 0 || entries === undefined) return profileOf(person);
  const table = entries.length === 0 ? new Map<number, string>() : await book.roleTable(talk, entries);
  const roles = [...rows].flatMap(([clientId, row]): [string, UserRole | null][] =>
    typeof row === 'number' ? [[clientId, roleIn(entries, row, table)]] : [],
  );
  return {
    ...profileOf(person),
    roles: Object.fromEntries(roles),
    roleElsewhere: highestBeyond(entries, [...rows.values()], table),
  };
};

/** Their collation finds `josé@` for `jose@`, and everybody for nothing: only one exact hit counts. Source: oauth-server.md §1. */
export const findByEmail = async (
  talk: Conversation,
  book: RoleBook,
  email: string,
  clientIds: readonly string[],
): Promise<Profile | null> => {
  const asked = email.trim().toLowerCase();
  if (asked === '' || refusesText(asked) !== null) return null;
  const [found, ...others] = await aboutPeople(
    () => assertWell(talk),
    async () => peopleAt(asked, await talk.read('/users', { email: encoded(asked) })),
  );
  if (found === undefined || others.length > 0) return null;
  return clientIds.length === 0 ? profileOf(found) : findById(talk, book, found.id, clientIds);
};

/** By their collation, as that is what would refuse it: nobody but this person has it there, or what it takes for it. */
export const isAddressFree = async (talk: Conversation, email: string, externalId: string): Promise<boolean> => {
  const asked = email.trim().toLowerCase();
  if (asked === '' || refusesText(asked) !== null) return false;
  return aboutPeople(
    () => assertWell(talk),
    async () => idsIn(await talk.read('/users', { email: encoded(asked) })).every((id) => id === externalId),
  );
};

/** Roles not said. */
export const profileOf = (person: Person): Profile => ({
  externalId: person.id,
  ...Object.fromEntries(
    profileFields.flatMap((field) => (person[field] === undefined ? [] : [[field, person[field]]])),
  ),
  ...(person.extraData === undefined ? {} : { extraData: person.extraData }),
});

/** A server's row of one of our clients. `unsure`: it is well, but answers a 500 that is not the one for an unknown client. */
type ClientRow = number | 'unknown' | 'unsure';
/** Role names by the server's role ids. */
export type RoleTable = ReadonlyMap<number, string>;

/** How a server numbers roles and clients. These hardly ever change: kept ten minutes, and bounded in number. */
export interface RoleBook {
  /** The server's rows of our clients, by client id. Throws when the server is too unwell to tell. */
  clientRows(talk: Conversation, clientIds: readonly string[]): Promise<ReadonlyMap<string, ClientRow>>;
  /** A table that knows all of these role ids, if there is one. */
  roleTable(talk: Conversation, needed?: readonly RoleEntry[]): Promise<RoleTable>;
}

const keptSeconds = 600;
/** A client that is unknown today is perhaps being registered. */
const unknownKeptSeconds = 30;
const maxKept = 2000;

export const roleBook = (): RoleBook => {
  const cache = new NodeCache({ stdTTL: keptSeconds, useClones: false, checkperiod: 0 });
  const keep = (key: string, value: ClientRow | RoleTable, seconds: number): void => {
    if (cache.getStats().keys >= maxKept) cache.flushAll();
    cache.set(key, value, seconds);
  };

  const clientRow = async (talk: Conversation, clientId: string): Promise<ClientRow> => {
    const key = `client ${talk.server} ${clientId}`;
    const known = cache.get<ClientRow>(key);
    if (known !== undefined) return known;
    const row = await askForClient(talk, clientId);
    if (row !== 'unsure') keep(key, row, row === 'unknown' ? unknownKeptSeconds : keptSeconds);
    return row;
  };

  return {
    clientRows: async (talk, clientIds) =>
      new Map(await Promise.all([...new Set(clientIds)].map(async (id) => [id, await clientRow(talk, id)] as const))),
    roleTable: async (talk, needed = []) => {
      const key = `roles ${talk.server}`;
      const known = cache.get<RoleTable>(key);
      if (known !== undefined && needed.every(({ roleId }) => known.has(roleId))) return known;
      const table = new Map(roleTableOf(await talk.read('/roles')).map(({ id, name }) => [id, name]));
      keep(key, table, keptSeconds);
      return table;
    },
  };
};

/** The query's `client_id` beats the path's. Their collation ignores case, ours does not matter here. */
const askForClient = async (talk: Conversation, clientId: string): Promise<ClientRow> => {
  const answer = await talk.read(`/client/${encodeURIComponent(clientId)}`, { client_id: clientId });
  if (!isUnresolved(answer)) {
    const row = clientRowOf(answer);
    if (row.clientId.toLowerCase() !== clientId.toLowerCase())
      throw new OddAnswer('another client than asked', { status: answer.status, unwell: false });
    return row.id;
  }
  await assertWell(talk);
  return saysMissing(answer) || saysNoClient(answer) ? 'unknown' : 'unsure';
};

const isUnresolved = ({ status, json }: Answer): boolean => (status === 404 || status === 500) && json !== undefined;

/** The highest at clients that are none of these rows; a role we have no name for may be a high one. */
const highestBeyond = (entries: readonly RoleEntry[], rows: readonly ClientRow[], table: RoleTable): UserRole | null =>
  entries
    .filter(({ clientId }) => !rows.includes(clientId))
    .map(({ roleId }) => table.get(roleId))
    .map((name) => (isUserRole(name) ? name : 'admin'))
    .reduce<UserRole | null>((top, role) => (top === null || atLeast(role, top) ? role : top), null);

/** A role we have no name for is the least one. */
const roleIn = (entries: readonly RoleEntry[], row: number, table: RoleTable): UserRole | null => {
  const entry = entries.find(({ clientId }) => clientId === row);
  if (entry === undefined) return null;
  const name = table.get(entry.roleId);
  return isUserRole(name) ? name : 'anonymous';
};

/**
 * Whether the person exists beside what we are about to leave: a role at a client that is none of ours, or above member at one of
 * ours that is not left. A client whose secret the server refuses may be another application's: nobody is called unneeded while a
 * role of theirs is there. Never guesses: what the server cannot tell just now is thrown. Source: anonymization.md §3.
 */
export const isNeededElsewhere = async (
  operation: OauthOperation<Conversation>,
  book: RoleBook,
  client: OauthClient,
  externalId: string,
  ours: readonly OauthClient[],
  leaving: readonly string[],
): Promise<boolean> => {
  const answer = await operation('is-needed-elsewhere', client, (talk) =>
    saidByRoles(
      talk,
      book,
      externalId,
      ours.map(({ clientId }) => clientId),
      leaving,
    ),
  );
  if (answer === 'needed') return true;
  await Promise.all(
    answer.map(async (clientIds) => {
      const [first, ...others] = ours.filter(({ clientId }) => clientIds.includes(clientId));
      if (first !== undefined) await operation('is-our-client', { ...first, others }, assertWell);
    }),
  );
  return false;
};

/** `needed`, or the clients that have to be ours for it to be otherwise; each by all names that we have for it. */
const saidByRoles = async (
  talk: Conversation,
  book: RoleBook,
  externalId: string,
  ours: readonly string[],
  leaving: readonly string[],
): Promise<'needed' | readonly (readonly string[])[]> => {
  const [person, rows] = await Promise.all([
    personById(talk, externalId, ['id', 'roles']),
    book.clientRows(talk, ours),
  ]);
  if (person === null) return [];
  if (person.roles === undefined) throw unsure('a person without a list of roles', false);
  if (person.roles.length === 0) return [];
  if ([...rows.values()].includes('unsure')) throw unsure('a client of ours that is neither known nor unknown', true);
  const table = await book.roleTable(talk, person.roles);
  const held = person.roles.map(({ clientId: row, roleId }) => ({
    roleId,
    clientIds: [...rows].flatMap(([clientId, its]) => (its === row ? [clientId] : [])),
  }));
  const keeps = ({ roleId, clientIds }: (typeof held)[number]): boolean =>
    clientIds.length === 0 || (isAboveMember(table, roleId) && !clientIds.some((id) => leaving.includes(id)));
  return held.some(keeps) ? 'needed' : held.map(({ clientIds }) => clientIds);
};

/** A role whose name tells us nothing may be a high one: the person stays. */
const isAboveMember = (table: RoleTable, roleId: number): boolean => {
  const name = table.get(roleId);
  return name !== 'member' && name !== 'anonymous';
};

const unsure = (reason: string, unwell: boolean): OddAnswer => new OddAnswer(reason, { status: 500, unwell });
