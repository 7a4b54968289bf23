import type { Migration } from '../src/db/migrator.ts';

/** What the `jti` of a session token names: who is logged in, and since when the OAuth server was last asked. Source: oauth-server.md §3, §4. */
export const up: Migration = async (schema) => {
  await schema.createTable('sessions', {
    columns: {
      jti: [{ exact: 64 }, 'NOT NULL'],
      userId: ['int', 'NOT NULL'],
      provider: [{ exact: 191 }, 'NOT NULL'],
      // Sealed under DATA_KEY.
      accessToken: ['long-text'],
      accessTokenUntil: ['moment'],
      // A fingerprint of the OAuth server's own name for the login (oidc's sid), for its back-channel logout.
      sid: [{ exact: 64 }],
      checkedAt: ['moment', 'NOT NULL'],
      createdAt: ['moment', 'NOT NULL'],
      until: ['moment', 'NOT NULL'],
    },
    primaryKey: ['jti'],
    references: { userId: ['users', 'CASCADE'] },
  });
  await schema.addIndex('sessions', ['userId']);
  await schema.addIndex('sessions', ['sid']);
  await schema.addIndex('sessions', ['until']);
};
