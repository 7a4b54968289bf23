import type { Database } from '../../src/db/database.ts';
import { peopleSearch } from '../../src/db/stores/people-search.ts';
import { fillWords } from '../../src/db/users/words-and-counts.ts';
import { numberOf } from '../../src/db/rows/values.ts';
import { raw, sql } from '../../src/db/sql.ts';
import { unitOfWork } from '../../src/db/unit-of-work.ts';
import { sightOf, type Sight } from '../../src/domain/people/sight.ts';
import type { Actor } from '../../src/domain/actor.ts';
import type { PeopleSearch, WordPosition } from '../../src/ports/people.ts';
import { anActor, aSite } from '../support/builders.ts';
import { openTestDatabase, quiet, type TestDatabase } from '../support/database.ts';
import { hasMysql } from '../support/recorded-copy.ts';
import { siteRow } from '../contract/subject.ts';

const onMysql = hasMysql ? it : it.skip;
const onEmbedded = hasMysql ? it.skip : it;

/** What a part of a search reads, where everybody is called the same: as much in a world of thousands as in one of some hundreds. */
describe('a part of a search over sites', () => {
  const sites = [aSite({ id: 1 }), aSite({ id: 2, config: { users: { displayName: 'nick' } } })];
  const [few, many] = [600, 4800] as const;
  let scratch: TestDatabase;
  const fill = async (from: number, to: number): Promise<void> => {
    const { rows, select, dialect } = scratch.database;
    const now = new Date();
    const dates = { createdAt: now, updatedAt: now };
    const person = (at: number) => Math.floor(at / 2) + 1;
    await rows.persons.bulkCreate(
      Array.from({ length: (to - from) / 2 }, (_none, index) => ({
        ...{ id: person(from + 2 * index), issuer: 'https://oauth.example', externalId: `p${from + 2 * index}` },
        ...{ state: 'active', createdByUs: true, createdAt: now },
      })),
    );
    await rows.users.bulkCreate(
      Array.from({ length: to - from }, (_none, index) => ({
        ...{ id: from + index + 1, siteId: 1 + (index % 2), personId: person(from + index), role: 'member', slot: 0 },
        ...{
          firstName: 'Jan',
          lastName: `Jansen${String(from + index).padStart(5, '0')}`,
          email: 'jan@x.example',
          nickName: 'Jan',
        },
        ...{ complete: true, profileWithheld: false, extraData: {}, lastLogin: now, ...dates },
      })),
    );
    await fillWords(scratch.database);
    await select(raw(dialect.name === 'mysql' ? 'ANALYZE TABLE users, civitas_user_words, sites' : 'ANALYZE'));
  };
  beforeAll(async () => {
    scratch = await openTestDatabase();
    for (const { id, rawConfig } of sites) await scratch.database.rows.sites.create(siteRow({ id, config: rawConfig }));
    await fill(0, few);
  });
  afterAll(() => scratch.close());

  const everywhere = (role: 'admin' | 'moderator'): Actor =>
    anActor({ userId: 9e6, reach: { kind: 'everywhere', role } });
  const eyes: readonly (readonly [string, Actor])[] = [
    ['a platform admin', everywhere('admin')],
    ['a moderator everywhere', everywhere('moderator')],
    ['a moderator of one site', anActor({ userId: 9e6, roles: { 1: 'moderator' } })],
    ['staff of two sites', anActor({ userId: 9e6, roles: { 1: 'admin', 2: 'moderator' } })],
  ];
  const sightIn = (actor: Actor): Sight => sightOf(actor, sites);
  type Part = readonly [words: readonly string[], after: (users: number) => WordPosition | null];
  const unborne = 'with another word that nobody bears';
  const parts = {
    'from the beginning': [['jan'], () => null],
    'in the middle of a word that all bear': [['jan'], (users) => ({ word: 'jan', userId: users / 2 })],
    'behind all of it': [['jan'], (users) => ({ word: 'jan', userId: users })],
    'with another word that all bear': [['jan', 'example'], () => null],
    [unborne]: [['jan', 'quispel'], () => null],
    'of a rare word': [['jansen00007'], () => null],
  } satisfies Record<string, Part>;
  const limit = 200;
  const searching =
    (search: PeopleSearch, actor: Actor) =>
    ([words, after]: Part, users: number) =>
      search.candidates(
        { actor, sight: sightIn(actor) },
        { words, lead: words[0] ?? '', isWhole: false },
        { after: after(users), limit, maxSeconds: 15 },
      );

  onEmbedded.each(eyes)('is read in order, from its place on, by %s', async (_who, actor) => {
    const { select } = scratch.database;
    const plans: string[] = [];
    const told: Database['select'] = async (statement) => {
      plans.push(...(await select(sql`EXPLAIN QUERY PLAN ${statement}`)).map(({ detail }) => String(detail)));
      return [];
    };
    const search = searching(peopleSearch({ ...scratch.database, select: told }), actor);
    for (const part of Object.values(parts)) await search(part, few);

    const scans = plans.filter((step) => /^SCAN (?!every|few|c\b|\()/.test(step));
    expect(scans).toEqual([]);
    const sorted = plans.filter((step) => step.includes('TEMP B-TREE FOR DISTINCT'));
    expect(sorted).toEqual([]);
    expect(plans.some((step) => /SEARCH w .*word=\? AND userId>\?/.test(step))).toBe(true);
    for (const step of plans.filter((one) => /SEARCH [uo] /.test(one)))
      expect(step).toMatch(/INTEGER PRIMARY KEY|users_personId/);
  });

  /** On one connection: others of the server have their own. */
  const read = (handlers: string, work: () => Promise<unknown>): Promise<number> =>
    unitOfWork(scratch.database, quiet).inOneSnapshot(async () => {
      const status = async () =>
        (await scratch.database.select(raw(`SHOW SESSION STATUS LIKE '${handlers}'`))).reduce(
          (sum, row) => sum + (numberOf(row['Value']) ?? 0),
          0,
        );
      const before = await status();
      await work();
      return (await status()) - before;
    });

  onMysql('looks up the words, and no row, of whoever bears not all of them', async () => {
    for (const [who, actor] of eyes) {
      // One to tell each apart, one for the words.
      const lookUps = await read('Handler_read_key', () =>
        searching(peopleSearch(scratch.database), actor)(parts[unborne], few),
      );
      expect([who, lookUps < 2.5 * limit ? 'few' : lookUps]).toEqual([who, 'few']);
    }
  });

  onMysql('reads as many rows in a world eight times as large', async () => {
    const readAt = async (users: number): Promise<Record<string, number>> => {
      const counts: Record<string, number> = {};
      for (const [who, actor] of eyes)
        for (const [name, part] of Object.entries(parts))
          counts[`${who}, ${name}`] = await read('Handler_read%', () =>
            searching(peopleSearch(scratch.database), actor)(part, users),
          );
      return counts;
    };
    const small = await readAt(few);
    await fill(few, many);
    const large = await readAt(many);
    for (const [name, n] of Object.entries(small))
      expect([name, n, large[name]! < n * 1.3 + 100 ? 'no more' : large[name]]).toEqual([name, n, 'no more']);
  });
});
