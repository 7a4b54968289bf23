import type { Migration } from '../src/db/migrator.ts';

/** Management clients, their sites and their tokens; secrets and tokens as fingerprints only. Source: management-api.md, docs/adr/0012. */
export const up: Migration = async (schema) => {
  await schema.createTable('clients', {
    columns: {
      id: ['key'],
      name: [{ text: 255 }, 'NOT NULL'],
      apiKey: [{ exact: 64 }, 'NOT NULL'],
      secret: [{ exact: 64 }, 'NOT NULL'],
      previousSecret: [{ exact: 64 }],
      previousUntil: ['moment'],
      scopes: [{ exact: 64 }, 'NOT NULL'],
      issuer: [{ exact: 191 }, 'NOT NULL'],
      createdAt: ['moment', 'NOT NULL'],
      lastUsedAt: ['moment'],
      revokedAt: ['moment'],
    },
  });
  await schema.addIndex('clients', ['apiKey'], 'unique');
  await schema.createTable('client_sites', {
    columns: { clientId: ['int', 'NOT NULL'], siteId: ['int', 'NOT NULL'] },
    primaryKey: ['clientId', 'siteId'],
    references: { clientId: ['clients', 'CASCADE'] },
  });
  await schema.createTable('client_tokens', {
    columns: {
      fingerprint: [{ exact: 64 }, 'NOT NULL'],
      clientId: ['int', 'NOT NULL'],
      scopes: [{ exact: 64 }, 'NOT NULL'],
      createdAt: ['moment', 'NOT NULL'],
      until: ['moment', 'NOT NULL'],
    },
    primaryKey: ['fingerprint'],
    references: { clientId: ['clients', 'CASCADE'] },
  });
  await schema.addIndex('client_tokens', ['clientId']);
  await schema.addIndex('client_tokens', ['until']);
};
