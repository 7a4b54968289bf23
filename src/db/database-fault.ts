import { BaseError, ConnectionAcquireTimeoutError, ConnectionError, TimeoutError } from 'sequelize';
import { Fault } from '../domain/fault.ts';
import type { Dialect, ErrorKind } from './dialects/dialect.ts';

/** A statement that failed for a reason nobody expected. Says the code and the statement, never a value: those are people's. */
export class StatementFailed extends Error {
  readonly code: string;
  readonly statement: string;
  constructor(code: string, statement: string) {
    super(`the database refused a statement (${code === '' ? 'no code' : code}): ${statement}`);
    this.name = 'StatementFailed';
    this.code = code;
    this.statement = statement;
  }
}

/**
 * What callers should see of a statement that failed: Fault `busy` (a pool or a lock that was waited for too long, a statement
 * that took longer than it may), Fault `not-ready` (no connection, or a server that cannot serve), the driver's error where the unit of
 * work or a store decides, else StatementFailed.
 */
export const statementFault = (error: unknown, dialect: Dialect, statement: string): Error => {
  const errorKind = dialect.errorKind(error);
  return expectedFault(error, errorKind) ?? new StatementFailed(driverCode(error).code, statement);
};

/** What callers should see where a transaction failed: an error of the work inside it is the work's own. */
export const transactionFault = (error: unknown, dialect: Dialect): Error => {
  const fault = expectedFault(error, dialect.errorKind(error));
  if (fault !== null) return fault;
  return error instanceof BaseError ? new StatementFailed(driverCode(error).code, 'transaction') : asError(error);
};

const expectedFault = (error: unknown, errorKind: ErrorKind): Error | null => {
  switch (errorKind) {
    case 'busy':
      return new Fault('busy', { retryAfterSeconds: 2 }, 'The database is busy.', { cause: error });
    case 'too-slow':
      return new Fault(
        'busy',
        { retryAfterSeconds: 5 },
        'This took the database too long, and was stopped: ask for less at once, or with longer words.',
        { cause: error },
      );
    case 'unreachable':
      return new Fault('not-ready', { retryAfterSeconds: 5 }, 'The database does not answer.', { cause: error });
    case 'not-ready':
      return new Fault('not-ready', { retryAfterSeconds: 5 }, 'The database cannot do this now.', { cause: error });
    case 'again':
    case 'locked':
    case 'duplicate':
    case 'referred-to':
      return asError(error);
    case 'other':
      return null;
  }
};

const asError = (thrown: unknown): Error => (thrown instanceof Error ? thrown : new Error(String(thrown)));

/** What the errors of Sequelize's pool say, whatever the database; null: ask the driver's code. */
export const sequelizeErrorKind = (error: unknown): ErrorKind | null => {
  if (error instanceof ConnectionAcquireTimeoutError) return 'busy';
  if (error instanceof ConnectionError) return 'unreachable';
  return null;
};

interface DriverCode {
  readonly code: string;
  readonly number: number;
  readonly isFatal: boolean;
}
/** The driver's code and number, through Sequelize's wrappers. */
export const driverCode = (error: unknown): DriverCode => {
  const inner = isWrapper(error) ? error.parent : error;
  if (typeof inner !== 'object' || inner === null) return { code: '', number: 0, isFatal: false };
  const { code, errno, fatal } = inner as {
    readonly code?: unknown;
    readonly errno?: unknown;
    readonly fatal?: unknown;
  };
  return {
    code: typeof code === 'string' ? code : '',
    number: typeof errno === 'number' ? errno : 0,
    isFatal: fatal === true,
  };
};

const isWrapper = (error: unknown): error is { readonly parent: unknown } =>
  (typeof error === 'object' && error !== null && 'parent' in error && error.parent !== undefined) ||
  error instanceof TimeoutError;

/** Carries out a removal. What somebody else's table refers to cannot go: Fault `conflict` (rule `referred-to`) instead of a 500. */
export const orReferredTo = async <T>({ dialect }: { readonly dialect: Dialect }, removal: Promise<T>): Promise<T> => {
  try {
    return await removal;
  } catch (error) {
    if (dialect.errorKind(error) !== 'referred-to') throw error;
    throw new Fault(
      'conflict',
      { rule: 'referred-to' },
      'A table that this API does not know refers to the user, so that they cannot be deleted. Anonymize them instead.',
      { cause: error },
    );
  }
};
