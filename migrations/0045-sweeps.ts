import type { Migration } from '../src/db/migrator.ts';

/** How far the slow walk over all people is, and which instance has it. Source: docs/adr/0009. */
export const up: Migration = async (schema) => {
  await schema.createTable('sweeps', {
    columns: {
      name: [{ exact: 32 }, 'NOT NULL'],
      position: ['int', 'NOT NULL DEFAULT 0'],
      checked: ['int', 'NOT NULL DEFAULT 0'],
      beganAt: ['moment', 'NOT NULL'],
      endedAt: ['moment'],
      holder: [{ exact: 64 }],
      heldUntil: ['moment'],
    },
    primaryKey: ['name'],
  });
};
