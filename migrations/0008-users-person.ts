import type { Migration } from '../src/db/migrator.ts';

/** What we add to OpenStad's users. A person whose rows still point to it cannot be removed (NO ACTION). */
export const up: Migration = async (schema) => {
  await schema.addColumn('users', 'personId', ['int'], ['persons', 'NO ACTION']);
  await schema.addColumn('users', 'slot', ['int', 'NOT NULL DEFAULT 0']);
  await schema.addColumn('users', 'profileWithheld', ['flag', 'NOT NULL DEFAULT 0']);
  await schema.addColumn('users', 'anonymizedAt', ['date']);
  await schema.addColumn('users', 'signedUpForNewsletter', ['flag']);
};
