import type { ErrorKind } from './dialect.ts';

/** Where the program has met an error. `documentation`: nowhere; what is done about it rests on what the makers say of it. */
type Tried = 'MariaDB' | 'Galera' | 'documentation';
/**
 * `undoes-commit`: at COMMIT, too, it means that nothing was done, so that the unit may be run again. `leaves-server`: it is about the
 * server and not about the statement, so that all connections to it are left, and a proxy can lead elsewhere.
 */
type Note = 'undoes-commit' | 'leaves-server';

export type ServerError = readonly [
  number: number,
  kind: Exclude<ErrorKind, 'other' | 'unreachable' | 'busy'>,
  code: string,
  /** Whose word it is, where not everybody's, and what it says. */
  says: string,
  tried: Tried,
  note?: Note,
];

/**
 * What MySQL, MariaDB and those who speak their protocol answer where the statement is not to blame, or was to be expected; any other code
 * is a bug, and a 500. `again`: the server undid it. `locked`: so too, after a wait. `not-ready`: 503, and its connection is used no more.
 * Sources: the lists of errors of MySQL and MariaDB; TiDB, "Error Codes and Troubleshooting"; of read-only servers also the driver of Go
 * (`rejectReadOnly`).
 */
// prettier-ignore
export const serverErrors: readonly ServerError[] = [
  [1213, 'again', 'ER_LOCK_DEADLOCK', 'Deadlock; on Galera also: another node was quicker.', 'Galera', 'undoes-commit'],
  [1020, 'again', 'ER_CHECKREAD', 'A row changed since the snapshot.', 'MariaDB'],
  [1412, 'again', 'ER_TABLE_DEF_CHANGED', 'A table was altered since the snapshot.', 'MariaDB'],
  [1614, 'again', 'ER_XA_RBDEADLOCK', 'Deadlock of a distributed transaction.', 'documentation'],
  [3101, 'again', 'ER_TRANSACTION_ROLLBACK_DURING_COMMIT', 'InnoDB Cluster: another node was quicker.', 'documentation', 'undoes-commit'],
  [8002, 'again', 'ErrForUpdateCantRetry', 'TiDB: a conflict at commit.', 'documentation', 'undoes-commit'],
  [8005, 'again', 'ErrWriteConflictInTiDB', 'TiDB: a write conflict.', 'documentation', 'undoes-commit'],
  [8022, 'again', 'ErrTxnRetryable', 'TiDB: the commit failed and was undone.', 'documentation', 'undoes-commit'],
  [8028, 'again', 'ErrInfoSchemaChanged', 'TiDB: a table was altered meanwhile.', 'documentation', 'undoes-commit'],
  [9007, 'again', 'ErrWriteConflict', 'TiDB: a write conflict.', 'documentation', 'undoes-commit'],
  [1205, 'locked', 'ER_LOCK_WAIT_TIMEOUT', 'Somebody else holds a row or a table.', 'MariaDB'],
  [3572, 'locked', 'ER_LOCK_NOWAIT', 'Somebody else holds a row.', 'documentation'],
  [9004, 'locked', 'ErrResolveLockTimeout', 'TiDB: somebody else holds a row.', 'documentation'],
  [1290, 'not-ready', 'ER_OPTION_PREVENTS_STATEMENT', 'The server is read-only (read_only, super_read_only).', 'MariaDB', 'leaves-server'],
  [1792, 'not-ready', 'ER_CANT_EXECUTE_IN_READ_ONLY_TRANSACTION', 'The session is read-only.', 'documentation', 'leaves-server'],
  [1836, 'not-ready', 'ER_READ_ONLY_MODE', 'The server is read-only (innodb_read_only; a reader of Aurora).', 'documentation', 'leaves-server'],
  [1874, 'not-ready', 'ER_INNODB_READ_ONLY', 'InnoDB is read-only.', 'documentation', 'leaves-server'],
  [1881, 'not-ready', 'ER_INNODB_FORCED_RECOVERY', 'InnoDB is being recovered and read-only.', 'documentation', 'leaves-server'],
  [1036, 'not-ready', 'ER_OPEN_AS_READONLY', 'A table is read-only (MariaDB’s innodb_read_only).', 'documentation', 'leaves-server'],
  [1047, 'not-ready', 'ER_UNKNOWN_COM_ERROR', 'Galera: the node is not in the cluster.', 'Galera', 'leaves-server'],
  [1053, 'not-ready', 'ER_SERVER_SHUTDOWN', 'The server stops.', 'MariaDB', 'leaves-server'],
  [3032, 'not-ready', 'ER_SERVER_OFFLINE_MODE', 'MySQL: the server is in offline mode.', 'documentation', 'leaves-server'],
  [3100, 'not-ready', 'ER_RUN_HOOK_ERROR', 'InnoDB Cluster: the node could not hand the transaction on.', 'documentation', 'leaves-server'],
  [3168, 'not-ready', 'ER_SERVER_ISNT_AVAILABLE', 'MySQL: the server is not available.', 'documentation', 'leaves-server'],
  [1927, 'not-ready', 'ER_CONNECTION_KILLED', 'The connection was killed.', 'MariaDB'],
  [3169, 'not-ready', 'ER_SESSION_WAS_KILLED', 'MySQL: the connection was killed.', 'documentation'],
  [4031, 'not-ready', 'ER_CLIENT_INTERACTION_TIMEOUT', 'MySQL: the connection was idle for too long.', 'documentation'],
  [1317, 'not-ready', 'ER_QUERY_INTERRUPTED', 'The statement was killed.', 'MariaDB'],
  [1040, 'not-ready', 'ER_CON_COUNT_ERROR', 'The server has too many connections.', 'MariaDB'],
  [1203, 'not-ready', 'ER_TOO_MANY_USER_CONNECTIONS', 'This user has too many connections.', 'documentation'],
  [1226, 'not-ready', 'ER_USER_LIMIT_REACHED', 'This user has used up what it may.', 'MariaDB'],
  [1114, 'not-ready', 'ER_RECORD_FILE_FULL', 'A table or its file is full.', 'MariaDB'],
  [1021, 'not-ready', 'ER_DISK_FULL', 'The disk is full.', 'documentation'],
  [1026, 'not-ready', 'ER_ERROR_ON_WRITE', 'A file cannot be written.', 'documentation'],
  [1030, 'not-ready', 'ER_GET_ERRNO', 'The storage engine failed.', 'documentation'],
  [1037, 'not-ready', 'ER_OUTOFMEMORY', 'The server is out of memory.', 'documentation'],
  [1041, 'not-ready', 'ER_OUT_OF_RESOURCES', 'The server is out of memory.', 'documentation'],
  [1135, 'not-ready', 'ER_CANT_CREATE_THREAD', 'The server can begin no thread.', 'documentation'],
  [1180, 'not-ready', 'ER_ERROR_DURING_COMMIT', 'The commit failed; whether all is undone is not known.', 'Galera'],
  [1206, 'not-ready', 'ER_LOCK_TABLE_FULL', 'There is no room for more locks.', 'documentation'],
  [1637, 'not-ready', 'ER_TOO_MANY_CONCURRENT_TRXS', 'There is no room for more transactions.', 'documentation'],
  [8027, 'not-ready', 'ErrInfoSchemaExpired', 'TiDB: the server has lost touch with its cluster.', 'documentation', 'leaves-server'],
  [9001, 'not-ready', 'ErrPDServerTimeout', 'TiDB: PD does not answer.', 'documentation'],
  [9002, 'not-ready', 'ErrTiKVServerTimeout', 'TiDB: TiKV does not answer.', 'documentation'],
  [9003, 'not-ready', 'ErrTiKVServerBusy', 'TiDB: TiKV is busy.', 'documentation'],
  [9005, 'not-ready', 'ErrRegionUnavailable', 'TiDB: a part of the data is not there.', 'documentation'],
  [1969, 'too-slow', 'ER_STATEMENT_TIMEOUT', 'MariaDB: the statement took longer than it may.', 'MariaDB'],
  [3024, 'too-slow', 'ER_QUERY_TIMEOUT', 'MySQL: the statement took longer than it may.', 'documentation'],
  [1062, 'duplicate', 'ER_DUP_ENTRY', 'There is such a row already.', 'MariaDB'],
  [1451, 'referred-to', 'ER_ROW_IS_REFERENCED_2', 'Another row refers to it.', 'MariaDB'],
  [1452, 'referred-to', 'ER_NO_REFERENCED_ROW_2', 'It refers to a row that is not there.', 'MariaDB'],
];

const byNumber: ReadonlyMap<number, ServerError> = new Map(serverErrors.map((error) => [error[0], error]));

/** What the table says of an error's number; null: nothing. */
export const serverErrorOf = (number: number): { readonly kind: ServerError[1]; readonly note: Note | null } | null => {
  const found = byNumber.get(number);
  return found === undefined ? null : { kind: found[1], note: found[5] ?? null };
};
