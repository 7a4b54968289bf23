import { noFacts, type PersonFacts } from '../../domain/people/person-facts.ts';
import type { PersonFactsStore } from '../../ports/people-store.ts';
import type { Database, RawRow } from '../database.ts';
import { flagOf, numberOf } from '../rows/values.ts';
import { listOf, raw, sql, type Sql } from '../sql.ts';

const names = ['isExpert', 'isSelected', 'points', 'score'] as const;

export const personFactsStore = ({ select, change, dialect }: Database): PersonFactsStore => ({
  of: async ({ personId, clientId }) => {
    const [row] = await select(
      sql`SELECT ${factsColumns} FROM civitas_person_facts f WHERE f.personId = ${personId} AND f.clientId = ${clientId}`,
    );
    return factsOf(row);
  },
  save: async ({ personId, clientId }, { isExpert, isSelected, points, score }) => {
    const replaced = names.map((name) => `${name} = ${dialect.brought(name)}`).join(', ');
    await change(
      sql`INSERT INTO civitas_person_facts (personId, clientId, isExpert, isSelected, points, score)
          VALUES (${personId}, ${clientId}, ${isExpert}, ${isSelected}, ${points}, ${score})
          ${raw(dialect.onConflictUpdate(['personId', 'clientId']))} ${raw(replaced)}`,
    );
  },
  removeOfPerson: async (personId, stayingAt) => {
    const isNobodys = sql`NOT EXISTS (SELECT 1 FROM civitas_client_sites s
                                      WHERE s.clientId = civitas_person_facts.clientId AND s.siteId IN ${listOf(stayingAt)})`;
    await change(sql`DELETE FROM civitas_person_facts WHERE personId = ${personId} AND ${isNobodys}`);
  },
  removeOfClient: async (clientId) => {
    await change(sql`DELETE FROM civitas_person_facts WHERE clientId = ${clientId}`);
  },
});

/** The columns of `civitas_person_facts f`; all null where there is no row. */
export const factsColumns: Sql = raw(
  'f.isExpert AS fact_isExpert, f.isSelected AS fact_isSelected, f.points AS fact_points, f.score AS fact_score',
);

export const factsOf = (row: RawRow | undefined): PersonFacts =>
  row === undefined
    ? noFacts
    : {
        isExpert: flagOf(row['fact_isExpert']) ?? noFacts.isExpert,
        isSelected: flagOf(row['fact_isSelected']) ?? noFacts.isSelected,
        points: numberOf(row['fact_points']) ?? noFacts.points,
        score: numberOf(row['fact_score']) ?? noFacts.score,
      };
