import { randomUUID } from 'node:crypto';
import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { isJsonObject } from '../../domain/json.ts';
import { collated } from './sql.ts';
import { roleNames, type OauthServerOptions } from './options.ts';
import { emptyState, type PersonRow, type RoleRow, type TokenRow, type State } from './state.ts';
import {
  insertPerson,
  overwritePerson,
  putPerson,
  putRole,
  read,
  removePerson,
  removeTokens,
  saved,
  seedPerson,
  stateOf,
  tablesOf,
  type Columns,
} from './tables.ts';

/** The people, their roles and their tokens. Every change is kept before it is answered. */
export interface Store {
  /** PKCS#8 PEM. */
  readonly signingKey: string;
  everybody(): readonly PersonRow[];
  byId(id: number): PersonRow | undefined;
  /** As their collation compares. */
  byEmail(email: string): PersonRow | undefined;
  /** Byte for byte, while all others answer what the program reads. */
  stored(id: number): PersonRow | undefined;
  rolesOf(id: number): readonly RoleRow[];
  /** Insert and change throw StatementRefused like the real one's database: address taken, a character it cannot hold. */
  insert(values: Columns): PersonRow;
  change(row: PersonRow, values: Columns): PersonRow;
  /** Past all of its rules, as SQL would. */
  overwrite(row: PersonRow): void;
  /** Throws StatementRefused for a role or a client that is not there. */
  setRole(userId: number, clientRow: number, roleId: number): void;
  /** With roles and tokens. */
  remove(id: number): void;
  addToken(userId: number, clientId: string): TokenRow;
  token(id: string): TokenRow | undefined;
  revokeToken(id: string): void;
  revokeTokens(userId: number): void;
}

type Settings = Pick<OauthServerOptions, 'file' | 'clients' | 'people'>;

export const openStore = ({ file, clients, people }: Settings): Store => {
  const kept = file === undefined ? null : load(file);
  const tables = tablesOf(kept ?? emptyState());
  const keeping = <T>(change: () => T): T => {
    const result = change();
    if (file !== undefined) save(file, stateOf(tables));
    return result;
  };
  const fill = (): void => {
    for (const { roles = {}, ...person } of people) {
      const { id } = seedPerson(tables, person);
      for (const [clientId, name] of Object.entries(roles)) {
        const client = clients.find((one) => one.clientId === clientId);
        if (client === undefined) throw new Error(`person ${id} has a role at an unknown client: ${clientId}`);
        putRole(tables, id, client.id, roleNames.indexOf(name) + 1, { client: true, role: true });
      }
    }
  };
  if (kept === null) keeping(fill);
  return {
    signingKey: tables.signingKey,
    everybody: () => [...tables.people.values()],
    byId: (id) => readIfThere(tables.people.get(id)),
    byEmail: (email) => readIfThere(tables.people.get(tables.addresses.get(collated(email)) ?? NaN)),
    stored: (id) => tables.people.get(id),
    rolesOf: (id) => tables.roles.get(id) ?? [],
    insert: (values) => keeping(() => insertPerson(tables, values)),
    change: (row, values) => keeping(() => putPerson(tables, 'update', saved({ ...row, ...values }))),
    overwrite: (row) => {
      keeping(() => {
        overwritePerson(tables, row);
      });
    },
    setRole: (userId, clientRow, roleId) => {
      keeping(() => {
        const isKnown = { client: clients.some(({ id }) => id === clientRow), role: roleId <= roleNames.length };
        putRole(tables, userId, clientRow, roleId, isKnown);
      });
    },
    remove: (id) => {
      keeping(() => {
        removePerson(tables, id);
      });
    },
    addToken: (userId, clientId) =>
      keeping(() => {
        const token = { id: randomUUID(), userId, clientId };
        tables.tokens.set(token.id, token);
        return token;
      }),
    token: (id) => tables.tokens.get(id),
    revokeToken: (id) => {
      keeping(() => tables.tokens.delete(id));
    },
    revokeTokens: (userId) => {
      keeping(() => {
        removeTokens(tables, userId);
      });
    },
  };
};

const readIfThere = (row: PersonRow | undefined): PersonRow | undefined => (row === undefined ? undefined : read(row));

/** The kept state; null where there is no file yet. A file that cannot be read is told, and left as it is. */
const load = (file: string): State | null => {
  if (!existsSync(file)) return null;
  const kept = parsed(readFileSync(file, 'utf8'));
  if (!isState(kept)) {
    throw new Error(
      `${file} does not hold the people of a development OAuth server; it was left as it is: move it away`,
    );
  }
  return { ...kept, people: kept.people.map(withText) };
};

/** A file of before extraData was kept as text. */
const withText = (row: PersonRow): PersonRow => {
  const extraData: unknown = row.extraData;
  return isJsonObject(extraData) ? { ...row, extraData: JSON.stringify(extraData) } : row;
};

/** Whole or not at all, also when the process is killed meanwhile; readable by its owner only, as it holds a signing key. */
const save = (file: string, state: State): void => {
  mkdirSync(dirname(file), { recursive: true });
  const beside = `${file}.${process.pid}.new`;
  const handle = openSync(beside, 'w', 0o600);
  try {
    writeSync(handle, JSON.stringify(state));
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
  renameSync(beside, file);
};

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
};

const isState = (kept: unknown): kept is State =>
  isJsonObject(kept) &&
  typeof kept['nextId'] === 'number' &&
  typeof kept['signingKey'] === 'string' &&
  [kept['people'], kept['roles'], kept['tokens']].every((rows) => Array.isArray(rows) && rows.every(isJsonObject));
