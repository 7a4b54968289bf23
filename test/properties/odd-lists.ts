import fc from 'fast-check';
import type { Json } from '../../src/domain/json.ts';
import { ruleOf, type UserField } from '../../src/domain/users/user-fields.ts';
import type { User } from '../../src/domain/users/user.ts';
import type { Condition, Sort } from '../../src/ports/user-store.ts';
import { mayBeNull, oddFields, oddValues, type Stored } from '../support/odd-columns.ts';

export const rowsAtMost = 11;
export const walksASite = 10;

export type OddRow = Readonly<Record<string, Stored>>;
const roles = ['admin', 'editor', 'moderator', 'member', 'all'] as const;
const sorts: readonly Sort[] = (['id', 'siteId', ...oddFields] as const).flatMap((field: UserField) =>
  (['ASC', 'DESC'] as const).map((direction) => ({ field, direction })),
);

export interface Walk {
  readonly sort: Sort;
  readonly role: (typeof roles)[number];
  readonly own: number;
  readonly pageSize: number;
  /** A field, and whose value of it is asked for; texts are left to the sorts, as each database folds them its own way. */
  readonly filter: { readonly field: UserField; readonly of: number; readonly is: 'equal' | 'different' } | null;
}

const exact = oddFields.filter((field) => !['text', 'name', 'email', 'number'].includes(ruleOf(field).shape.kind));

export const conditionsFrom = (filter: Walk['filter'], shown: readonly User[]): readonly Condition[] => {
  const user = filter === null ? undefined : shown[filter.of % Math.max(1, shown.length)];
  if (filter === null || user === undefined) return [];
  return [{ field: filter.field, is: filter.is, values: [valueOf(user, filter.field)] }];
};
const valueOf = (user: User, field: UserField): Json => {
  const value = user[field];
  return value instanceof Date ? value.toISOString() : value;
};
export const meant = (user: User, { field, is, values }: Condition): boolean =>
  values.includes(valueOf(user, field)) === (is === 'equal');

export const idsOf = (found: readonly User[]): readonly number[] => found.map(({ id }) => id);
export const upwards = (one: number, other: number): number => one - other;

/** Rows, column by column, and how they are walked. */
export const arbitraries = (isMysql: boolean) => {
  const dialect = { name: isMysql ? 'mysql' : 'embedded' } as const;
  const columns = Object.fromEntries(
    oddFields.map((field) => {
      const values = fc.constantFrom<Stored>(...oddValues(field, dialect));
      return [field, mayBeNull(field) ? fc.option(values, { freq: 2 }) : values];
    }),
  );
  const arbitraryRow: fc.Arbitrary<OddRow> = fc.record({ ...columns, person: fc.constantFrom<Stored>(0, 1) });
  const walk: fc.Arbitrary<Walk> = fc.record({
    sort: fc.constantFrom(...sorts),
    role: fc.constantFrom(...roles),
    own: fc.nat({ max: rowsAtMost }),
    pageSize: fc.constantFrom(2, 3, 5),
    filter: fc.option(
      fc.record({
        field: fc.constantFrom(...exact),
        of: fc.nat({ max: rowsAtMost }),
        is: fc.constantFrom('equal' as const, 'different' as const),
      }),
      { freq: 1 },
    ),
  });
  return { arbitraryRow, arbitraryWalks: fc.array(walk, { minLength: walksASite, maxLength: walksASite }) };
};
