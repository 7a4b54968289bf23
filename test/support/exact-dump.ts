import { createConnection, type Connection, type RowDataPacket } from 'mysql2/promise';

/** One table as the server itself writes it: dates that are none, empty words and bytes included. */
export interface ExactTable {
  /** SHOW CREATE TABLE. */
  readonly definition: string;
  readonly columns: readonly string[];
  /** Each as JSON text of its columns, sorted. */
  readonly rows: readonly string[];
}

/** A whole MySQL database, every table of it, without our own reading of values. `only`: of each table these columns, if it is there. */
export const exactDump = async (
  url: string,
  only?: ReadonlyMap<string, ExactTable>,
): Promise<ReadonlyMap<string, ExactTable>> => {
  const connection = await createConnection({
    uri: url,
    dateStrings: true,
    supportBigNumbers: true,
    jsonStrings: true,
  });
  try {
    const [tables] = await connection.query<RowDataPacket[]>(
      "SELECT TABLE_NAME AS name FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() AND TABLE_TYPE = 'BASE TABLE' ORDER BY name",
    );
    const names = tables.map(({ name }) => String(name)).filter((name) => only?.has(name) ?? true);
    const dump = new Map<string, ExactTable>();
    for (const name of names) dump.set(name, await exactTable(connection, name, only?.get(name)?.columns));
    return dump;
  } finally {
    await connection.end();
  }
};

/** What both dumps have to agree on where only rows matter. */
export const rowsOf = (dump: ReadonlyMap<string, ExactTable>): Readonly<Record<string, readonly string[]>> =>
  Object.fromEntries([...dump].map(([name, { rows }]) => [name, rows]));

const exactTable = async (
  connection: Connection,
  name: string,
  wanted: readonly string[] | undefined,
): Promise<ExactTable> => {
  const [shown] = await connection.query<RowDataPacket[]>(`SHOW CREATE TABLE \`${name}\``);
  const [described] = await connection.query<RowDataPacket[]>(`SHOW COLUMNS FROM \`${name}\``);
  const columns = wanted ?? described.map((column) => String(column['Field']));
  // As bytes: a `''` in an enum and a date that is none come as the server sends them.
  const list = columns.map((column) => `\`${column}\``).join(', ');
  const [rows] = await connection.query<RowDataPacket[]>({
    sql: `SELECT ${list} FROM \`${name}\``,
    typeCast: (field) => field.string('utf8'),
  });
  return {
    definition: String(shown[0]?.['Create Table']).replace(/ AUTO_INCREMENT=\d+/, ''),
    columns,
    rows: rows.map((row) => JSON.stringify(columns.map((column) => row[column] as unknown))).sort(),
  };
};
