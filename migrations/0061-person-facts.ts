import type { Migration } from '../src/db/migrator.ts';

/** What back offices keep of a person; goes with the person. Source: management-api.md §2. */
export const up: Migration = async (schema) => {
  await schema.createTable('person_facts', {
    columns: {
      personId: ['int', 'NOT NULL'],
      isExpert: ['flag', 'NOT NULL DEFAULT 0'],
      isSelected: ['flag', 'NOT NULL DEFAULT 0'],
      points: ['int', 'NOT NULL DEFAULT 0'],
      score: ['int', 'NOT NULL DEFAULT 0'],
    },
    primaryKey: ['personId'],
    references: { personId: ['persons', 'CASCADE'] },
  });
};
