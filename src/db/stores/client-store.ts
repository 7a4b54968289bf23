import { type Client, isScope, type Scope } from '../../domain/actor.ts';
import type { ClientSecrets, ClientStore } from '../../ports/credentials.ts';
import type { Ports } from '../../ports/index.ts';
import type { InOneTransaction } from '../../ports/unit-of-work.ts';
import type { Database, RawRow } from '../database.ts';
import { dateOf, numberOf, textOf } from '../rows/values.ts';
import { isId, joined, raw, sql, type Sql } from '../sql.ts';

const maxClients = 10_000;
const useNotedEveryMs = 60_000;

export const clientStore = (
  { select, change, insert }: Database,
  inOneTransaction: InOneTransaction,
  { clock }: Pick<Ports, 'clock'>,
): ClientStore => ({
  add: ({ name, key, secret, scopes, siteIds, issuer, createdAt }) =>
    inOneTransaction(async () => {
      const id = await insert(
        sql`INSERT INTO civitas_clients (name, apiKey, secret, scopes, issuer, createdAt)
            VALUES (${name}, ${key}, ${secret}, ${scopes.join(' ')}, ${issuer}, ${createdAt})`,
      );
      const sites = siteIds.map((siteId) => sql`(${id}, ${siteId})`);
      await change(sql`INSERT INTO civitas_client_sites (clientId, siteId) VALUES ${joined(sites, ', ')}`);
      return id;
    }),

  byId: async (id) => {
    if (!isId(id)) return null;
    const rows = await select(
      sql`SELECT ${clientColumns} FROM civitas_clients c ${withSites} WHERE c.id = ${id} AND c.revokedAt IS NULL`,
      { current: true },
    );
    return clientsOf(rows).map(withoutSecrets)[0] ?? null;
  },

  byKey: async (key) => {
    const rows = await select(
      sql`SELECT ${clientColumns} FROM civitas_clients c ${withSites} WHERE c.apiKey = ${key} AND c.revokedAt IS NULL`,
      { current: true },
    );
    return clientsOf(rows)[0] ?? null;
  },

  byToken: async (fingerprint) => {
    const rows = await select(
      sql`SELECT ${clientColumns}, t.scopes AS granted, t.createdAt AS givenAt, t.expiresAt FROM civitas_client_tokens t
          JOIN civitas_clients c ON c.id = t.clientId ${withSites}
          WHERE t.fingerprint = ${fingerprint} AND t.expiresAt > ${clock.now()} AND c.revokedAt IS NULL`,
      { current: true },
    );
    const [client] = clientsOf(rows);
    const [row] = rows;
    if (client === undefined || row === undefined) return null;
    return {
      client: withoutSecrets(client),
      scopes: scopesOf(row['granted']),
      createdAt: dateOf(row['givenAt']) ?? new Date(0),
      expiresAt: dateOf(row['expiresAt']) ?? new Date(0),
    };
  },

  all: async () => {
    const rows = await select(
      sql`SELECT ${clientColumns} FROM (SELECT * FROM civitas_clients WHERE revokedAt IS NULL ORDER BY id LIMIT ${raw(String(maxClients))}) c
          ${withSites} ORDER BY c.id, s.siteId`,
    );
    return clientsOf(rows).map(withoutSecrets);
  },

  rotate: async (id, secret, previousExpiresAt) =>
    isId(id) &&
    // MySQL assigns from left to right: the old secret is taken over before it is replaced.
    (await change(
      sql`UPDATE civitas_clients SET previousSecret = secret, previousSecretExpiresAt = ${previousExpiresAt}, secret = ${secret}
          WHERE id = ${id} AND revokedAt IS NULL`,
    )) > 0,

  revoke: (id, at) =>
    inOneTransaction(async () => {
      if (!isId(id)) return false;
      const found = await change(
        sql`UPDATE civitas_clients SET revokedAt = ${at} WHERE id = ${id} AND revokedAt IS NULL`,
      );
      await change(sql`DELETE FROM civitas_client_tokens WHERE clientId = ${id}`);
      return found > 0;
    }),

  addToken: async ({ fingerprint, clientId, scopes, createdAt, expiresAt }) => {
    await change(
      sql`INSERT INTO civitas_client_tokens (fingerprint, clientId, scopes, createdAt, expiresAt)
          VALUES (${fingerprint}, ${clientId}, ${scopes.join(' ')}, ${createdAt}, ${expiresAt})`,
    );
  },

  endToken: async (fingerprint, clientId) => {
    await change(sql`DELETE FROM civitas_client_tokens WHERE fingerprint = ${fingerprint} AND clientId = ${clientId}`);
  },

  noteUse: async ({ id, lastUsedAt }, at) => {
    const before = new Date(at.getTime() - useNotedEveryMs);
    if (lastUsedAt !== null && lastUsedAt > before) return;
    await change(
      sql`UPDATE civitas_clients SET lastUsedAt = ${at} WHERE id = ${id} AND (lastUsedAt IS NULL OR lastUsedAt <= ${before})`,
    );
  },

  forgetExpired: async (now) => {
    await change(sql`DELETE FROM civitas_client_tokens WHERE expiresAt < ${now}`);
  },
});

const withoutSecrets = ({
  id,
  name,
  key,
  scopes,
  siteIds,
  issuer,
  createdAt,
  lastUsedAt,
}: Client & ClientSecrets): Client => ({ id, name, key, scopes, siteIds, issuer, createdAt, lastUsedAt });

/** The columns of `civitas_clients c` with one of its sites each row (`civitas_client_sites s`), for `clientsOf`. */
const clientColumns: Sql = raw(
  'c.id, c.name, c.apiKey, c.secret, c.previousSecret, c.previousSecretExpiresAt, c.scopes, c.issuer, c.createdAt, c.lastUsedAt, s.siteId',
);
const withSites: Sql = raw('LEFT JOIN civitas_client_sites s ON s.clientId = c.id');

/** Rows of one client or several, in id order, each with all its sites. */
const clientsOf = (rows: readonly RawRow[]): readonly (Client & ClientSecrets)[] => {
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

const scopesOf = (text: unknown): readonly Scope[] => (textOf(text) ?? '').split(' ').filter(isScope);
