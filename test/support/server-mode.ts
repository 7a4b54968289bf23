import { randomUUID } from 'node:crypto';
import { createConnection, type Connection } from 'mysql2/promise';

/** A user of the test's MySQL server whose connections begin in a `sql_mode` of their own, as if the whole server were set so. */
export interface ModeUser {
  /** The address of a database, as this user. */
  readonly urlOf: (url: string) => string;
  readonly remove: () => Promise<void>;
}

/**
 * With rights on scratch databases and no others, as an installation has it. `init_connect` is the server's own way to begin a
 * connection; it leaves everybody else's mode as it is.
 */
export const userWithMode = async (mode: string): Promise<ModeUser> => {
  const name = `civitas_${randomUUID().slice(0, 8)}`;
  await onServer(async (connection) => {
    await connection.query(`CREATE USER '${name}'@'%' IDENTIFIED BY 'secret'`);
    await connection.query(`CREATE USER '${name}'@'localhost' IDENTIFIED BY 'secret'`);
    for (const host of ['%', 'localhost'])
      await connection.query(`GRANT ALL ON \`civitas\\_test\\_%\`.* TO '${name}'@'${host}'`);
    await connection.query('SET GLOBAL init_connect = ?', [
      `SET SESSION sql_mode = IF(CURRENT_USER() LIKE '${name}@%', '${mode}', @@SESSION.sql_mode)`,
    ]);
  });
  return {
    urlOf: (url) => {
      const own = new URL(url);
      own.username = name;
      own.password = 'secret';
      return own.href;
    },
    remove: () =>
      onServer(async (connection) => {
        await connection.query("SET GLOBAL init_connect = ''");
        await connection.query(`DROP USER '${name}'@'%', '${name}'@'localhost'`);
      }),
  };
};

const onServer = async (work: (connection: Connection) => Promise<void>): Promise<void> => {
  const url = new URL(process.env['TEST_DATABASE_URL'] ?? '');
  url.pathname = '/';
  const connection = await createConnection(url.href);
  try {
    await work(connection);
  } finally {
    await connection.end();
  }
};
