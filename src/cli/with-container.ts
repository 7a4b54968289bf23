import { existsSync } from 'node:fs';
import type { Config } from '../config/index.ts';
import { createContainer, type Container } from '../container.ts';
import { StatementFailed } from '../db/database-fault.ts';
import { configOrExit, whyDatabaseFails } from './command-errors.ts';

/**
 * Opens the container for one command, over a database that is there and migrated, and closes it whatever happens. Makes nothing
 * where there is nothing. Throws what is wrong, in one line that names what to do: no SQL.
 */
export const withContainer = async (
  work: (container: Container) => Promise<void>,
  own: Partial<Pick<Config, 'log'>> = {},
): Promise<void> => {
  const config = { ...configOrExit({ existing: true }), ...own };
  mustBeThere(config);
  const container = createContainer(config);
  try {
    if ((await container.migrator.pending()).length > 0)
      throw new Error('The database is not migrated: run `npm run migrate` first.');
    await work(container);
  } catch (error) {
    const line = whyDatabaseFails(error, config) ?? (isOfStatement(error) ? 'The database refused a statement.' : null);
    throw line === null ? error : new Error(line, { cause: error });
  } finally {
    await container.close();
  }
};

/** Opening the embedded database would make it. */
const mustBeThere = ({ database: { url } }: Config): void => {
  const file = url.startsWith('sqlite:') ? url.slice('sqlite:'.length) : null;
  if (file !== null && !existsSync(file))
    throw new Error(`There is no database ${file}: name another (DATABASE_URL), or make it with \`npm run migrate\`.`);
};

const isOfStatement = (error: unknown): boolean =>
  error instanceof StatementFailed || (error instanceof Error && error.cause instanceof StatementFailed);
