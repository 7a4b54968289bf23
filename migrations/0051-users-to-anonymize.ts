import type { Migration } from '../src/db/migrator.ts';

/** Who is not anonymized at a site, in id order: a whole-site anonymization asks for the next one again and again. */
export const up: Migration = async (schema) => {
  await schema.addIndex('users', ['siteId', 'anonymizedAt']);
};
