import type { User } from '../../src/domain/users/user.ts';
import { findPeople, type FindPeopleCommand } from '../../src/use-cases/people/find-people.ts';
import { anActor, aPerson, aSite, aUser } from '../support/builders.ts';
import { startFakes } from '../support/fakes/index.ts';
import { fakeSettings } from '../support/fakes/settings.ts';

/** people.md §1, `GET /api/person`: as much is looked at as a page needs. */
const moderator = anActor({ userId: 9001, roles: { 1: 'moderator' } });
const world = (people: readonly User[]) => {
  const fakes = startFakes();
  fakes.world.put.site(aSite({ id: 1 }));
  fakes.world.put.user(...people);
  const [looked, counted] = [[] as number[], [] as number[]];
  const search = fakes.peopleSearch;
  const peopleSearch: typeof search = {
    ...search,
    candidates: async (...asked) => {
      const chunk = await search.candidates(...asked);
      looked.push(chunk.length);
      return chunk;
    },
    countWords: (sight, asked, most) => {
      counted.push(most);
      return search.countWords(sight, asked, most);
    },
  };
  const find = (said: Partial<FindPeopleCommand> = {}) =>
    findPeople({ ...fakes, peopleSearch, settings: fakeSettings() })({
      ...{ actor: moderator, question: { by: 'words', words: ['jan'] }, pageSize: 20, part: { page: 0 } },
      ...said,
    });
  return { looked, counted, find };
};
const named = (count: number, said: Partial<User> = {}): readonly User[] =>
  Array.from({ length: count }, (_none, at) =>
    aUser({ id: 1000 + at, siteId: 1, person: aPerson(), firstName: 'Jan', lastName: `Nummer${at}`, ...said }),
  );

describe('A page of people by number', () => {
  it('has a total while two pages at most are found, or none beyond the page that is asked for', async () => {
    const total = async (count: number, page: number) =>
      (await world(named(count)).find({ part: { page } })).totalCount;
    expect(await Promise.all([0, 7, 40, 41].map((count) => total(count, 0)))).toEqual([0, 7, 40, null]);
    expect([await total(100, 3), await total(100, 4), await total(101, 4)]).toEqual([null, 100, null]);
  });

  it('without one goes on by its cursor, to everybody', async () => {
    const { find } = world(named(50));
    const first = await find();
    const next = await find({ part: { cursor: first.cursor } });
    const last = await find({ part: { cursor: next.cursor } });
    expect([first, next, last].map(({ people, totalCount }) => [people.length, totalCount])).toEqual([
      ...[[20, null], [20, null], [10, null]], // prettier-ignore
    ]);
    expect(last.cursor).toBeNull();
  });

  it('looks at as many entries where thousands bear the word as where a hundred do', async () => {
    const looks = async (count: number, said: Partial<FindPeopleCommand>) => {
      const { looked, find } = world(named(count));
      await find(said);
      return looked;
    };
    for (const part of [{ page: 0 }, { page: 1 }, { cursor: null }])
      expect([part, await looks(3000, { part })]).toEqual([part, await looks(100, { part })]);
    expect(await looks(3000, {})).toEqual([80]);
  });

  it('tells by its total nothing of those who are hidden', async () => {
    const hidden = named(300, { listableByRole: 'admin' }).map((user, at): User => ({
      ...user,
      id: 100 + at,
    }));
    for (const count of [39, 40, 41]) {
      const [with_, without] = [world([...hidden, ...named(count)]), world(named(count))];
      const [one, other] = [await with_.find(), await without.find()];
      expect([one.totalCount, one.people.length]).toEqual([other.totalCount, other.people.length]);
      expect(one.totalCount).toBe(count > 40 ? null : count);
    }
  });
});

test('An address without a word is nobody’s: nothing is looked at for it', async () => {
  const { looked, counted, find } = world(named(3, { email: '@' }));
  const found = await find({ question: { by: 'address', address: '@' } });
  expect([found.people, found.totalCount, found.cursor]).toEqual([[], 0, null]);
  expect([looked, counted]).toEqual([[], []]);
});

describe('Which word leads', () => {
  it('is asked of two hundred entries, and of more only where each word has as many', async () => {
    const few = world(
      named(250, { lastName: 'Zeldzaam' }).map((user, at) => (at < 5 ? user : { ...user, lastName: 'Vaak' })),
    );
    expect((await few.find({ question: { by: 'words', words: ['jan', 'zeldzaam'] } })).people).toHaveLength(5);
    expect(few.counted).toEqual([200]);
    const many = world(named(250, { lastName: 'Vaak' }));
    await many.find({ question: { by: 'words', words: ['jan', 'vaak'] } });
    expect(many.counted).toEqual([200, 10_000]);
  });
});
