import { ConnectionAcquireTimeoutError, ConnectionError, TimeoutError } from 'sequelize';
import type { ErrorKind } from './dialect.ts';

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
