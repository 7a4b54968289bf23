import { BaseError } from 'sequelize';
import { Fault } from '../domain/fault.ts';
import type { Dialect, ErrorKind } from './dialects/dialect.ts';
import { driverCode } from './dialects/error-kind.ts';

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
 * What callers should see of a statement that failed: Fault `busy` (a pool or a lock that was waited for too long, a statement that took longer than it may), Fault
 * `not-ready` (no connection), the driver's error where the unit of work or a store decides, else StatementFailed.
 */
export const statementFault = (error: unknown, dialect: Dialect, statement: string): Error => {
  const errorKind = dialect.errorKind(error);
  return expectedFault(error, errorKind) ?? new StatementFailed(driverCode(error).code, statement);
};

/** The same for what ends a transaction: an error of the work inside it is the work's own. */
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
    case 'again':
    case 'duplicate':
    case 'referred-to':
      return asError(error);
    case 'other':
      return null;
  }
};

const asError = (thrown: unknown): Error => (thrown instanceof Error ? thrown : new Error(String(thrown)));
