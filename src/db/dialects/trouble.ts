import {
  ConnectionAcquireTimeoutError,
  ConnectionError,
  ForeignKeyConstraintError,
  TimeoutError,
  UniqueConstraintError,
} from 'sequelize';
import type { Trouble } from './dialect.ts';

/** What Sequelize's own error classes say, whatever the database; null: ask the driver's code. */
export const sequelizeTrouble = (error: unknown): Trouble | null => {
  if (error instanceof ConnectionAcquireTimeoutError) return 'busy';
  if (error instanceof ConnectionError) return 'unreachable';
  if (error instanceof UniqueConstraintError) return 'duplicate';
  if (error instanceof ForeignKeyConstraintError) return 'referred-to';
  return null;
};

/** The driver's code and number, through Sequelize's wrappers. */
export const driverCode = (error: unknown): { readonly code: string; readonly number: number } => {
  const inner = isWrapper(error) ? error.parent : error;
  if (typeof inner !== 'object' || inner === null) return { code: '', number: 0 };
  const { code, errno } = inner as { readonly code?: unknown; readonly errno?: unknown };
  return { code: typeof code === 'string' ? code : '', number: typeof errno === 'number' ? errno : 0 };
};

const isWrapper = (error: unknown): error is { readonly parent: unknown } =>
  (typeof error === 'object' && error !== null && 'parent' in error && error.parent !== undefined) ||
  error instanceof TimeoutError;
