import type { Migration } from '../src/db/migrator.ts';

/** Whole-site anonymizations, and what came of each person: user ids and words of ours, nothing personal. Source: docs/adr/0007. */
export const up: Migration = async (schema) => {
  await schema.createTable('site_runs', {
    columns: {
      id: ['key'],
      siteId: ['int', 'NOT NULL'],
      // The site again while the run is not done: unique, so that two are never open at one site.
      openSiteId: ['int'],
      actorId: ['int', 'NOT NULL'],
      everywhere: ['flag', 'NOT NULL'],
      state: [{ exact: 16 }, 'NOT NULL'],
      reason: [{ exact: 64 }],
      plan: ['long-text', 'NOT NULL'],
      planned: ['int', 'NOT NULL'],
      lastUserId: ['int', 'NOT NULL'],
      workedMs: ['int', 'NOT NULL DEFAULT 0'],
      claim: [{ exact: 36 }],
      claimedUntil: ['moment'],
      startedAt: ['moment', 'NOT NULL'],
      finishedAt: ['moment'],
    },
  });
  await schema.addIndex('site_runs', ['openSiteId'], 'unique');
  await schema.addIndex('site_runs', ['state', 'claimedUntil']);
  await schema.createTable('site_run_people', {
    columns: {
      runId: ['int', 'NOT NULL'],
      userId: ['int', 'NOT NULL'],
      outcome: [{ exact: 16 }, 'NOT NULL'],
      reason: [{ exact: 64 }],
      attempts: ['int', 'NOT NULL'],
      // When a failure is tried again; null: not any more.
      dueAt: ['moment'],
      at: ['moment', 'NOT NULL'],
    },
    primaryKey: ['runId', 'userId'],
  });
  await schema.addIndex('site_run_people', ['runId', 'dueAt']);
};
