import { mustBeReadable } from '../../../src/domain/users/user-change.ts';
import { Fault } from '../../../src/domain/fault.ts';
import { changedColumns } from '../../../src/domain/people/mirror.ts';
import { isLive, type User, type UserRow } from '../../../src/domain/users/user.ts';
import { RunAgain } from '../../../src/ports/unit-of-work.ts';
import type { PersonRows, LockMode, UserStore } from '../../../src/ports/user-store.ts';
import { countOf, listedCount, pageOf, positionOf, wordCounts } from './user-list.ts';
import type { FakeClock } from './clock.ts';
import type { FakeDatabase, State } from './state.ts';

export const fakeUserStore = (database: FakeDatabase, clock: FakeClock): UserStore => {
  const mayRead = (lockMode: LockMode): void => {
    if (lockMode === 'locked' && !database.isInTransaction) throw new Error('locked reads need a transaction');
  };
  return {
    find: async (siteId, id) => liveRow(database.state, siteId, id),
    actorRows: async (userId, jti) => {
      const row = database.state.users.get(userId);
      const named = database.state.sessions.get(jti ?? '');
      const isOwn = named?.userId === userId && named.console === undefined && named.expiresAt > clock.now();
      const session = isOwn ? { checkedAt: named.checkedAt } : null;
      if (row === undefined || !isLive(row) || (jti !== null && session === null))
        return { person: null, rows: [], session: null };
      const others = rowsOf(database.state, row.personId).filter((one) => one.id !== row.id && isLive(one));
      return { person: userOf(database.state, row).person, rows: [row, ...others], session };
    },
    placeRows: async (personId) =>
      rowsOf(database.state, personId).map(({ id, siteId, role, profileWithheld, deletedAt }) => ({
        id,
        siteId,
        role,
        profileWithheld,
        deletedAt,
      })),
    rowsOfConsole: async (personId, jti) => {
      const session = database.state.sessions.get(jti);
      const rows = rowsOf(database.state, personId).filter(isLive);
      const [first] = rows;
      if (session?.console?.personId !== personId || session.expiresAt <= clock.now() || first === undefined)
        return { person: null, rows: [], session: null };
      const { checkedAt, provider, console } = session;
      return { person: first.person, rows, session: { checkedAt, login: { provider, siteId: console.siteId } } };
    },
    personOf: async (siteId, id, lockMode, which = 'live') => {
      mayRead(lockMode);
      const row = usersOf(database.state).find((one) => one.id === id && one.siteId === siteId);
      if (row === undefined || (which === 'live' && !isLive(row))) return null;
      return row.personId === null ? { person: null, rows: [row] } : personRows(database.state, row.personId);
    },
    person: async (personId, lockMode, { lease, fetchedAt } = {}) => {
      mayRead(lockMode);
      await lease?.assertHeld();
      const there = database.state.persons.get(personId);
      if (fetchedAt !== undefined && there !== undefined)
        await database.write(({ persons }) => void persons.set(personId, { ...there, fetchedAt }));
      return personRows(database.state, personId);
    },
    liveOf: async (personIds) =>
      [...database.state.users.values()]
        .flatMap((row) =>
          isLive(row) && row.siteId !== null && row.personId !== null && personIds.includes(row.personId)
            ? [{ id: row.id, siteId: row.siteId, personId: row.personId }]
            : [],
        )
        .sort((one, other) => one.id - other.id),
    peopleAt: async (siteId, after, limit) =>
      firstRows(database.state, siteId)
        .filter(({ id }) => id > after)
        .slice(0, limit)
        .map((row) => ({
          first: row.id,
          person: row.person,
          rows: row.personId === null ? [row] : rowsOf(database.state, row.personId),
        })),
    peopleOf: async (ids) =>
      usersOf(database.state)
        .filter(({ id }) => ids.includes(id))
        .map((row) => ({
          first: row.id,
          person: row.person,
          rows: row.personId === null ? [row] : rowsOf(database.state, row.personId),
        })),
    liveAmong: async (ids) =>
      usersOf(database.state)
        .filter((row) => ids.includes(row.id) && isLive(row))
        .map(({ id, siteId }) => ({ id, siteId: siteId ?? 0 })),
    // An address may stand at a site as often as it comes.
    addressHolders: async () => null,
    list: async (query) => pageOf(usersOf(database.state), query),
    positionsIn: async (query) => pageOf(usersOf(database.state), query).map((user) => positionOf(user, query)),
    count: async (query) => countOf(usersOf(database.state), query),
    countWords: async (siteId, words, most) => wordCounts(usersOf(database.state), siteId, words, most),
    countListed: async (query) => listedCount(usersOf(database.state), query),
    positionOf,
    insert: (row) =>
      database.write((state) => {
        // Tests need not put every site there; one that was there and is gone takes nobody.
        if (row.siteId !== null && state.pastSites.has(row.siteId)) throw new Fault('site-not-found', {});
        mustBeReadable(row);
        const id = database.nextId();
        put(state, { ...row, id });
        return id;
      }),
    save: (changes) =>
      database.write((state) => {
        for (const { before, after } of changes) {
          mustBeReadable(after, before);
          const there = state.users.get(before.id);
          if (there === undefined) throw new RunAgain('a row that was to be written is gone');
          const written = changedColumns(before, after).map((column) => [column, after[column]] as const);
          put(state, { ...there, ...Object.fromEntries(written) });
        }
      }),
    remove: (rows) =>
      database.write((state) => {
        for (const row of rows) {
          if (!state.users.delete(row.id)) throw new RunAgain('a row that was to be removed is gone');
          mustBeWithoutContributions(state, row.id);
          for (const session of state.sessions.values())
            if (session.userId === row.id) state.sessions.delete(session.jti);
        }
      }),
  };
};

