import type { Database } from '../../src/db/database.ts';
import { peopleSearch } from '../../src/db/stores/people-search.ts';
import { blankRow } from '../../src/domain/users/user.ts';
import { sql } from '../../src/db/sql.ts';
import { peopleStore } from '../../src/db/stores/people-list-store.ts';
import { userStore } from '../../src/db/stores/user-store.ts';
import { readUsers } from '../../src/db/users/read-users.ts';
import type { InTurn } from '../../src/use-cases/commands.ts';
import { listPeople } from '../../src/use-cases/people/list-people.ts';
import { backOfficeOf } from '../journeys/sentences/support/back-office.ts';
import { findPeople } from '../../src/use-cases/people/find-people.ts';
import { anActor } from '../support/builders.ts';
import { startSentences, type SentenceWorld } from '../journeys/sentences/support/world.ts';

/** Hundreds of people whose rows a site filled, each with more than fits in an answer about them. */
const [site, count, filledWith] = [11, 300, 40_000] as const;
let s: SentenceWorld;
beforeAll(async () => {
  s = await startSentences({ [site]: {} });
  const { inOneTransaction, users } = s.world.container.ports;
  const filled = { bio: 'x'.repeat(filledWith) };
  await inOneTransaction(async () => {
    for (let at = 0; at < count; at += 1) {
      const names = { email: `x+${at}@evil.example`, firstName: 'Kwaad', lastName: `Nummer${at}` };
      await users.insert({ ...blankRow(site, null, null, new Date()), ...names, extraData: filled });
    }
  });
});
afterAll(() => s.close());

/** The largest answer to one statement, in characters, and the database that tells it. */
const weighed = () => {
  let largest = 0;
  const { database } = s.world.container;
  const select: Database['select'] = async (...asked) => {
    const rows = await database.select(...asked);
    largest = Math.max(largest, JSON.stringify(rows).length);
    return rows;
  };
  return { database: { ...database, select }, largest: () => largest };
};

test.each([
  ['an address whose words all bear', { by: 'address', address: 'x@evil.example' }, 0],
  ['an address that is somebody’s', { by: 'address', address: 'x+7@evil.example' }, 1],
  ['a name that all bear', { by: 'words', words: ['kwaad'] }, 100],
] as const)(
  'a question for %s is answered without what their rows are filled with',
  async (_which, question, found) => {
    const { database, largest } = weighed();
    const ports = { ...s.world.container.ports, peopleSearch: peopleSearch(database) };
    const actor = anActor({ userId: 9e6, roles: { [site]: 'moderator' } });
    const { people } = await findPeople(ports)({ actor, question, pageSize: 100, part: { cursor: null } });
    expect(people).toHaveLength(found);
    expect(largest()).toBeGreaterThan(0);
    expect(largest()).toBeLessThan(2 * filledWith);
  },
);

test('two hundred people of a list, or of a whole site, are planned without what their rows are filled with', async () => {
  const { database, largest } = weighed();
  const { ports } = s.world.container;
  const store = userStore(database, ports.inOneTransaction, ports, () => Promise.resolve(false));
  const all = await store.peopleAt(site, 0, 200);
  expect(await store.peopleOf(all.map(({ first }) => first))).toHaveLength(200);
  expect(largest()).toBeGreaterThan(0);
  expect(largest()).toBeLessThan(200 * 2000);
});

test('a page of a back office is read twenty people at a time, each in a turn', async () => {
  const { database, largest } = weighed();
  const { ports, management } = s.world.container;
  const office = await backOfficeOf(s, [site]);
  const actor = await management.clientByToken(await office.token('authentication'));
  if (actor === null) throw new Error('the client is there');
  let turns = 0;
  const inTurn: InTurn = (work) => ((turns += 1), work());
  const list = listPeople({ ...ports, people: peopleStore(database) });
  const { people, total } = await list({ actor, page: 1, perPage: 100, inTurn });
  expect([people.length, total, turns]).toEqual([100, count, 6]);
  expect(largest()).toBeGreaterThan(10 * filledWith);
  expect(largest()).toBeLessThan(22 * filledWith);
});

test('sixty-four views at one moment are read sixteen rows at a time', async () => {
  const { database, largest } = weighed();
  const { ports } = s.world.container;
  const { find } = readUsers(database, ports, () => Promise.resolve(false));
  const ids = (await database.select(sql`SELECT id FROM users WHERE siteId = ${site} ORDER BY id LIMIT 64`)).map(
    ({ id }) => Number(id),
  );
  const found = await Promise.all(ids.map((id) => find(site, id)));
  expect(found.map((row) => row?.id)).toEqual(ids);
  expect(largest()).toBeGreaterThan(10 * filledWith);
  expect(largest()).toBeLessThan(18 * filledWith);
});
