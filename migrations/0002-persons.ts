import type { Migration } from '../src/db/migrator.ts';
import { withoutPadding } from '../src/db/text-columns.ts';

/** The humans behind the rows, and what is kept of them. Issuer and id are compared byte by byte: `a` and `A` are two people. */
export const up: Migration = async (schema) => {
  await schema.createTable('civitas_persons', {
    columns: {
      id: ['key'],
      issuer: [{ exact: 191 }, 'NOT NULL'],
      externalId: [{ exact: 191 }, 'NOT NULL'],
      fetchedAt: ['moment'],
      state: [{ exact: 32 }, "NOT NULL DEFAULT 'active'"],
      createdByUs: ['flag', 'NOT NULL DEFAULT 0'],
      // Made by POST, and nobody has logged in since. Source: user-api.md §3 "Create".
      isUnclaimed: ['flag', 'NOT NULL DEFAULT 0'],
      // Ids of the sites that vouch for by what they log in, set through us. Source: docs/reference/neighbours.md.
      loginSetAt: [{ exact: 255 }],
      // Adopted, and rows may hold what the OAuth server has never heard of. Source: oauth-server.md §3, docs/adr/0017.
      hasUnsaidFields: ['flag', 'NOT NULL DEFAULT 0'],
      // Written to lock the person.
      version: ['int', 'NOT NULL DEFAULT 0'],
      createdAt: ['moment', 'NOT NULL'],
    },
    unique: [['issuer', 'externalId']],
    // The walk over all people asks for the ones that were not read for longest.
    indexes: [['fetchedAt']],
  });
  await withoutPadding(schema, 'civitas_persons', ['issuer', 'externalId'], 191);

  // Who was removed at an OAuth server, as a fingerprint only. Source: anonymization.md §3.
  await schema.createTable('civitas_tombstones', {
    columns: { fingerprint: [{ exact: 64 }, 'NOT NULL'], expiresAt: ['moment', 'NOT NULL'] },
    primaryKey: ['fingerprint'],
    indexes: [['expiresAt']],
  });

  // What the last checks at the OAuth server found: kinds and names of fields, never a value. Source: oauth-server.md §3.
  await schema.createTable('civitas_person_findings', {
    columns: {
      personId: ['int', 'NOT NULL'],
      kind: [{ exact: 16 }, 'NOT NULL'],
      fields: ['long-text', 'NOT NULL'],
      at: ['moment', 'NOT NULL'],
    },
    primaryKey: ['personId', 'kind'],
    references: { personId: ['civitas_persons', 'CASCADE'] },
    indexes: [['kind', 'personId']],
  });

  // What each client keeps of a person. Source: management-api.md §2.
  await schema.createTable('civitas_person_facts', {
    columns: {
      personId: ['int', 'NOT NULL'],
      clientId: ['int', 'NOT NULL'],
      isExpert: ['flag', 'NOT NULL DEFAULT 0'],
      isSelected: ['flag', 'NOT NULL DEFAULT 0'],
      points: ['int', 'NOT NULL DEFAULT 0'],
      score: ['int', 'NOT NULL DEFAULT 0'],
    },
    primaryKey: ['personId', 'clientId'],
    references: { personId: ['civitas_persons', 'CASCADE'] },
    indexes: [['clientId']],
  });

  // How far the slow walk over all people is, and which instance has it. Source: docs/adr/0009.
  await schema.createTable('civitas_sweeps', {
    columns: {
      name: [{ exact: 32 }, 'NOT NULL'],
      position: ['int', 'NOT NULL DEFAULT 0'],
      checked: ['int', 'NOT NULL DEFAULT 0'],
      beganAt: ['moment', 'NOT NULL'],
      endedAt: ['moment'],
      holder: [{ exact: 64 }],
      heldUntil: ['moment'],
    },
    primaryKey: ['name'],
  });
};
