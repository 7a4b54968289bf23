import type { Migration } from '../src/db/migrator.ts';

/** OpenStad's table, as its own set-up makes it. */
export const up: Migration = async (schema) => {
  await schema.createTable('articles', {
    columns: {
      id: ['key'],
      siteId: ['int', 'DEFAULT 0'],
      userId: ['int', 'NOT NULL DEFAULT 0'],
      startDate: ['date', 'NOT NULL'],
      sort: ['int', 'NOT NULL DEFAULT 1'],
      status: [{ oneOf: ['OPEN', 'CLOSED', 'ACCEPTED', 'DENIED', 'BUSY', 'DONE'] }, "NOT NULL DEFAULT 'OPEN'"],
      title: [{ text: 255 }, 'NOT NULL'],
      summary: ['text', 'NOT NULL'],
      description: ['text', 'NOT NULL'],
      extraData: ['json', 'NOT NULL'],
      location: ['point'],
      modBreak: ['text'],
      modBreakUserId: ['int'],
      modBreakDate: ['date'],
      createdAt: ['date', 'NOT NULL'],
      updatedAt: ['date', 'NOT NULL'],
      deletedAt: ['date'],
    },
    references: { siteId: ['sites', 'NO ACTION'], userId: ['users', 'NO ACTION'] },
  });
  await schema.addIndex('articles', ['siteId']);
  await schema.addIndex('articles', ['userId']);
};
