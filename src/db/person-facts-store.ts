import type { PersonFactsStore } from '../ports/person-facts.ts';
import type { Database } from './database.ts';
import { factsColumns, factsOf } from './rows/facts-row.ts';
import { raw, sql } from './sql.ts';

const names = ['isExpert', 'isSelected', 'points', 'score'] as const;

export const personFactsStore = ({ select, change, dialect }: Database): PersonFactsStore => ({
  of: async (personId) => {
    const [row] = await select(sql`SELECT ${factsColumns} FROM civitas_person_facts f WHERE f.personId = ${personId}`);
    return factsOf(row);
  },
  save: async (personId, { isExpert, isSelected, points, score }) => {
    const replaced = names.map((name) => `${name} = ${dialect.brought(name)}`).join(', ');
    await change(
      sql`INSERT INTO civitas_person_facts (personId, isExpert, isSelected, points, score)
          VALUES (${personId}, ${isExpert}, ${isSelected}, ${points}, ${score})
          ${raw(dialect.onConflictUpdate(['personId']))} ${raw(replaced)}`,
    );
  },
});
