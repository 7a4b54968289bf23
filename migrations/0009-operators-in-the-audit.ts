import type { Migration } from '../src/db/migrator.ts';

/** Who it was at the command line stands in the audit: `cli:` and the name of an account. Source: people.md §4. */
export const up: Migration = async (schema) => {
  await schema.addColumn('civitas_audit', 'actorName', [{ exact: 64 }]);
};
