import { Database, readOnlyMode } from './connection.ts';

/**
 * libsql in the shape of the `sqlite3` package, as Sequelize's `dialectModule`: prebuilt, no compiler, no install script.
 * The three numbers are sqlite3's own.
 */
export const embeddedDriver = { Database, OPEN_READONLY: readOnlyMode, OPEN_READWRITE: 2, OPEN_CREATE: 4 };
