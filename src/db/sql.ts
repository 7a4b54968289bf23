/** What may be bound to a statement; dates become the database's own text on the way. */
export type Value = string | number | boolean | Date | null;

/** A piece of SQL with its values beside it: no value ever stands in the text. */
export interface Sql {
  /** One piece of text more than there are values. */
  readonly texts: readonly string[];
  readonly values: readonly Value[];
}

/** sql`SELECT … WHERE id = ${id} AND ${condition}`: values are bound, other pieces of SQL are put in place. */
export const sql = (strings: readonly string[], ...holes: readonly (Value | Sql)[]): Sql => filled(strings, holes);

/** In one pass: every request makes some, and lists of thousands are joined. */
const filled = (strings: readonly string[], holes: readonly (Value | Sql)[]): Sql => {
  const texts: string[] = [];
  const values: Value[] = [];
  let open = strings[0] ?? '';
  for (const [index, hole] of holes.entries()) {
    if (isSql(hole)) {
      const { texts: own, values: its } = hole;
      const [first = '', ...others] = own;
      open += first;
      for (const text of others) {
        texts.push(open);
        open = text;
      }
      values.push(...its);
    } else {
      texts.push(open);
      values.push(hole);
      open = '';
    }
    open += strings[index + 1] ?? '';
  }
  texts.push(open);
  return { texts, values };
};

/** Text that we wrote ourselves: names of tables and columns, keywords. Never anything from outside. */
export const raw = (text: string): Sql => ({ texts: [text], values: [] });

export const joined = (pieces: readonly (Sql | Value)[], separator: string): Sql =>
  filled(['', ...pieces.slice(1).map(() => separator), ''], pieces);

export const allOf = (conditions: readonly Sql[]): Sql =>
  conditions.length === 0 ? raw('1 = 1') : sql`(${joined(conditions, ' AND ')})`;
export const anyOf = (conditions: readonly Sql[]): Sql =>
  conditions.length === 0 ? raw('1 = 0') : sql`(${joined(conditions, ' OR ')})`;

/**
 * A list in brackets for IN. Filled up with its last value, so that a database which prepares each text anew meets few of them. An
 * empty list matches nothing.
 */
export const listOf = (values: readonly Value[]): Sql => {
  const last = values.at(-1);
  if (last === undefined) return raw('(NULL)');
  const padding = Array.from({ length: filledTo(values.length) - values.length }, () => last);
  return sql`(${joined([...values, ...padding], ', ')})`;
};

/** A power of two; of long lists an eighth at most is added, as SQLite binds no more than 32,766 values to a statement. */
const filledTo = (length: number): number => {
  const whole = 2 ** Math.ceil(Math.log2(length));
  const step = whole <= 256 ? whole : whole / 16;
  return Math.ceil(length / step) * step;
};

/** The text with a question mark for each value, and the values in that order. */
export const rendered = ({ texts, values }: Sql): { readonly text: string; readonly values: readonly Value[] } => ({
  text: texts.join('?'),
  values,
});

const isSql = (piece: Sql | Value): piece is Sql => typeof piece === 'object' && piece !== null && 'texts' in piece;

/** Anything else never reaches SQL: a number that is no safe integer is another number by the time it is compared. */
export const isId = (id: number): boolean => Number.isSafeInteger(id) && id > 0;
