import { existsSync } from 'node:fs';
import type { Config } from '../config/index.ts';
import { createContainer, type Container } from '../container.ts';
import { StatementFailed } from '../db/database-fault.ts';
import { maskedFields } from '../domain/users/user-fields.ts';
import { createLogger, type Logger } from '../platform/logger.ts';
import { configHere, whyDatabaseFails } from './command-errors.ts';
import { CommandFailed, type Ending } from './endings.ts';

/**
 * Opens the container for one command, over a database that is there and migrated, and closes it whatever happens. Makes nothing
 * where there is nothing. Throws what is wrong, in one line that names what to do: no SQL. `logged: 'silent'`: what the command says by
 * itself is not logged beside it, but where LOG_LEVEL asks for that.
 */
export const withContainer = async (
  work: (container: Container, config: Config) => Promise<Ending>,
  logged: 'warn' | 'silent' = 'warn',
): Promise<Ending> => {
  const config = configHere();
  mustBeThere(config);
  const container = createContainer(config, { log: logBeside(config, logged) });
  try {
    if ((await container.migrator.pending()).length > 0)
      throw new CommandFailed('The database is not migrated: run `npm run migrate` first.');
    return await work(container, config);
  } catch (error) {
    throw inOneLine(error, config);
  } finally {
    await container.close();
  }
};

/** On stderr, as what is printed may be piped on: what is wrong, and all of it where LOG_LEVEL says `debug`. */
export const logBeside = ({ log: { level } }: Pick<Config, 'log'>, info = 'warn'): Logger =>
  createLogger({ level: level === 'info' ? info : level, personalFields: maskedFields, stream: process.stderr });

/** What is known of the database, by its own error, and what is to be done; any other error as it is. */
export const inOneLine = (
  error: unknown,
  config: Config,
  remedy = 'Look what was done before you try again.',
): unknown => {
  const statement = statementOf(error);
  const line =
    whyDatabaseFails(error, config) ??
    (statement === null
      ? null
      : `The database refused a statement (${statement.code}), which LOG_LEVEL=debug shows. ${remedy}`);
  return line === null ? error : new CommandFailed(line, 'failed', { cause: error });
};

const statementOf = (error: unknown): StatementFailed | null => {
  const cause = error instanceof Error && error.cause instanceof StatementFailed ? error.cause : error;
  return cause instanceof StatementFailed ? cause : null;
};

/** Opening the embedded database would make it. */
const mustBeThere = ({ database: { url } }: Config): void => {
  const file = url.startsWith('sqlite:') ? url.slice('sqlite:'.length) : null;
  if (file !== null && !existsSync(file))
    throw new CommandFailed(
      `There is no database ${file}: name another (DATABASE_URL), or make it with \`npm run migrate\`.`,
    );
};
