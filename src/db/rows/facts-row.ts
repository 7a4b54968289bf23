import { noFacts, type PersonFacts } from '../../domain/person-facts.ts';
import type { RawRow } from '../database.ts';
import { raw, type Sql } from '../sql.ts';
import { flagOf, numberOf } from './values.ts';

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
