import type { Migration } from '../src/db/migrator.ts';

/** What was anonymized and deleted is listed without walking through looks. Source: docs/reference/people.md §1. */
export const up: Migration = async (schema) => {
  await schema.addIndex('civitas_audit', ['disposition', 'at', 'id']);
  await schema.addIndex('civitas_audit', ['siteId', 'disposition', 'listedAt', 'userId', 'id']);
};
