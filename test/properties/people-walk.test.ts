import fc from 'fast-check';
import { createStores } from '../../src/db/index.ts';
import { fillWords } from '../../src/db/users/words-and-counts.ts';
import { roles, userRoles, type Actor } from '../../src/domain/actor.ts';
import { sightOf } from '../../src/domain/people/sight.ts';
import { blankRow, type User } from '../../src/domain/users/user.ts';
import { personEntry } from '../../src/http/presenters/person.ts';
import type { Candidate, PeopleSearch, WordPosition } from '../../src/ports/people.ts';
import { findPeople, type FoundPeople, type PeopleQuestion } from '../../src/use-cases/people/find-people.ts';
import { aDay, anActor, aPerson, aSite } from '../support/builders.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { startFakes, type Fakes } from '../support/fakes/index.ts';
import { fakeSettings } from '../support/fakes/settings.ts';

/** How many random worlds: 200 in .ci/run, 1,000 with `npm run test:properties`. */
const numRuns = Number(process.env['PROPERTY_RUNS'] ?? 50);
jest.setTimeout(600_000);

let test: TestDatabase;
beforeAll(async () => {
  test = await openTestDatabase();
});
afterAll(() => test.close());

const configs = [
  {},
  { users: { displayName: 'nick' } },
  { users: { allowUseOfNicknames: true } },
  { users: { displayName: 'nick', viewableByRole: 'editor' } },
  { users: { viewableByRole: 'admin' } },
];
const names = fc.constantFrom(null, '', ' ', 'Jan', 'jansen', 'Deelnemer', 'Dé', 'Anna Jan');
const addresses = fc.constantFrom(null, 'jan@jan.example', 'Jan@jan.example', 'jan.jan@example', 'anna@x.example');
const orNull = <T>(one: fc.Arbitrary<T>) => fc.option(one, { nil: null });
const rowSketch = fc.record({
  person: orNull(fc.integer({ min: 1, max: 3 })),
  siteId: fc.integer({ min: 1, max: 4 }),
  firstName: names,
  lastName: names,
  nickName: names,
  email: addresses,
  listableByRole: orNull(fc.constantFrom(...roles)),
  detailsViewableByRole: orNull(fc.constantFrom(...roles)),
  profileWithheld: fc.nat(3).map((one) => one === 0),
  deletedAt: fc.nat(8).map((one) => (one === 0 ? aDay : null)),
  lastLogin: fc.nat(3).map((days) => new Date(aDay.getTime() + days * 86_400_000)),
});
const reachOf = fc.oneof(
  fc.constant({ kind: 'rows', platformSiteId: null, siteIds: null } as const),
  fc.integer({ min: 1, max: 3 }).map((siteId) => ({ kind: 'one-site', siteId }) as const),
  fc.constantFrom('moderator', 'editor', 'admin').map((role) => ({ kind: 'everywhere', role }) as const),
);
const worlds = fc.record({
  // Site 4 is gone.
  sites: fc.array(fc.nat(configs.length - 1), { minLength: 3, maxLength: 3 }),
  rows: fc.array(rowSketch, { minLength: 1, maxLength: 12 }),
  reach: reachOf,
  own: fc.tuple(
    orNull(fc.constantFrom(...userRoles)),
    orNull(fc.constantFrom(...userRoles)),
    orNull(fc.constantFrom(...userRoles)),
  ),
  ownPerson: orNull(fc.integer({ min: 1, max: 3 })),
  question: fc.oneof(
    fc
      .constantFrom(['jan'], ['j'], ['d'], ['an', 'jan'], ['jansen', 'a'], ['deelnemer'], ['example'], ['x'])
      .map((words): PeopleQuestion => ({ by: 'words', words })),
    fc
      .constantFrom('jan@jan.example', 'JAN.JAN@example', 'anna@x.example', 'nobody@x.example')
      .map((address): PeopleQuestion => ({ by: 'address', address })),
    fc.constantFrom('1001', '1003', '7').map((externalId): PeopleQuestion => ({ by: 'external-id', externalId })),
  ),
});
type World = typeof worlds extends fc.Arbitrary<infer W> ? W : never;

