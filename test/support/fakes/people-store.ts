import { hasCome } from '../../../src/domain/people/vouching.ts';
import { noFacts, type PersonFacts } from '../../../src/domain/people/person-facts.ts';
import { isSameAddress } from '../../../src/domain/users/personal-text.ts';
import type { User, UserRow } from '../../../src/domain/users/user.ts';
import type { PeopleQuery, PeopleStore, PersonAtSites, KeptBy, PersonFactsStore } from '../../../src/ports/people.ts';
import type { FakeDatabase, State } from './state.ts';

export const fakePeopleStore = (database: FakeDatabase): PeopleStore => ({
  page: async (query, limit, offset) =>
    peopleOf(database.state, query)
      .slice(offset, offset + limit)
      .map(({ rows: [first, ...others] }) => ({
        personId: first.personId,
        rowIds: [first.id, ...others.map(({ id }) => id)],
      })),
  rowsOf: async (query, some) => {
    const ids = some.flatMap(({ rowIds }) => rowIds);
    return peopleOf(database.state, query).flatMap((one): PersonAtSites[] => {
      const [first, ...others] = one.rows.filter(({ id }) => ids.includes(id));
      return first === undefined ? [] : [{ ...one, rows: [first, ...others] }];
    });
  },
  count: async (query) => peopleOf(database.state, query).length,
  withAddress: async (query, address) => {
    const found = peopleOf(database.state, query)
      .flatMap(({ rows }) => rows)
      .filter(({ email }) => email !== null && isSameAddress(email, address));
    return {
      personIds: [...new Set(found.flatMap(({ personId }) => personId ?? []))],
      ids: found.flatMap(({ id, personId }) => (personId === null ? [id] : [])),
    };
  },
  sizeOf: async (siteIds) =>
    [...database.state.users.values()].filter(({ siteId }) => siteIds.includes(siteId ?? 0)).length,
});

const peopleOf = (state: State, query: PeopleQuery): readonly PersonAtSites[] => {
  const rows = [...state.users.values()]
    .filter(
      (row) =>
        row.siteId !== null &&
        query.siteIds.includes(row.siteId) &&
        row.deletedAt === null &&
        row.anonymizedAt === null &&
        (query.audience === 'everybody' || row.listableByRole === 'all'),
    )
    .map((row): User => ({ ...row, person: state.persons.get(row.personId ?? 0) ?? null }))
    .filter(({ person }) => person === null || person.issuer === query.issuer)
    .filter(
      ({ id, personId }) =>
        query.among === undefined ||
        (personId === null ? query.among.ids.includes(id) : query.among.personIds.includes(personId)),
    )
    .sort((one, other) => one.id - other.id);
  const isFirst = (row: User): boolean =>
    row.personId === null || rows.find((other) => other.personId === row.personId)?.id === row.id;
  return rows
    .filter(isFirst)
    .map((row): PersonAtSites => ({
      rows: [row, ...rows.filter((other) => row.personId !== null && other.personId === row.personId && other !== row)],
      facts: hasCome(rowsAtClient(state, query, row))
        ? factsIn(state, { personId: row.personId ?? 0, clientId: query.clientId })
        : noFacts,
    }))
    .filter((one) => query.isExpert === undefined || one.facts.isExpert === query.isExpert)
    .filter((one) => query.isSelected === undefined || one.facts.isSelected === query.isSelected);
};

const rowsAtClient = (state: State, { clientSiteIds }: PeopleQuery, { personId }: User): readonly UserRow[] =>
  [...state.users.values()].filter(
    (row) =>
      personId !== null &&
      row.personId === personId &&
      row.siteId !== null &&
      clientSiteIds.includes(row.siteId) &&
      row.deletedAt === null,
  );
const factsIn = (state: State, kept: KeptBy): PersonFacts => state.facts.get(nameOf(kept)) ?? noFacts;
const nameOf = ({ personId, clientId }: KeptBy): string => `${personId} ${clientId}`;

export const fakePersonFactsStore = (database: FakeDatabase): PersonFactsStore => ({
  of: async (kept) => factsIn(database.state, kept),
  ofPerson: async (personId, siteId) =>
    [...database.state.facts].flatMap(([name, facts]) => {
      const [whose, clientId = 0] = name.split(' ').map(Number);
      const siteIds = database.state.clients.get(clientId)?.siteIds ?? [];
      const isTold = siteId === 'any' || (siteIds.length > 0 && siteIds.every((id) => id === siteId));
      return whose === personId && isTold ? [{ clientId, ...facts }] : [];
    }),
  save: (kept, facts) =>
    database.write((state) => {
      if (!state.persons.has(kept.personId)) throw new Error('there is no such person');
      state.facts.set(nameOf(kept), facts);
    }),
  removeOfPerson: (personId, { stayingAt, goneFrom }) =>
    database.write((state) => {
      for (const name of state.facts.keys()) {
        const [whose, clientId] = name.split(' ').map(Number);
        const siteIds = state.clients.get(clientId ?? 0)?.siteIds ?? [];
        const hasGone = goneFrom === 'everywhere' || siteIds.some((siteId) => goneFrom.includes(siteId));
        if (whose === personId && hasGone && !siteIds.some((siteId) => stayingAt.includes(siteId)))
          state.facts.delete(name);
      }
    }),
  removeOfClient: (clientId) =>
    database.write((state) => {
      for (const name of state.facts.keys()) if (name.endsWith(` ${clientId}`)) state.facts.delete(name);
    }),
});
