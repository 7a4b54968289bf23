import type { Migration } from '../src/db/migrator.ts';

/** How far the login reached by which somebody asked for a run at the console. Source: docs/adr/0027. */
export const up: Migration = async (schema) => {
  // Ids of sites, as JSON; null: all.
  await schema.addColumn('civitas_anonymization_runs', 'consoleSiteIds', ['long-text']);
};
