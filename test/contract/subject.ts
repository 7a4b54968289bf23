import type { Person, UserRow } from '../../src/domain/users/user.ts';
import type { Ports } from '../../src/ports/index.ts';
import { aNewRow, anId, aSite } from '../support/builders.ts';
import type { FakeClock } from '../support/fakes/clock.ts';

export type Stores = Pick<
  Ports,
  | 'users'
  | 'persons'
  | 'activities'
  | 'sites'
  | 'sessions'
  | 'findings'
  | 'sweeps'
  | 'clients'
  | 'people'
  | 'facts'
  | 'outbox'
  | 'replays'
  | 'audit'
  | 'auditSeals'
  | 'runs'
  | 'withLease'
  | 'inOneTransaction'
  | 'inOneSnapshot'
>;
export type Table = 'sites' | 'ideas' | 'articles' | 'arguments' | 'votes';

/** What a contract suite runs on: stores over one database, and a way to put there what stores do not write. */
export interface Subject {
  readonly stores: Stores;
  readonly clock: FakeClock;
  readonly insert: (table: Table, row: Readonly<Record<string, unknown>>) => Promise<void>;
  /** How many statements were sent so far; null where nobody counts. */
  readonly statements: () => number | null;
  readonly close: () => Promise<void>;
}
export type Start = () => Promise<Subject>;

/** Starts before the tests of the enclosing describe, closes after them. */
export const useSubject = (start: Start): (() => Subject) => {
  let subject: Subject | undefined;
  beforeAll(async () => {
    subject = await start();
  });
  afterAll(async () => {
    await subject?.close();
  });
  return () => {
    if (subject === undefined) throw new Error('the subject is there only while tests run');
    return subject;
  };
};

/** A row of `sites`, column by column. */
export const siteRow = (
  said: Readonly<Record<string, unknown>> = {},
): Readonly<Record<string, unknown>> & { id: number } => {
  const { rawConfig, ...site } = aSite();
  const { id, name, title, domain, areaId, createdAt, updatedAt } = site;
  return {
    id,
    name,
    title,
    domain,
    areaId,
    createdAt,
    updatedAt,
    config: rawConfig,
    hostStatus: {},
    deletedAt: null,
    ...said,
  };
};

/** A site of its own, so that tests on one database do not meet. */
export const newSite = async ({ insert }: Subject): Promise<number> => {
  const row = siteRow();
  await insert('sites', row);
  return row.id;
};

export const newPerson = ({ stores }: Subject, externalId = `person-${anId()}`): Promise<Person> =>
  stores.inOneTransaction(() => stores.persons.ensure('https://oauth.example', externalId, true));

/** A row at a site, by the store's own insert; answers its id. */
export const enrol = ({ stores }: Subject, row: Partial<Omit<UserRow, 'id'>>): Promise<number> =>
  stores.inOneTransaction(() => stores.users.insert(aNewRow(row)));

/** The row as it stands, in a transaction that may then write it. */
export const lockedRows = async ({ stores }: Subject, siteId: number, id: number): Promise<readonly UserRow[]> =>
  (await stores.users.personOf(siteId, id, 'locked'))?.rows ?? [];

/** How many statements `work` sent; null where nobody counts. */
export const statementsOf = async (subject: Subject, work: () => Promise<unknown>): Promise<number | null> => {
  const before = subject.statements();
  await work();
  const after = subject.statements();
  return before === null || after === null ? null : after - before;
};
