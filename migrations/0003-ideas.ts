import type { Migration } from '../src/db/migrator.ts';

/** OpenStad's table, as its own set-up makes it. */
export const up: Migration = async (schema) => {
  await schema.createTable('ideas', {
    columns: {
      id: ['key'],
      siteId: ['int', 'DEFAULT 0'],
      userId: ['int', 'NOT NULL DEFAULT 0'],
      startDate: ['date', 'NOT NULL'],
      sort: ['int', 'NOT NULL DEFAULT 1'],
      typeId: [{ text: 255 }],
      status: [{ oneOf: ['OPEN', 'CLOSED', 'ACCEPTED', 'DENIED', 'BUSY', 'DONE'] }, "NOT NULL DEFAULT 'OPEN'"],
      viewableByRole: [{ oneOf: ['admin', 'editor', 'moderator', 'member', 'anonymous', 'all'] }, "DEFAULT 'all'"],
      title: [{ text: 255 }, 'NOT NULL'],
      summary: ['text'],
      description: ['text'],
      budget: ['int'],
      extraData: ['json', 'NOT NULL'],
      location: ['point'],
      modBreak: ['text'],
      modBreakUserId: ['int'],
      modBreakDate: ['date'],
      publishDate: ['date'],
      createdAt: ['date', 'NOT NULL'],
      updatedAt: ['date', 'NOT NULL'],
      deletedAt: ['date'],
    },
    references: { siteId: ['sites', 'NO ACTION'], userId: ['users', 'NO ACTION'] },
  });
  await schema.addIndex('ideas', ['siteId']);
  await schema.addIndex('ideas', ['userId']);
};
