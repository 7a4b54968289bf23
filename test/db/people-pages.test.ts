import type { Database } from '../../src/db/database.ts';
import { peopleSearch } from '../../src/db/stores/people-search.ts';
import { fillWords } from '../../src/db/users/words-and-counts.ts';
import type { Actor } from '../../src/domain/actor.ts';
import type { PeopleSearch } from '../../src/ports/people.ts';
import { findPeople } from '../../src/use-cases/people/find-people.ts';
import { anActor, aSite } from '../support/builders.ts';
import { siteRow } from '../contract/subject.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { startFakes } from '../support/fakes/index.ts';
import { fakeSettings } from '../support/fakes/settings.ts';

/** A question over sites, where everybody is called the same: it looks at as much in a world of thousands as in one of some hundreds. */
const sites = [aSite({ id: 1 }), aSite({ id: 2 })];
const [few, many] = [400, 3200] as const;
let scratch: TestDatabase;
beforeAll(async () => {
  scratch = await openTestDatabase();
  for (const { id, rawConfig } of sites) await scratch.database.rows.sites.create(siteRow({ id, config: rawConfig }));
});
afterAll(() => scratch.close());

const fill = async (from: number, to: number): Promise<void> => {
  const { persons, users } = scratch.database.rows;
  const now = new Date();
  const ids = Array.from({ length: to - from }, (_none, index) => from + index + 1);
  const person = { issuer: 'https://oauth.example', state: 'active', createdByUs: true, createdAt: now };
  await persons.bulkCreate(ids.map((id) => ({ id, externalId: `p${id}`, ...person })));
  await users.bulkCreate(
    ids.map((id) => ({
      ...{ id, siteId: 1 + (id % 2), personId: id, role: 'member', slot: 0, extraData: {} },
      ...{
        firstName: 'Jan',
        lastName: `Jansen${String(id).padStart(5, '0')}`,
        email: 'jan@x.example',
        nickName: 'Jan',
      },
      ...{ complete: true, profileWithheld: false, lastLogin: now, createdAt: now, updatedAt: now },
    })),
  );
  await fillWords(scratch.database);
};

const eyes: readonly (readonly [string, Actor])[] = [
  ['a platform admin', anActor({ userId: 9e6, reach: { kind: 'everywhere', role: 'admin' } })],
  ['a moderator of one site', anActor({ userId: 9e6, roles: { 1: 'moderator' } })],
  ['staff of two sites', anActor({ userId: 9e6, roles: { 1: 'admin', 2: 'moderator' } })],
];
const all = { by: 'words', words: ['jan'] } as const;
const questions = [
  ['the first page of a walk', all, { cursor: null }],
  ['a page by number', all, { page: 0 }],
  ['a later one', all, { page: 3 }],
  ['a rare word', { by: 'words', words: ['jansen00008'] }, { page: 0 }],
  ['a rare word beside one that all bear', { by: 'words', words: ['jan', 'jansen00008'] }, { page: 0 }],
] as const;

/** Of each question: entries that were looked at, and statements. */
const costs = async (): Promise<Readonly<Record<string, readonly [entries: number, statements: number]>>> => {
  const fakes = startFakes();
  fakes.world.put.site(...sites);
  const found: Record<string, readonly [number, number]> = {};
  for (const [who, actor] of eyes)
    for (const [what, question, part] of questions) {
      let [entries, statements] = [0, 0];
      const select: Database['select'] = (...asked) => ((statements += 1), scratch.database.select(...asked));
      const search = peopleSearch({ ...scratch.database, select });
      const candidates: PeopleSearch['candidates'] = async (...asked) => {
        const chunk = await search.candidates(...asked);
        entries += chunk.length;
        return chunk;
      };
      const ports = { ...fakes, settings: fakeSettings(), peopleSearch: { ...search, candidates } };
      const { people } = await findPeople(ports)({ actor, question, part, pageSize: 20 });
      expect([what, people.length]).toEqual([what, question === all ? 20 : 1]);
      found[`${who}, ${what}`] = [entries, statements];
    }
  return found;
};

test('pages of people cost what is on them, whatever the world', async () => {
  await fill(0, few);
  const small = await costs();
  await fill(few, many);
  expect(await costs()).toEqual(small);
  for (const [name, [entries, statements]] of Object.entries(small))
    expect([name, entries <= 400, statements <= 4]).toEqual([name, true, true]);
});
