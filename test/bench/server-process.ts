import { readdirSync, readFileSync } from 'node:fs';

/** How much processor time the database server has used, in microseconds; null where its process cannot be seen. */
export type ServerTime = () => number | null;

/** Of the database server on this machine, by /proc. Where there are several, or the address is elsewhere: never known. */
export const serverTimeOf = (databaseUrl: string): ServerTime => {
  const { protocol, hostname } = new URL(databaseUrl);
  const pids = protocol === 'mysql:' && ['127.0.0.1', 'localhost', '[::1]'].includes(hostname) ? servers() : [];
  const [pid] = pids;
  return () => (pids.length === 1 && pid !== undefined ? processorMicrosOf(pid) : null);
};

const servers = (): readonly string[] =>
  entries('/proc').filter((pid) => /^\d+$/.test(pid) && /^(mariadbd|mysqld)$/.test(read(`/proc/${pid}/comm`).trim()));

/** What a process used so far; null where it cannot be seen. Ticks are hundredths of a second; the name before them may hold spaces. */
export const processorMicrosOf = (pid: string): number | null => {
  const fields = read(`/proc/${pid}/stat`).split(') ')[1]?.split(' ');
  return fields === undefined ? null : (Number(fields[11]) + Number(fields[12])) * 10_000;
};

/** The processes that this one started. */
export const childrenOf = (pid: string): readonly string[] =>
  read(`/proc/${pid}/task/${pid}/children`)
    .split(' ')
    .filter((child) => child !== '');

const read = (file: string): string => {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
};
const entries = (folder: string): readonly string[] => {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
};
