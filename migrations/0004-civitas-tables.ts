import type { Migration } from '../src/db/migrator.ts';

/** Our own books. All begin with `civitas_`: OpenStad has tables of the plain names. Source: running.md, "Databases". */
export const up: Migration = async (schema) => {
  // Wishes to other machines. Source: docs/adr/0003.
  await schema.createTable('civitas_outbox', {
    columns: {
      id: ['key'],
      topic: [{ exact: 64 }, 'NOT NULL'],
      key: [{ exact: 191 }, 'NOT NULL'],
      payload: ['long-text', 'NOT NULL'],
      // Over topic, key and payload, under a key that is not here: what this program did not write is not executed.
      mac: [{ exact: 64 }, 'NOT NULL'],
      dueAt: ['moment', 'NOT NULL'],
      attempts: ['int', 'NOT NULL DEFAULT 0'],
      claim: [{ exact: 36 }],
      claimedUntil: ['moment'],
      lastError: [{ exact: 64 }],
      createdAt: ['moment', 'NOT NULL'],
    },
    unique: [['topic', 'key']],
    indexes: [['dueAt']],
  });

  // What the `jti` of a session token names: who is logged in, and since when the OAuth server was last asked.
  // Source: oauth-server.md §3, §4.
  await schema.createTable('civitas_sessions', {
    columns: {
      jti: [{ exact: 64 }, 'NOT NULL'],
      userId: ['int', 'NOT NULL'],
      provider: [{ exact: 191 }, 'NOT NULL'],
      // Sealed under DATA_KEY.
      accessToken: ['long-text'],
      accessTokenExpiresAt: ['moment'],
      // A fingerprint of the OAuth server's own name for the login (oidc's sid), for its back-channel logout.
      sid: [{ exact: 64 }],
      checkedAt: ['moment', 'NOT NULL'],
      createdAt: ['moment', 'NOT NULL'],
      expiresAt: ['moment', 'NOT NULL'],
    },
    primaryKey: ['jti'],
    references: { userId: ['users', 'CASCADE'] },
    indexes: [['userId'], ['sid'], ['expiresAt']],
  });

  // How many live rows a site has per `listableByRole` (`none` where it is null), so that lists need not count.
  await schema.createTable('civitas_user_counts', {
    columns: { siteId: ['int', 'NOT NULL'], listableByRole: [{ exact: 32 }, 'NOT NULL'], n: ['int', 'NOT NULL'] },
    primaryKey: ['siteId', 'listableByRole'],
  });
  // What people are searched by, word by word. Source: docs/adr/0014.
  await schema.createTable('civitas_user_words', {
    columns: {
      siteId: ['int', 'NOT NULL'],
      word: [{ exact: 64 }, 'NOT NULL'],
      userId: ['int', 'NOT NULL'],
      source: [{ exact: 16 }, 'NOT NULL'],
    },
    primaryKey: ['siteId', 'word', 'userId', 'source'],
    references: { userId: ['users', 'CASCADE'] },
    indexes: [['userId']],
  });

  // What was answered to a `do-` call with an Idempotency-Key, for 24 hours; no personal value. Source: anonymization.md §4.
  await schema.createTable('civitas_idempotency_keys', {
    columns: {
      scope: [{ exact: 64 }, 'NOT NULL'],
      bodyDigest: [{ exact: 64 }, 'NOT NULL'],
      summary: ['long-text', 'NOT NULL'],
      expiresAt: ['moment', 'NOT NULL'],
    },
    primaryKey: ['scope'],
    indexes: [['expiresAt']],
  });

  // Who anonymized or deleted which user row, and what came of it at the OAuth server; only ever appended to.
  // Source: docs/adr/0006.
  await schema.createTable('civitas_audit', {
    columns: {
      id: ['key'],
      at: ['moment', 'NOT NULL'],
      call: [{ exact: 32 }, 'NOT NULL'],
      operation: [{ exact: 64 }, 'NOT NULL'],
      actorId: ['int'],
      actorKind: [{ exact: 16 }],
      siteId: ['int'],
      userId: ['int'],
      disposition: [{ exact: 16 }],
      counts: ['long-text'],
      digest: [{ exact: 64 }],
      oauth: [{ exact: 64 }],
      // The number of a ticket, as the caller gave it.
      reason: [{ exact: 40 }],
      // Nobody had logged in to this row: what came of it at the OAuth server would say whether the person was there before.
      withheld: ['flag'],
      // Whoever did it may hear it all the same.
      told: ['flag'],
      // Whoever did it is told of this row: it did not only go along, at a site where they have no right.
      shown: ['flag'],
      place: ['int'],
      places: ['int'],
      // Over every column but the id, under a key that is not here.
      mac: [{ exact: 64 }, 'NOT NULL'],
    },
    indexes: [['operation'], ['siteId', 'userId']],
  });
  // The chain over it: one place per row, without gaps, each hash over the one before it.
  await schema.createTable('civitas_audit_seals', {
    columns: {
      seq: ['int', 'NOT NULL'],
      auditId: ['int', 'NOT NULL'],
      rowHash: [{ exact: 64 }, 'NOT NULL'],
      hash: [{ exact: 64 }, 'NOT NULL'],
    },
    primaryKey: ['seq'],
    unique: [['auditId']],
  });

  // Whole-site anonymizations, and what came of each person: user ids and words of ours, nothing personal.
  // Source: docs/adr/0007.
  await schema.createTable('civitas_anonymization_runs', {
    columns: {
      id: ['key'],
      siteId: ['int', 'NOT NULL'],
      // The site again while the run is not done: unique, so that two are never open at one site.
      openSiteId: ['int'],
      actorId: ['int', 'NOT NULL'],
      everywhere: ['flag', 'NOT NULL'],
      // The number of a ticket, as the caller gave it; `reason` is why it stands still.
      statedReason: [{ exact: 40 }],
      state: [{ exact: 16 }, 'NOT NULL'],
      reason: [{ exact: 64 }],
      plan: ['long-text', 'NOT NULL'],
      planned: ['int', 'NOT NULL'],
      lastUserId: ['int', 'NOT NULL'],
      workedMs: ['int', 'NOT NULL DEFAULT 0'],
      claim: [{ exact: 36 }],
      claimedUntil: ['moment'],
      startedAt: ['moment', 'NOT NULL'],
      finishedAt: ['moment'],
      // Over who asked for what, and the state, under a key that is not here: what nobody asked this program for is not carried on.
      mac: [{ exact: 64 }, 'NOT NULL'],
    },
    unique: [['openSiteId']],
    indexes: [['state', 'claimedUntil']],
  });
  await schema.createTable('civitas_anonymization_run_people', {
    columns: {
      runId: ['int', 'NOT NULL'],
      userId: ['int', 'NOT NULL'],
      outcome: [{ exact: 16 }, 'NOT NULL'],
      reason: [{ exact: 64 }],
      attempts: ['int', 'NOT NULL'],
      // When a failure is tried again; null: not any more.
      dueAt: ['moment'],
      at: ['moment', 'NOT NULL'],
    },
    primaryKey: ['runId', 'userId'],
    indexes: [['runId', 'dueAt']],
  });

  // Management clients, their sites and their tokens; secrets and tokens as fingerprints only.
  // Source: management-api.md, docs/adr/0012.
  await schema.createTable('civitas_clients', {
    columns: {
      id: ['key'],
      name: [{ text: 255 }, 'NOT NULL'],
      apiKey: [{ exact: 64 }, 'NOT NULL'],
      secret: [{ exact: 64 }, 'NOT NULL'],
      previousSecret: [{ exact: 64 }],
      previousSecretExpiresAt: ['moment'],
      scopes: [{ exact: 64 }, 'NOT NULL'],
      issuer: [{ exact: 191 }, 'NOT NULL'],
      createdAt: ['moment', 'NOT NULL'],
      lastUsedAt: ['moment'],
      revokedAt: ['moment'],
    },
    unique: [['apiKey']],
  });
  await schema.createTable('civitas_client_sites', {
    columns: { clientId: ['int', 'NOT NULL'], siteId: ['int', 'NOT NULL'] },
    primaryKey: ['clientId', 'siteId'],
    references: { clientId: ['civitas_clients', 'CASCADE'] },
  });
  await schema.createTable('civitas_client_tokens', {
    columns: {
      fingerprint: [{ exact: 64 }, 'NOT NULL'],
      clientId: ['int', 'NOT NULL'],
      scopes: [{ exact: 64 }, 'NOT NULL'],
      createdAt: ['moment', 'NOT NULL'],
      expiresAt: ['moment', 'NOT NULL'],
    },
    primaryKey: ['fingerprint'],
    references: { clientId: ['civitas_clients', 'CASCADE'] },
    indexes: [['clientId'], ['expiresAt']],
  });
};
