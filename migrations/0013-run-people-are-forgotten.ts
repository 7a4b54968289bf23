import type { Migration } from '../src/db/migrator.ts';

/** What a run came to stays in its own row when its people are forgotten. Source: docs/reference/people.md §1. */
export const up: Migration = async (schema) => {
  const runs = 'civitas_anonymization_runs';
  // How many people came to what, as JSON; null: its people are counted.
  await schema.addColumn(runs, 'counts', ['long-text']);
  // When the last of its people was forgotten.
  await schema.addColumn(runs, 'peopleForgottenAt', ['moment']);
  await schema.addIndex(runs, ['peopleForgottenAt', 'id']);
};
