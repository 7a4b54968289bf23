import { randomUUID } from 'node:crypto';
import { collated } from './collation.ts';
import { load, save } from './file.ts';
import { roleNames, type OauthServerOptions } from './options.ts';
import { emptyState, type PersonRow, type RoleRow, type TokenRow } from './state.ts';
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
