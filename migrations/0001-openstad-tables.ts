import type { Migration } from '../src/db/migrator.ts';

const roles = ['admin', 'editor', 'moderator', 'member', 'anonymous', 'all'] as const;
const statuses = ['OPEN', 'CLOSED', 'ACCEPTED', 'DENIED', 'BUSY', 'DONE'] as const;
const sentiments = ['against', 'for', 'no sentiment'] as const;

const stamps = { createdAt: ['date', 'NOT NULL'], updatedAt: ['date', 'NOT NULL'], deletedAt: ['date'] } as const;
const moderatorBreak = { modBreak: ['text'], modBreakUserId: ['int'], modBreakDate: ['date'] } as const;

/** The six tables that OpenStad has too, as its own set-up makes them; where they are there already, nothing happens. */
export const up: Migration = async (schema) => {
  // `areaId` without its table, which nothing here reads.
  await schema.createTable('sites', {
    columns: {
      id: ['key'],
      name: [{ text: 255 }, "DEFAULT 'Nieuwe site'"],
      title: [{ text: 255 }, "DEFAULT 'Nieuwe site'"],
      domain: [{ text: 255 }, "NOT NULL DEFAULT 'demo.openstad.nl'"],
      config: ['json', 'NOT NULL'],
      hostStatus: ['json', 'NOT NULL'],
      areaId: ['int'],
      ...stamps,
    },
  });
  await schema.createTable('users', {
    columns: {
      id: ['key'],
      siteId: ['int', 'DEFAULT 0'],
      externalUserId: ['int'],
      externalAccessToken: [{ text: 2048 }],
      role: [{ text: 32 }, "NOT NULL DEFAULT 'anonymous'"],
      complete: ['flag', 'NOT NULL DEFAULT 0'],
      extraData: ['json', 'NOT NULL'],
      email: [{ text: 255 }],
      nickName: [{ text: 64 }],
      firstName: [{ text: 64 }],
      lastName: [{ text: 64 }],
      listableByRole: [{ oneOf: roles }],
      detailsViewableByRole: [{ oneOf: roles }],
      phoneNumber: [{ text: 64 }],
      streetName: [{ text: 64 }],
      houseNumber: [{ text: 64 }],
      postcode: [{ text: 10 }],
      city: [{ text: 64 }],
      suffix: [{ text: 64 }],
      gender: [{ oneOf: ['male', 'female'] }],
      zipCode: [{ text: 10 }],
      lastLogin: ['date', 'NOT NULL'],
      isNotifiedAboutAnonymization: ['date'],
      ...stamps,
    },
    references: { siteId: ['sites', 'CASCADE'] },
  });
  await schema.createTable('ideas', {
    columns: {
      id: ['key'],
      siteId: ['int', 'DEFAULT 0'],
      userId: ['int', 'NOT NULL DEFAULT 0'],
      startDate: ['date', 'NOT NULL'],
      sort: ['int', 'NOT NULL DEFAULT 1'],
      typeId: [{ text: 255 }],
      status: [{ oneOf: statuses }, "NOT NULL DEFAULT 'OPEN'"],
      viewableByRole: [{ oneOf: roles }, "DEFAULT 'all'"],
      title: [{ text: 255 }, 'NOT NULL'],
      summary: ['text'],
      description: ['text'],
      budget: ['int'],
      extraData: ['json', 'NOT NULL'],
      location: ['point'],
      ...moderatorBreak,
      publishDate: ['date'],
      ...stamps,
    },
    references: { siteId: ['sites', 'NO ACTION'], userId: ['users', 'NO ACTION'] },
  });
  await schema.addIndex('ideas', ['siteId']);
  await schema.addIndex('ideas', ['userId']);
  await schema.createTable('articles', {
    columns: {
      id: ['key'],
      siteId: ['int', 'DEFAULT 0'],
      userId: ['int', 'NOT NULL DEFAULT 0'],
      startDate: ['date', 'NOT NULL'],
      sort: ['int', 'NOT NULL DEFAULT 1'],
      status: [{ oneOf: statuses }, "NOT NULL DEFAULT 'OPEN'"],
      title: [{ text: 255 }, 'NOT NULL'],
      summary: ['text', 'NOT NULL'],
      description: ['text', 'NOT NULL'],
      extraData: ['json', 'NOT NULL'],
      location: ['point'],
      ...moderatorBreak,
      ...stamps,
    },
    references: { siteId: ['sites', 'NO ACTION'], userId: ['users', 'NO ACTION'] },
  });
  await schema.addIndex('articles', ['siteId']);
  await schema.addIndex('articles', ['userId']);
  // A reply outlives what it answers, and loses `parentId`.
  await schema.createTable('arguments', {
    columns: {
      id: ['key'],
      parentId: ['int'],
      ideaId: ['int', 'NOT NULL'],
      userId: ['int', 'NOT NULL DEFAULT 0'],
      sentiment: [{ oneOf: sentiments }, "NOT NULL DEFAULT 'for'"],
      description: ['text', 'NOT NULL'],
      label: [{ text: 255 }],
      ...stamps,
    },
    references: { parentId: ['arguments', 'SET NULL'], ideaId: ['ideas', 'NO ACTION'], userId: ['users', 'NO ACTION'] },
  });
  await schema.addIndex('arguments', ['parentId']);
  await schema.addIndex('arguments', ['ideaId']);
  await schema.addIndex('arguments', ['userId']);
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
      ...stamps,
    },
    references: { ideaId: ['ideas', 'CASCADE'], userId: ['users', 'CASCADE'] },
  });
  await schema.addIndex('votes', ['ideaId', 'userId', 'deletedAt'], 'unique');
  await schema.addIndex('votes', ['userId']);
};
