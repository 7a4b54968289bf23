import { type Config, ConfigFaults, environment, loadConfig } from '../config/index.ts';
import { isFault } from '../domain/fault.ts';
import { CommandFailed } from './endings.ts';

/**
 * Why a command could not use its database, in one line that names host, database and cause, and no password; null when the error
 * is another one.
 */
export const whyDatabaseFails = (error: unknown, { database }: Pick<Config, 'database'>): string | null => {
  const chain = causesOf(error);
  const code = chain.map(codeOf).find((one) => one !== null) ?? null;
  const isAway = chain.some((one) => isFault(one, 'not-ready')) || (code !== null && reasons.has(code));
  if (!isAway) return null;
  const reason = code === null ? 'it does not answer' : (reasons.get(code) ?? 'it does not answer');
  return `${nameOf(database.url)} cannot be used: ${reason}${code === null ? '' : ` (${code})`}.`;
};

/** Of a database, without a password. */
export const nameOf = (url: string): string => {
  if (!url.startsWith('mysql:') || !URL.canParse(url)) return `The database ${url}`;
  const { hostname, port, pathname } = new URL(url);
  return `The database ${pathname.slice(1)} at ${hostname}:${port === '' ? '3306' : port}`;
};

const reasons: ReadonlyMap<string, string> = new Map([
  ['ECONNREFUSED', 'nothing listens there'],
  ['ENOTFOUND', 'there is no such host'],
  ['EAI_AGAIN', 'the name of the host cannot be looked up'],
  ['ETIMEDOUT', 'it does not answer in time'],
  ['EHOSTUNREACH', 'there is no way to this host'],
  ['ECONNRESET', 'it broke the connection off'],
  ['PROTOCOL_CONNECTION_LOST', 'it broke the connection off'],
  ['ER_ACCESS_DENIED_ERROR', 'it takes neither this user nor this password'],
  ['ER_ACCESS_DENIED_NO_PASSWORD_ERROR', 'it does not let this user in'],
  ['ER_DBACCESS_DENIED_ERROR', 'this user may not use a database of that name'],
  ['ER_BAD_DB_ERROR', 'there is no database of that name'],
  ['ER_CON_COUNT_ERROR', 'it has too many connections'],
  ['ER_HOST_NOT_PRIVILEGED', 'it takes no connections from this machine'],
  ['SQLITE_CANTOPEN', 'there is no such file'],
  ['ENOENT', 'there is no such folder'],
  ['EACCES', 'this user may not read it'],
]);

/** Of an error, and of what wrappers hold. */
const causesOf = (error: unknown): readonly object[] => {
  const found: object[] = [];
  let waiting: unknown[] = [error];
  while (waiting.length > 0 && found.length < 20) {
    const objects = waiting.filter(
      (one): one is object => typeof one === 'object' && one !== null && !found.includes(one),
    );
    found.push(...objects);
    waiting = objects.flatMap((one) => ['cause', 'parent', 'original'].map((key): unknown => Reflect.get(one, key)));
  }
  return found;
};

const codeOf = (error: object): string | null => {
  const code: unknown = Reflect.get(error, 'code');
  return typeof code === 'string' && /^[A-Z][A-Z_0-9]+$/.test(code) ? code : null;
};

/** The configuration; what is thrown names every fault of it. `existing`: for a command that must not begin a demo. */
export const configHere = ({ existing = true } = {}): Config => {
  try {
    return loadConfig({ env: environment(), existing });
  } catch (error) {
    throw error instanceof ConfigFaults ? new CommandFailed(error.message, 'failed', { cause: error }) : error;
  }
};
