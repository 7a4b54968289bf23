import type { Migration } from '../src/db/migrator.ts';

/** OpenStad's table, as its own set-up makes it; `areaId` without its table, which nothing here reads. */
export const up: Migration = async (schema) => {
  await schema.createTable('sites', {
    columns: {
      id: ['key'],
      name: [{ text: 255 }, "DEFAULT 'Nieuwe site'"],
      title: [{ text: 255 }, "DEFAULT 'Nieuwe site'"],
      domain: [{ text: 255 }, "NOT NULL DEFAULT 'demo.openstad.nl'"],
      config: ['json', 'NOT NULL'],
      hostStatus: ['json', 'NOT NULL'],
      areaId: ['int'],
      createdAt: ['date', 'NOT NULL'],
      updatedAt: ['date', 'NOT NULL'],
      deletedAt: ['date'],
    },
  });
};
