import { isScope, type Client, type Scope } from '../../domain/client.ts';
import type { ClientSecrets } from '../../ports/client-store.ts';
import type { RawRow } from '../database.ts';
import { raw, type Sql } from '../sql.ts';
import { dateOf, numberOf, textOf } from './values.ts';

/** The columns of `civitas_clients c` with one of its sites each row (`civitas_client_sites s`), for `clientsOf`. */
export const clientColumns: Sql = raw(
  'c.id, c.name, c.apiKey, c.secret, c.previousSecret, c.previousSecretExpiresAt, c.scopes, c.issuer, c.createdAt, c.lastUsedAt, s.siteId',
);
export const withSites: Sql = raw('LEFT JOIN civitas_client_sites s ON s.clientId = c.id');

/** Rows of one client or several, in id order, each with all its sites. */
export const clientsOf = (rows: readonly RawRow[]): readonly (Client & ClientSecrets)[] => {
  const byId = new Map<number, readonly RawRow[]>();
  for (const row of rows) {
    const id = numberOf(row['id']) ?? 0;
    byId.set(id, [...(byId.get(id) ?? []), row]);
  }
  return [...byId].flatMap(([id, own]) => (own[0] === undefined ? [] : [clientOf(id, own[0], own)]));
};

const clientOf = (id: number, row: RawRow, own: readonly RawRow[]): Client & ClientSecrets => ({
  id,
  name: textOf(row['name']) ?? '',
  key: textOf(row['apiKey']) ?? '',
  scopes: scopesOf(row['scopes']),
  siteIds: own
    .flatMap(({ siteId }) => (siteId === null ? [] : [numberOf(siteId) ?? 0]))
    .sort((one, other) => one - other),
  issuer: textOf(row['issuer']) ?? '',
  createdAt: dateOf(row['createdAt']) ?? new Date(0),
  lastUsedAt: dateOf(row['lastUsedAt']),
  secret: textOf(row['secret']) ?? '',
  previous: textOf(row['previousSecret']),
  previousExpiresAt: dateOf(row['previousSecretExpiresAt']),
});

export const scopesOf = (text: unknown): readonly Scope[] => (textOf(text) ?? '').split(' ').filter(isScope);
