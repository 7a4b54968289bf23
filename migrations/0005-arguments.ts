import type { Migration } from '../src/db/migrator.ts';

/** OpenStad's table, as its own set-up makes it: a reply outlives what it answers, and loses `parentId`. */
export const up: Migration = async (schema) => {
  await schema.createTable('arguments', {
    columns: {
      id: ['key'],
      parentId: ['int'],
      ideaId: ['int', 'NOT NULL'],
      userId: ['int', 'NOT NULL DEFAULT 0'],
      sentiment: [{ oneOf: ['against', 'for', 'no sentiment'] }, "NOT NULL DEFAULT 'for'"],
      description: ['text', 'NOT NULL'],
      label: [{ text: 255 }],
      createdAt: ['date', 'NOT NULL'],
      updatedAt: ['date', 'NOT NULL'],
      deletedAt: ['date'],
    },
    references: { parentId: ['arguments', 'SET NULL'], ideaId: ['ideas', 'NO ACTION'], userId: ['users', 'NO ACTION'] },
  });
  await schema.addIndex('arguments', ['parentId']);
  await schema.addIndex('arguments', ['ideaId']);
  await schema.addIndex('arguments', ['userId']);
};
