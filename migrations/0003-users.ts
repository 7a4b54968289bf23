import type { Migration } from '../src/db/migrator.ts';
import { toUtf8mb4 } from '../src/db/text-columns.ts';

const openstadTables = ['sites', 'users', 'ideas', 'articles', 'arguments', 'votes'] as const;

/** What we add to OpenStad's tables. A person whose rows still point to it cannot be removed (NO ACTION). */
export const up: Migration = async (schema) => {
  // They were made for three bytes a character: names and texts with others would be refused.
  for (const table of openstadTables) await toUtf8mb4(schema, table);
  await schema.addColumn('users', 'personId', ['int'], ['civitas_persons', 'NO ACTION']);
  await schema.addColumn('users', 'slot', ['int', 'NOT NULL DEFAULT 0']);
  await schema.addColumn('users', 'profileWithheld', ['flag', 'NOT NULL DEFAULT 0']);
  // Fingerprints of what was written as the address through us: no proof that it is the person's. Source: docs/reference/neighbours.md.
  await schema.addColumn('users', 'addressWritten', [{ exact: 255 }]);
  await schema.addColumn('users', 'anonymizedAt', ['date']);
  await schema.addColumn('users', 'signedUpForNewsletter', ['flag']);

  // One row per person, site and slot.
  await schema.addIndex('users', ['siteId', 'personId', 'slot'], 'unique');
  // The rows of a person; the rows that are not linked to theirs yet, by external id.
  await schema.addIndex('users', ['personId']);
  await schema.addIndex('users', ['personId', 'externalUserId']);
  // The pages of a list.
  await schema.addIndex('users', ['siteId', 'deletedAt', 'id']);
  await schema.addIndex('users', ['siteId', 'listableByRole', 'deletedAt', 'id']);
  // The one of a site who is anonymized next, in id order: an anonymization run asks for it again and again.
  await schema.addIndex('users', ['siteId', 'anonymizedAt']);
  // The people of a site, in order of their rows and without reading those: for the management list and its `Total`.
  await schema.addIndex('users', ['siteId', 'deletedAt', 'anonymizedAt', 'id', 'personId', 'listableByRole']);
};
