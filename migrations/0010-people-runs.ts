import type { Migration } from '../src/db/migrator.ts';

/**
 * Runs over a list of people that was written down, beside those over whole sites. An older process claims, pauses and resumes runs by
 * `siteId`, `openSiteId` and the state `running`: such a run has neither, and its state is another word. Source: people.md §1, docs/adr/0007.
 */
export const up: Migration = async (schema) => {
  const runs = 'civitas_anonymization_runs';
  await schema.addColumn(runs, 'kind', [{ exact: 16 }, "NOT NULL DEFAULT 'site'"]);
  // What addresses call it, and every authenticated row of its people: random, so that no copy is another run's.
  await schema.addColumn(runs, 'publicId', [{ exact: 32 }]);
  // The site that it was planned for; null: by whoever acts on the whole platform.
  await schema.addColumn(runs, 'forSiteId', ['int']);
  // At which sites it may reach anybody, as JSON: ids, or "all".
  await schema.addColumn(runs, 'siteIds', ['long-text']);
  await schema.addColumn(runs, 'extent', [{ exact: 16 }]);
  // Who asked on the machine itself, where it was no user.
  await schema.addColumn(runs, 'operator', [{ text: 64 }]);
  // Who planned it, as JSON: whoever resumes it is asked for by that, but is not told what only its planner is.
  await schema.addColumn(runs, 'planner', ['long-text']);
  await schema.addColumn(runs, 'plannedAt', ['moment']);
  // Failures up to here do not stop it any more.
  await schema.addColumn(runs, 'forgivenAt', ['moment']);
  // How many people were not visited any more when it was cancelled.
  await schema.addColumn(runs, 'cancelled', ['int']);
  await schema.addIndex(runs, ['publicId'], 'unique');
  await schema.addIndex(runs, ['siteId', 'id']);
  await schema.addIndex(runs, ['forSiteId', 'id']);
  await schema.addIndex(runs, ['state', 'plannedAt']);

  const people = 'civitas_anonymization_run_people';
  // In which order they are visited.
  await schema.addColumn(people, 'place', ['int']);
  await schema.addColumn(people, 'siteId', ['int']);
  // Over what was planned for them.
  await schema.addColumn(people, 'digest', [{ exact: 64 }]);
  await schema.addColumn(people, 'mac', [{ exact: 64 }]);
  // The name of what anonymized them, for the audit; also of people of whole sites.
  await schema.addColumn(people, 'operation', [{ exact: 64 }]);
  await schema.addIndex(people, ['runId', 'outcome', 'place']);
};
