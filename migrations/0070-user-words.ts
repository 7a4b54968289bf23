import type { Migration } from '../src/db/migrator.ts';
import { fillWords } from '../src/db/users/fill-words.ts';

/** What people are searched by, word by word, and the words of those who are there already. Source: docs/adr/0014. */
export const up: Migration = async (schema) => {
  await schema.createTable('user_words', {
    columns: {
      siteId: ['int', 'NOT NULL'],
      word: [{ exact: 64 }, 'NOT NULL'],
      userId: ['int', 'NOT NULL'],
      source: [{ exact: 16 }, 'NOT NULL'],
    },
    primaryKey: ['siteId', 'word', 'userId', 'source'],
    references: { userId: ['users', 'CASCADE'] },
  });
  await schema.addIndex('user_words', ['userId']);
  await fillWords(schema.database);
};
