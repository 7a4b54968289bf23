import NodeCache from 'node-cache';
import { atLeast, isUserRole, type UserRole } from '../../domain/actor.ts';
import type { Answer, Conversation } from './conversation.ts';
import { OddAnswer } from '../odd-answer.ts';
import { assertWell, saysMissing, saysNoClient } from './quirks.ts';
import { clientRowOf, roleTableOf, type RoleEntry } from './replies.ts';

/** A server's row of one of our clients. `unsure`: it is well, but answers a 500 that is not the one for an unknown client. */
export type ClientRow = number | 'unknown' | 'unsure';
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
export const highestBeyond = (
  entries: readonly RoleEntry[],
  rows: readonly ClientRow[],
  table: RoleTable,
): UserRole | null =>
  entries
    .filter(({ clientId }) => !rows.includes(clientId))
    .map(({ roleId }) => table.get(roleId))
    .map((name) => (isUserRole(name) ? name : 'admin'))
    .reduce<UserRole | null>((top, role) => (top === null || atLeast(role, top) ? role : top), null);

/** A role we have no name for is the least one. */
export const roleIn = (entries: readonly RoleEntry[], row: number, table: RoleTable): UserRole | null => {
  const entry = entries.find(({ clientId }) => clientId === row);
  if (entry === undefined) return null;
  const name = table.get(entry.roleId);
  return isUserRole(name) ? name : 'anonymous';
};
