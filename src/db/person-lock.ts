import type { Person } from '../domain/person.ts';
import type { Database } from './database.ts';
import { personColumns, personOf } from './rows/person-row.ts';
import { sql } from './sql.ts';

/**
 * Locks a person by writing its `version`: on a cluster FOR UPDATE is local to a node, and only a write makes two units of one
 * person collide. False when there is no such person. Source: docs/adr/0002.
 */
export const wroteVersion = async ({ change }: Database, id: number): Promise<boolean> =>
  (await change(sql`UPDATE civitas_persons SET version = version + 1 WHERE id = ${id}`)) > 0;

/** Locks a person and reads it. Null when there is no such person. */
export const lockPerson = async (database: Database, id: number): Promise<Person | null> => {
  if (!(await wroteVersion(database, id))) return null;
  const [row] = await database.select(sql`SELECT ${personColumns} FROM civitas_persons WHERE id = ${id}`);
  return personOf(row);
};
