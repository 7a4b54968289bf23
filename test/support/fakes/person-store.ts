import { decimalId, isLive, type Person, type UserRow } from '../../../src/domain/users/user.ts';
import type { PersonStore } from '../../../src/ports/people.ts';
import type { Clock, Secrets } from '../../../src/ports/platform.ts';
import type { FakeDatabase, State } from './state.ts';
import { personRows } from './user-store.ts';

const tombstoneMs = 30 * 86_400_000;

export const fakePersonStore = (
  database: FakeDatabase,
  secrets: Pick<Secrets, 'fingerprint'>,
  clock: Pick<Clock, 'now'>,
): PersonStore => {
  const tombstone = (issuer: string, externalId: string): string =>
    secrets.fingerprint('tombstone', JSON.stringify([issuer, externalId]));
  const ensured = (issuer: string, externalId: string, isOursToRemove: boolean): Promise<Person> =>
    database.write((state) => {
      const there = known(state, issuer, externalId);
      const made = {
        fetchedAt: null,
        state: 'active',
        isUnclaimed: false,
        loginSetAt: null,
        hasUnsaidFields: false,
      } as const;
      const fresh = { id: database.nextId(), issuer, externalId, isOursToRemove, ...made };
      const person: Person =
        there === null ? fresh : { ...there, isOursToRemove: there.isOursToRemove || isOursToRemove };
      state.persons.set(person.id, person);
      return person;
    });
  return {
    find: async (id) => database.state.persons.get(id) ?? null,
    byExternalId: async (issuer, externalId) => known(database.state, issuer, externalId),
    idAt: async (siteIds, issuer, externalId) => {
      const id = known(database.state, issuer, externalId)?.id ?? null;
      const isTheirs = (row: UserRow): boolean =>
        row.personId === id || (row.personId === null && row.externalUserId === decimalId(externalId));
      const rows = [...database.state.users.values()].filter(isLive).filter(isTheirs);
      return rows.some(({ siteId }) => siteIds.includes(siteId ?? 0)) ? id : null;
    },
    ensure: async (issuer, externalId, isOursToRemove) => ensured(issuer, externalId, isOursToRemove),
    ensureWithRows: async (issuer, externalId, isOursToRemove, { lease, isNewByPost = false } = {}) => {
      await lease?.assertHeld();
      const isNew = isNewByPost && known(database.state, issuer, externalId) === null;
      const { id } = await ensured(issuer, externalId, isOursToRemove);
      if (isNew) await database.write(changing(id, { isUnclaimed: true, fetchedAt: clock.now() }));
      const held = personRows(database.state, id);
      if (held?.person == null) throw new Error('a person went while it was made');
      const until = database.state.tombstones.get(tombstone(issuer, externalId)) ?? 0;
      return { ...held, person: held.person, wasRemoved: until > clock.now().getTime() };
    },
    withRows: async (issuer, externalId) => {
      const person = known(database.state, issuer, externalId);
      return person === null ? null : personRows(database.state, person.id);
    },
    setState: (id, next) => database.write(changing(id, { state: next })),
    setUnclaimed: (id, isUnclaimed) => database.write(changing(id, { isUnclaimed })),
    setLoginSetAt: (id, loginSetAt) => database.write(changing(id, { loginSetAt })),
    // Whom the OAuth server keeps is remembered by the real one: test/contract/person-store.ts.
    rememberLoginSet: (issuer, externalId) =>
      database.write((state) => {
        state.tombstones.set(secrets.fingerprint('login set', JSON.stringify([issuer, externalId])), Infinity);
      }),
    loginSetAt: async (issuer, externalId) => {
      const person = known(database.state, issuer, externalId);
      if (person !== null) return person.loginSetAt;
      const mark = secrets.fingerprint('login set', JSON.stringify([issuer, externalId]));
      return database.state.tombstones.has(mark) ? [] : null;
    },
    setSaid: (id) => database.write(changing(id, { hasUnsaidFields: false })),
    setFetchedAt: (id, fetchedAt) => database.write(changing(id, { fetchedAt })),
    remove: (id) =>
      database.write((state) => {
        const rows = [...state.users.values()].filter((row) => row.personId === id);
        for (const row of rows) state.users.set(row.id, { ...row, personId: null });
        state.persons.delete(id);
        for (const name of state.facts.keys()) if (name.startsWith(`${id} `)) state.facts.delete(name);
        state.findings.delete(id);
      }),
    addTombstone: (issuer, externalId) =>
      database.write((state) => {
        state.tombstones.set(tombstone(issuer, externalId), clock.now().getTime() + tombstoneMs);
      }),
    hasTombstone: async (issuer, externalId) =>
      (database.state.tombstones.get(tombstone(issuer, externalId)) ?? 0) > clock.now().getTime(),
    forgetExpired: (now) =>
      database.write((state) => {
        for (const [mark, expiresAt] of state.tombstones) if (expiresAt <= now.getTime()) state.tombstones.delete(mark);
      }),
  };
};

const known = ({ persons }: State, issuer: string, externalId: string): Person | null =>
  [...persons.values()].find((person) => person.issuer === issuer && person.externalId === externalId) ?? null;

const changing =
  (id: number, said: Partial<Person>) =>
  ({ persons }: State): void => {
    const person = persons.get(id);
    if (person !== undefined) persons.set(id, { ...person, ...said });
  };