const issuer = 'https://oauth.example';
const build = async ({ sites, rows: sketches }: World, fakes: Fakes): Promise<void> => {
  const { rows } = test.database;
  for (const table of [rows.users, rows.persons, rows.sites]) await table.destroy({ where: {}, truncate: false });
  const all = [...sites, 0].map((config, at) =>
    aSite({ id: at + 1, config: { ...configs[config], oauth: { default: { 'auth-server-url': issuer } } } }),
  );
  await rows.sites.bulkCreate(
    all.map(({ rawConfig, ...site }) => ({
      ...site,
      config: rawConfig,
      hostStatus: {},
      deletedAt: site.id === 4 ? aDay : null,
    })),
  );
  fakes.world.put.site(...all.slice(0, 3));
  const people = [1, 2, 3].map((id) => aPerson({ id, issuer, externalId: String(1000 + id) }));
  await rows.persons.bulkCreate(people.map((person) => ({ ...person, createdByUs: true, createdAt: aDay })));
  fakes.world.put.person(...people);
  const users = sketches.map(({ person, ...said }, at): User => {
    const whose = people.find(({ id }) => id === person) ?? null;
    const slot = sketches.slice(0, at).filter((one) => one.person === person && one.siteId === said.siteId).length;
    const externalId = whose?.externalId ?? '7';
    return { id: at + 1, ...blankRow(said.siteId, person, externalId, aDay), ...said, slot, person: whose };
  });
  await rows.users.bulkCreate(users.map((user) => ({ ...user })));
  fakes.world.put.user(...users);
  await fillWords(test.database);
};

const actorIn = ({ reach, own, ownPerson, rows }: World): Actor => {
  const first = rows.findIndex(
    ({ person, deletedAt }) => person !== null && person === ownPerson && deletedAt === null,
  );
  const bySite = own.flatMap((role, at) => (role === null ? [] : [[at + 1, role] as const]));
  return anActor({
    userId: reach.kind === 'everywhere' && first < 0 ? 999 : first < 0 ? null : first + 1,
    personId: first < 0 ? null : ownPerson,
    reach,
    roles: Object.fromEntries(bySite),
  });
};

it('pages of whatever size are one walk, and that walk finds whom the rules say', () =>
  fc.assert(
    fc.asyncProperty(worlds, async (world) => {
      const fakes = startFakes();
      await build(world, fakes);
      const stores = createStores(test.database, { ...fakes, oauthTimeLimitMs: 3000, siteCacheSeconds: 0 });
      const settings = fakeSettings();
      const actor = actorIn(world);
      const sight = sightOf(actor, await fakes.sites.all());
      const ask = async (ports: Pick<Fakes, 'sites' | 'peopleSearch'>, said: object): Promise<FoundPeople | null> => {
        try {
          return await findPeople({ ...fakes, ...ports, settings })({
            ...{ actor, question: world.question, pageSize: 100, part: { page: 0 } },
            ...said,
          });
        } catch (error) {
          expect(error).toMatchObject({ code: expect.stringMatching('forbidden|unauthenticated') });
          return null;
        }
      };
      const shown = (found: FoundPeople | null) =>
        found?.people.map((rows) => JSON.stringify(personEntry({ actor, sight: found.sight }, rows)));

      const wanted = await ask(fakes, {});
      const whole = await ask(stores, {});
      expect(shown(whole)).toEqual(shown(wanted));
      expect(whole?.totalCount).toEqual(wanted?.totalCount);
      if (whole === null) return;
      for (const pageSize of [1, 2, 20]) {
        const walked: string[] = [];
        let next: object = { part: { page: 0 } };
        for (;;) {
          const page = await ask(stores, { pageSize, ...next });
          walked.push(...(shown(page) ?? []));
          if (page?.cursor == null) break;
          next = { part: { cursor: page.cursor } };
        }
        if (world.question.by !== 'external-id') expect(walked).toEqual(shown(whole));
        const second = await ask(stores, { pageSize, part: { page: 1 } });
        expect(shown(second)).toEqual(shown(whole)?.slice(pageSize, 2 * pageSize));
      }
      if (world.question.by !== 'words') return;
      const asked = { words: world.question.words, lead: world.question.words[0] ?? '', isWhole: false };
      const all = await fakes.peopleSearch.candidates({ actor, sight }, asked, part(null, 1000));
      for (const limit of [1, 2, 3]) {
        const candidates = (search: PeopleSearch, after: WordPosition | null) =>
          search.candidates({ actor, sight }, asked, part(after, limit));
        const walked: Candidate[] = [];
        for (let chunk = await candidates(stores.peopleSearch, null); chunk.length > 0;) {
          walked.push(...chunk);
          chunk = await candidates(stores.peopleSearch, chunk.at(-1) ?? null);
        }
        // Everywhere, rows of sites that are gone are looked at, too.
        const first = (some: readonly Candidate[]) => some.filter(({ isFirst }) => isFirst);
        expect(first(walked)).toEqual(first(all));
      }
    }),
    { numRuns },
  ));
const part = (after: WordPosition | null, limit: number) => ({ after, limit, maxSeconds: 15 });