/** Of each person who is not anonymized at the site their first such row, soft-deleted ones too. */
export const firstRows = (state: State, siteId: number): readonly User[] => {
  const there = usersOf(state).filter((row) => row.siteId === siteId && row.anonymizedAt === null);
  return there.filter(
    (row) => row.personId === null || there.find((one) => one.personId === row.personId)?.id === row.id,
  );
};

/** As the foreign key and the unique key (siteId, personId, slot) have it: NULL never equals NULL. */
const put = (state: State, row: UserRow): void => {
  const rivals = rowsOf(state, row.personId).filter((one) => one.id !== row.id && one.slot === row.slot);
  if (row.siteId !== null && rivals.some((one) => one.siteId === row.siteId))
    throw new Fault('conflict', { rule: 'already-at-this-site' });
  if (row.personId !== null && !state.persons.has(row.personId)) throw new Error('there is no such person');
  state.users.set(row.id, row);
};

const mustBeWithoutContributions = ({ activities }: State, userId: number): void => {
  const left = [...activities.values()].flatMap((rows) => [...rows.values()]).filter((row) => row.userId === userId);
  if (left.length > 0) throw new Error('contributions still refer to this row');
};

const liveRow = (state: State, siteId: number, id: number): User | null => {
  const row = state.users.get(id);
  return row?.siteId === siteId && isLive(row) ? userOf(state, row) : null;
};

export const personRows = (state: State, personId: number): PersonRows | null => {
  const person = state.persons.get(personId);
  const hasFacts = [...state.facts.keys()].some((name) => name.startsWith(`${personId} `));
  const hasFindings = (state.findings.get(personId) ?? []).some(({ kind }) => kind !== 'differed');
  return person === undefined ? null : { person, rows: rowsOf(state, personId), hasFacts, hasFindings };
};

const rowsOf = (state: State, personId: number | null): readonly User[] =>
  personId === null ? [] : usersOf(state).filter((row) => row.personId === personId);

const usersOf = (state: State): readonly User[] =>
  [...state.users.values()].sort((one, other) => one.id - other.id).map((row) => userOf(state, row));

const userOf = (state: State, row: UserRow): User => ({
  ...row,
  person: row.personId === null ? null : (state.persons.get(row.personId) ?? null),
});
