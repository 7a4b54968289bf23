import type { Migration } from '../src/db/migrator.ts';

/** OpenStad's table, as its own set-up makes it. */
export const up: Migration = async (schema) => {
  await schema.createTable('votes', {
    columns: {
      id: ['key'],
      ideaId: ['int', 'NOT NULL'],
      userId: ['int', 'NOT NULL DEFAULT 0'],
      confirmed: ['flag'],
      confirmReplacesVoteId: ['int'],
      ip: [{ text: 64 }],
      opinion: [{ text: 64 }],
      checked: ['flag'],
      createdAt: ['date', 'NOT NULL'],
      updatedAt: ['date', 'NOT NULL'],
      deletedAt: ['date'],
    },
    references: { ideaId: ['ideas', 'CASCADE'], userId: ['users', 'CASCADE'] },
  });
  await schema.addIndex('votes', ['ideaId', 'userId', 'deletedAt'], 'unique');
  await schema.addIndex('votes', ['userId']);
};
