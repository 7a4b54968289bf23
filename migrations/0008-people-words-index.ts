import type { Migration } from '../src/db/migrator.ts';

/** People are searched over all sites at once by their words. Source: docs/reference/people.md §1, docs/adr/0024. */
export const up: Migration = async (schema) => {
  await schema.addIndex('civitas_user_words', ['word', 'userId', 'siteId', 'source']);
};
