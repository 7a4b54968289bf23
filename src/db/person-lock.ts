import type { Person } from '../domain/person.ts';
import type { Database } from './database.ts';
import { personColumns, personOf } from './rows/person-row.ts';
import { sql } from './sql.ts';

/**
 * Locks a person by writing its `version`: on a cluster FOR UPDATE is local to a node, and only a write makes two units of one
 * person collide. Null when there is no such person. Source: docs/adr/0002.
 */
export const lockPerson = async ({ change, select }: Database, id: number): Promise<Person | null> => {
  const found = await change(sql`UPDATE persons SET version = version + 1 WHERE id = ${id}`);
  if (found === 0) return null;
  const [row] = await select(sql`SELECT ${personColumns} FROM persons WHERE id = ${id}`);
  return personOf(row);
};
