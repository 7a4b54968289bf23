import fc from 'fast-check';
import { createStores } from '../../src/db/index.ts';
import { raw, sql, joined } from '../../src/db/sql.ts';
import { putCountsRight } from '../../src/db/users/words-and-counts.ts';
import type { User } from '../../src/domain/users/user.ts';
import type { ListQuery, UserStore } from '../../src/ports/user-store.ts';
import { siteRow } from '../contract/subject.ts';
import { anActor, anId } from '../support/builders.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { fakeClock } from '../support/fakes/clock.ts';
import { fakeLog } from '../support/fakes/log.ts';
import { fakeSecrets } from '../support/fakes/secrets.ts';
import { oddFields, otherProgram, type OtherProgram } from '../support/odd-columns.ts';
import {
  arbitraries,
  conditionsFrom,
  idsOf,
  meant,
  rowsAtMost,
  upwards,
  walksASite,
  type OddRow,
  type Walk,
} from './odd-lists.ts';

/**
 * Whatever the columns of `users` hold, also what no API would write: a walk gives every row once and ends, totals agree with what is
 * listed, a filter finds what is shown, and whoever is listed can be viewed. PROPERTY_RUNS counts walks, of which each site has some:
 * 50 unless said, 200 in .ci/run, 1,000 with `npm run test:properties`.
 */
const numRuns = Math.ceil(Number(process.env['PROPERTY_RUNS'] ?? 50) / walksASite);
jest.setTimeout(600_000);

describe('odd values in the columns of users', () => {
  let scratch: TestDatabase;
  let past: OtherProgram;
  let users: UserStore;
  beforeAll(async () => {
    scratch = await openTestDatabase();
    past = await otherProgram(scratch);
    const settings = { oauthTimeLimitMs: 3000, siteCacheSeconds: 60 };
    ({ users } = createStores(scratch.database, {
      ...{ clock: fakeClock(), secrets: fakeSecrets(), log: fakeLog() },
      ...settings,
    }));
  });
  afterAll(async () => {
    await past.close();
    await scratch.close();
  });

  const { arbitraryRow, arbitraryWalks } = arbitraries(process.env['TEST_DATABASE_URL']?.startsWith('mysql:') === true);

  test('a walk gives every row once and ends, and all that is told of a list agrees', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(arbitraryRow, { minLength: 1, maxLength: rowsAtMost }),
        arbitraryWalks,
        async (rows, walks) => {
          const { siteId, ids } = await put(rows);
          const shown = await listedToAdmin(siteId);
          await mustAgreeWithViews(siteId, ids, shown);
          for (const walk of walks) await mustWalk(siteId, ids, shown, walk);
        },
      ),
      { numRuns, endOnFailure: true },
    );
  });

  /** A site of these rows, written by another program; the counters put right, as each migration does. */
  const put = async (rows: readonly OddRow[]): Promise<{ siteId: number; ids: readonly number[] }> => {
    const { database } = scratch;
    const site = siteRow();
    await database.rows.sites.create(site);
    const ids = rows.map(() => anId());
    const numbered = rows.map((row, at) => ({ id: ids[at] ?? 0, row }));
    const people = numbered.filter(({ row }) => row['person'] === 1).map(({ id }) => id);
    if (people.length > 0) {
      const persons = people.map(
        (id) => sql`(${id}, 'https://odd.example', ${`odd-${id}`}, 'active', 1, '2024-01-01 00:00:00')`,
      );
      await past.write(
        sql`INSERT INTO civitas_persons (id, issuer, externalId, state, createdByUs, createdAt) VALUES ${joined(persons, ', ')}`,
      );
    }
    const names = raw(
      [...oddFields, 'id', 'siteId', 'personId', 'slot', 'profileWithheld', 'extraData']
        .map((name) => `\`${name}\``)
        .join(', '),
    );
    const written = numbered.map(({ id, row }) => {
      const own = oddFields.map((field) => row[field] ?? null);
      return sql`(${joined([...own, id, site.id, row['person'] === 1 ? id : null, 0, 0, '{}'], ', ')})`;
    });
    await past.write(sql`INSERT INTO users (${names}) VALUES ${joined(written, ', ')}`);
    await putCountsRight(database);
    return { siteId: site.id, ids };
  };

  const query = (siteId: number, said: Partial<ListQuery> = {}): ListQuery => ({
    ...{ siteId, actor: anActor(), role: 'admin', conditions: [], limit: 1000 },
    ...{ sort: { field: 'id', direction: 'ASC' } },
    ...said,
  });
  const listedToAdmin = (siteId: number): Promise<readonly User[]> => users.list(query(siteId));

  const mustAgreeWithViews = async (siteId: number, ids: readonly number[], shown: readonly User[]): Promise<void> => {
    const viewed: number[] = [];
    for (const id of ids) {
      const [found, rows, acting] = [
        await users.find(siteId, id),
        await users.personOf(siteId, id, 'plain'),
        await users.actorRows(id, null),
      ];
      expect([found === null, acting.rows.length === 0]).toEqual([rows === null, rows === null]);
      if (found !== null) viewed.push(id);
    }
    expect(shown.map(({ id }) => id)).toEqual(viewed);
    for (const user of shown) expect(user.deletedAt).toBeNull();
  };

  const mustWalk = async (
    siteId: number,
    ids: readonly number[],
    shown: readonly User[],
    { sort, role, own, filter, pageSize }: Walk,
  ): Promise<void> => {
    const actor = anActor({ userId: ids[own % ids.length] ?? null, roles: role === 'all' ? {} : { [siteId]: role } });
    const asked = query(siteId, { actor, role, sort });
    const conditions = conditionsFrom(filter, shown);
    const filtered = { ...asked, conditions };
    const told = JSON.stringify({ sort, role, conditions });
    const whole = idsOf(await users.list(filtered));

    expect([told, [...whole].sort(upwards)]).toEqual([told, [...new Set(whole)].sort(upwards)]);
    expect([told, await walked({ ...filtered, limit: pageSize }, ids.length)]).toEqual([told, whole]);
    expect([told, await paged({ ...filtered, limit: pageSize }, whole.length)]).toEqual([told, whole]);
    expect([told, await users.count(filtered)]).toEqual([told, whole.length]);
    expect([told, await users.countListed(asked)]).toEqual([told, await users.count(asked)]);
    // For an admin, what is shown is what is found.
    if (role === 'admin') {
      const meets = shown.filter((user) => conditions.every((condition) => meant(user, condition)));
      expect([told, [...whole].sort(upwards)]).toEqual([told, idsOf(meets)]);
    }
  };

  const walked = async (asked: ListQuery, atMost: number): Promise<readonly number[]> => {
    const found: number[] = [];
    for (let after: ListQuery['after']; found.length <= atMost;) {
      const batch = await users.list(after === undefined ? asked : { ...asked, after });
      found.push(...idsOf(batch));
      const last = batch.at(-1);
      if (last === undefined) return found;
      // Through JSON, as a cursor goes.
      after = JSON.parse(JSON.stringify(users.positionOf(last, asked))) as NonNullable<ListQuery['after']>;
    }
    return [...found, -1];
  };
  const paged = async (asked: ListQuery, total: number): Promise<readonly number[]> => {
    const found: number[] = [];
    for (let offset = 0; offset < total; offset += asked.limit)
      found.push(...idsOf(await users.list({ ...asked, offset })));
    return found;
  };
});
