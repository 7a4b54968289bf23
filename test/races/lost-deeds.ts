import type { Container } from '../../src/container.ts';
import { raw, sql } from '../../src/db/sql.ts';
import { numberOf } from '../../src/db/rows/values.ts';
import type { Answer } from '../support/crashing/instance.ts';
import type { RowAt } from '../support/crashing/small-world.ts';
import type { DeedName } from './deeds.ts';

export interface Done {
  readonly name: DeedName;
  readonly mark: string;
  readonly at: RowAt;
  readonly answer: Answer;
}

/** What was answered as done, and is not to be seen at rest, as sentences. */
export const lostDeeds = async ({ database }: Pick<Container, 'database'>, all: readonly Done[]) => {
  const done = all.filter(({ answer }) => answer.status < 300);
  const anonymized = done.flatMap(({ name, answer }) => (name.startsWith('do-') ? idsIn(answer) : []));
  const deleted = done.flatMap(({ name, at }) => (name === 'delete' ? [at.id] : []));
  const created = done.flatMap(({ name, answer }) => (name === 'create' ? [idOf(answer)] : []));
  const updates = done.filter(({ name }) => name === 'update');
  const rowOf = async (id: number) =>
    (
      await database.select(sql`SELECT ${raw('personId, anonymizedAt, city, streetName')} FROM users WHERE id = ${id}`)
    )[0];
  const lost: string[] = [];
  for (const id of anonymized) {
    const row = await rowOf(id);
    if (row?.['anonymizedAt'] === null) lost.push(`row ${id} is not anonymized`);
  }
  for (const id of deleted) if ((await rowOf(id)) !== undefined) lost.push(`row ${id} is not deleted`);
  for (const id of created) {
    const row = await rowOf(id);
    const isTaken = anonymized.includes(id) || deleted.includes(id);
    if (!isTaken && numberOf(row?.['personId']) === null) lost.push(`row ${id} was created and is gone`);
  }
  for (const { at, mark } of updates) {
    const row = await rowOf(at.id);
    const isTaken = row?.['anonymizedAt'] !== null;
    if (!isTaken && row[mark === 'first' ? 'city' : 'streetName'] !== mark)
      lost.push(`the update of row ${at.id} is lost`);
  }
  return lost;
};

const idsIn = ({ text }: Answer): readonly number[] =>
  (JSON.parse(text) as { users: readonly { id: number }[] }).users.map(({ id }) => id);
const idOf = ({ text }: Answer): number => (JSON.parse(text) as { id: number }).id;
