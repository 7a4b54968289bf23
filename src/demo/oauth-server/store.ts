import { randomUUID } from 'node:crypto';
import { collated } from './collation.ts';
import { load, save } from './file.ts';
import { roleNames, type OauthServerOptions, type NewPerson } from './options.ts';
import { emptyState, moment, type PersonRow, type RoleRow, type TokenRow } from './state.ts';
import { insertPerson, putPerson, putRole, removePerson, removeTokens, stateOf, tablesOf } from './tables.ts';

/** The people, their roles and their tokens. Every change is kept before it is answered. */
export interface Store {
  /** PKCS#8 PEM. */
  readonly signingKey: string;
  everybody(): readonly PersonRow[];
  byId(id: number): PersonRow | undefined;
  /** As their collation compares. */
  byEmail(email: string): PersonRow | undefined;
  rolesOf(id: number): readonly RoleRow[];
  /** Insert and change throw StatementRefused like the real one's database: address taken, a character it cannot hold. */
  insert(person: NewPerson): PersonRow;
  change(row: PersonRow, values: Omit<NewPerson, 'id'>): PersonRow;
  setRole(userId: number, clientRow: number, roleId: number): void;
  /** With roles and tokens. */
  remove(id: number): void;
  addToken(userId: number, clientId: string): TokenRow;
  token(id: string): TokenRow | undefined;
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
      const { id } = insertPerson(tables, person);
      for (const [clientId, name] of Object.entries(roles)) {
        const client = clients.find((one) => one.clientId === clientId);
        if (client === undefined) throw new Error(`person ${id} has a role at an unknown client: ${clientId}`);
        putRole(tables, id, client.id, roleNames.indexOf(name) + 1);
      }
    }
  };
  if (kept === null) keeping(fill);
  return {
    signingKey: tables.signingKey,
    everybody: () => [...tables.people.values()],
    byId: (id) => tables.people.get(id),
    byEmail: (email) => tables.people.get(tables.addresses.get(collated(email)) ?? NaN),
    rolesOf: (id) => tables.roles.get(id) ?? [],
    insert: (person) => keeping(() => insertPerson(tables, person)),
    change: (row, values) => keeping(() => putPerson(tables, 'update', { ...row, ...values, updatedAt: moment() })),
    setRole: (userId, clientRow, roleId) => {
      keeping(() => {
        putRole(tables, userId, clientRow, roleId);
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
    revokeTokens: (userId) => {
      keeping(() => {
        removeTokens(tables, userId);
      });
    },
  };
};
