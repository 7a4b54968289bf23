import { BaseError } from 'sequelize';
import { Fault } from '../domain/fault.ts';
import type { Dialect } from './dialects/dialect.ts';
import { driverCode } from './dialects/trouble.ts';

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
 * What callers should see of a database error: Fault `busy` (a pool or a lock that was waited for too long), Fault `not-ready`
 * (no connection), the error itself where the unit of work or a store decides, else StatementFailed.
 */
export const databaseFault = (error: unknown, dialect: Dialect, statement: string): Error => {
  switch (dialect.trouble(error)) {
    case 'busy':
      return new Fault('busy', { retryAfterSeconds: 2 }, 'The database is busy.', { cause: error });
    case 'unreachable':
      return new Fault('not-ready', { retryAfterSeconds: 5 }, 'The database does not answer.', { cause: error });
    case 'again':
    case 'duplicate':
    case 'referred-to':
      return asError(withoutValues(error));
    case 'other':
      return error instanceof BaseError ? new StatementFailed(driverCode(error).code, statement) : asError(error);
  }
};

/** Sequelize hangs the bound values on its errors, and a log would print them. */
const withoutValues = (error: unknown): unknown => {
  for (const layer of [error, parentOf(error)]) {
    if (typeof layer === 'object' && layer !== null && 'parameters' in layer) layer.parameters = undefined;
  }
  return error;
};

const asError = (thrown: unknown): Error => (thrown instanceof Error ? thrown : new Error(String(thrown)));
const parentOf = (error: unknown): unknown =>
  typeof error === 'object' && error !== null && 'parent' in error ? error.parent : undefined;
