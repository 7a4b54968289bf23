import type { Migration } from '../src/db/migrator.ts';

/** Whether whoever asked for a run did so by a session at the console, whose rights are those of each of their rows. Source: docs/adr/0027. */
export const up: Migration = async (schema) => {
  await schema.addColumn('civitas_anonymization_runs', 'atConsole', ['flag']);
};
