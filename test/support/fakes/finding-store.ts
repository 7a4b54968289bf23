import { findingKinds, type FindingKind } from '../../../src/domain/people/finding.ts';
import { isLive, type UserRow } from '../../../src/domain/users/user.ts';
import type { FindingStore } from '../../../src/ports/people.ts';
import type { FakeDatabase, State } from './state.ts';

export const fakeFindingStore = (database: FakeDatabase): FindingStore => ({
  note: (personId, found, at) =>
    database.write((state) => {
      if (!state.persons.has(personId)) return;
      const kept = (state.findings.get(personId) ?? []).filter(
        ({ kind }) => kind === 'differed' && !found.some((one) => one.kind === kind),
      );
      state.findings.set(personId, [...kept, ...found.map((one) => ({ ...one, at }))]);
    }),
  page: async (kind, limit, offset) =>
    all(database.state)
      .filter((one) => kind === null || one.kind === kind)
      .slice(offset, offset + limit)
      .map((one) => ({
        ...one,
        users: rowsOf(database.state, one.personId).map(({ id, siteId }) => ({ id, siteId: siteId ?? 0 })),
      })),
  ofPerson: async (personId) =>
    all(database.state)
      .filter((one) => one.personId === personId && one.kind !== 'never-fetched')
      .map(({ kind, fields, at }) => ({ kind, fields, at })),
  counts: async () => {
    const { state } = database;
    const read = [...state.persons.values()].flatMap(({ fetchedAt }) => fetchedAt ?? []);
    const countOf = (kind: FindingKind): number => all(state).filter((one) => one.kind === kind).length;
    return {
      people: state.persons.size,
      byKind: Object.fromEntries(findingKinds.map((kind) => [kind, countOf(kind)])) as Record<FindingKind, number>,
      oldestFetchedAt: read.length === 0 ? null : new Date(Math.min(...read.map((date) => date.getTime()))),
    };
  },
  forgetBefore: (moment) =>
    database.write((state) => {
      for (const [id, found] of state.findings)
        state.findings.set(
          id,
          found.filter(({ kind, at }) => kind !== 'differed' || at >= moment),
        );
    }),
});

const rowsOf = (state: State, personId: number): readonly UserRow[] =>
  [...state.users.values()].filter((row) => row.personId === personId && isLive(row)).sort((a, b) => a.id - b.id);

const all = (state: State) =>
  [
    ...[...state.findings].flatMap(([personId, found]) => found.map((one) => ({ ...one, personId }))),
    ...[...state.persons.values()]
      .filter(({ id, fetchedAt }) => fetchedAt === null && rowsOf(state, id).length > 0)
      .map(({ id }) => ({ personId: id, kind: 'never-fetched' as const, fields: [], at: null })),
  ].sort((one, other) => (one.kind === other.kind ? one.personId - other.personId : one.kind < other.kind ? -1 : 1));
