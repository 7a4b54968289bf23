/** What may be bound to a statement; dates become the database's own text on the way. */
export type Value = string | number | boolean | Date | null;

/** A piece of SQL with its values beside it: no value ever stands in the text. */
export interface Sql {
  /** One piece of text more than there are values. */
  readonly texts: readonly string[];
  readonly values: readonly Value[];
}

/** sql`SELECT … WHERE id = ${id} AND ${condition}`: values are bound, other pieces of SQL are put in place. */
export const sql = (strings: readonly string[], ...holes: readonly (Value | Sql)[]): Sql =>
  holes.reduce<Sql>(
    (before, hole, index) => appended(appended(before, hole), raw(strings[index + 1] ?? '')),
    raw(strings[0] ?? ''),
  );

/** Text that we wrote ourselves: names of tables and columns, keywords. Never anything from outside. */
export const raw = (text: string): Sql => ({ texts: [text], values: [] });

/** In one pass: lists of thousands are joined. */
export const joined = (pieces: readonly (Sql | Value)[], separator: string): Sql => {
  const texts: string[] = [];
  const values: Value[] = [];
  let open = '';
  for (const [index, piece] of pieces.entries()) {
    const { texts: own, values: its } = isSql(piece) ? piece : { texts: ['', ''], values: [piece] };
    const [first = '', ...others] = own;
    const parts = [`${open}${index === 0 ? '' : separator}${first}`, ...others];
    open = parts.pop() ?? '';
    texts.push(...parts);
    values.push(...its);
  }
  return { texts: [...texts, open], values };
};

export const allOf = (conditions: readonly Sql[]): Sql =>
  conditions.length === 0 ? raw('1 = 1') : sql`(${joined(conditions, ' AND ')})`;
export const anyOf = (conditions: readonly Sql[]): Sql =>
  conditions.length === 0 ? raw('1 = 0') : sql`(${joined(conditions, ' OR ')})`;

/**
 * A list in brackets for IN. Filled up to a power of two with its last value, so that a database which prepares each text
 * anew meets few of them. An empty list matches nothing.
 */
export const listOf = (values: readonly Value[]): Sql => {
  const last = values.at(-1);
  if (last === undefined) return raw('(NULL)');
  const size = 2 ** Math.ceil(Math.log2(values.length));
  const padding = Array.from({ length: size - values.length }, () => last);
  return sql`(${joined([...values, ...padding], ', ')})`;
};

/** The text with `$1`, `$2` … and the values in that order, as Sequelize binds them. */
export const rendered = ({ texts, values }: Sql): { readonly text: string; readonly values: readonly Value[] } => ({
  text: texts.map((text, index) => (index === 0 ? text : `$${index}${text}`)).join(''),
  values,
});

const appended = (before: Sql, piece: Sql | Value): Sql => {
  const next: Sql = isSql(piece) ? piece : { texts: ['', ''], values: [piece] };
  const [first = '', ...others] = next.texts;
  const whole = before.texts.slice(0, -1);
  return {
    texts: [...whole, `${before.texts.at(-1) ?? ''}${first}`, ...others],
    values: [...before.values, ...next.values],
  };
};

const isSql = (piece: Sql | Value): piece is Sql => typeof piece === 'object' && piece !== null && 'texts' in piece;
