import type { Migration } from '../src/db/migrator.ts';

const anyRole = { oneOf: ['admin', 'editor', 'moderator', 'member', 'anonymous', 'all'] } as const;

/** OpenStad's table, as its own set-up makes it. */
export const up: Migration = async (schema) => {
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
      listableByRole: [anyRole],
      detailsViewableByRole: [anyRole],
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
      createdAt: ['date', 'NOT NULL'],
      updatedAt: ['date', 'NOT NULL'],
      deletedAt: ['date'],
    },
    references: { siteId: ['sites', 'CASCADE'] },
  });
};
