import fc from 'fast-check';
import { activityTypes } from '../../src/activity-types/index.ts';
import { blankRow } from '../../src/domain/users/user.ts';
import type { JsonObject } from '../../src/domain/json.ts';
import type { Database } from '../../src/db/index.ts';
import { fillWords } from '../../src/db/users/words-and-counts.ts';
import { aDay, anArgument, anArticle, anIdea, aVote } from '../support/builders.ts';

/** A small random city: sites with and without active voting, people on some of them (also twice, also deleted), what they did. */
export interface World {
  readonly sites: readonly { readonly id: number; readonly config: JsonObject; readonly isGone: boolean }[];
  readonly people: number;
  readonly rows: readonly RowSketch[];
  readonly operations: readonly DeedSketch[];
}
interface RowSketch {
  readonly person: number;
  readonly site: number | null;
  readonly role: 'member' | 'moderator' | 'anonymous';
  readonly isDeleted: boolean;
}
interface DeedSketch {
  readonly row: number;
  readonly kind: number;
  readonly isDeleted: boolean;
  readonly hasIp: boolean;
}

const voting = fc.constantFrom<JsonObject>(
  { isActive: true },
  { isActive: false },
  {},
  { isActiveFrom: '2020-01-01', isActiveTo: '2099-12-31' },
  { isActiveFrom: '2020-01-01', isActiveTo: '2020-12-31' },
);

export const worlds: fc.Arbitrary<World> = fc
  .record({
    votes: fc.array(voting, { minLength: 1, maxLength: 4 }),
    gone: fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }),
    people: fc.integer({ min: 1, max: 3 }),
  })
  .chain(({ votes, gone, people }) =>
    fc.record({
      sites: fc.constant(
        votes.map((its, at) => ({
          id: at + 1,
          config: { votes: its, oauth: {} },
          isGone: at > 0 && gone[at] === true && at === votes.length - 1,
        })),
      ),
      people: fc.constant(people),
      rows: fc.array(
        fc.record({
          person: fc.integer({ min: 1, max: people }),
          site: fc.option(fc.integer({ min: 1, max: votes.length }), { freq: 8, nil: null }),
          role: fc.constantFrom('member', 'member', 'moderator', 'anonymous'),
          isDeleted: fc.boolean().map((deleted) => deleted && true),
        }),
        { minLength: 1, maxLength: 8 },
      ),
      operations: fc.array(
        fc.record({
          row: fc.nat(7),
          kind: fc.nat(activityTypes.length - 1),
          isDeleted: fc.boolean(),
          hasIp: fc.boolean(),
        }),
        { maxLength: 20 },
      ),
    }),
  );

export const issuer = 'http://127.0.0.1:9';
export const clientOf = (siteId: number): string => `client-${siteId}`;
export const rowId = (at: number): number => 100 + at;

/** Puts a world into an emptied database; answers the ids of live rows at sites that are there, with their sites. */
export const build = async (
  database: Database,
  world: World,
): Promise<readonly { id: number; siteId: number; person: number }[]> => {
  const { rows } = database;
  for (const table of [
    rows.votes,
    rows.arguments,
    rows.articles,
    rows.ideas,
    rows.users,
    rows.persons,
    rows.outbox,
    rows.tombstones,
    rows.userCounts,
    rows.sites,
  ]) {
    await table.destroy({ where: {}, truncate: false });
  }
  await rows.sites.bulkCreate(
    world.sites.map(({ id, config, isGone }) => ({
      id,
      name: `site${id}`,
      title: `Site ${id}`,
      domain: `site${id}.example`,
      config: {
        ...config,
        oauth: { default: { 'auth-server-url': issuer, 'auth-client-id': clientOf(id), 'auth-client-secret': 's' } },
      },
      hostStatus: {},
      createdAt: aDay,
      updatedAt: aDay,
      deletedAt: isGone ? aDay : null,
    })),
  );
  await rows.persons.bulkCreate(
    Array.from({ length: world.people }, (_, at) => ({
      id: at + 1,
      issuer,
      externalId: String(1001 + at),
      state: 'active',
      createdByUs: true,
      createdAt: aDay,
    })),
  );
  await rows.users.bulkCreate(
    world.rows.map((row, at) => ({
      ...blankRow(row.site ?? 1, row.person, String(1000 + row.person), aDay),
      id: rowId(at),
      siteId: row.site,
      slot: world.rows.slice(0, at).filter((other) => other.person === row.person && other.site === row.site).length,
      role: row.role,
      complete: true,
      firstName: `First${row.person}`,
      lastName: 'Last',
      email: `p${row.person}@example.org`,
      extraData: { bio: `bio ${row.person}` },
      deletedAt: row.isDeleted ? aDay : null,
    })),
  );
  await putDeeds(database, world);
  await recount(database, world);
  await fillWords(database);
  return world.rows.flatMap((row, at) => {
    const site = world.sites.find(({ id }) => id === row.site);
    return row.isDeleted || site === undefined || site.isGone
      ? []
      : [{ id: rowId(at), siteId: site.id, person: row.person }];
  });
};

const putDeeds = async ({ rows }: Database, { operations, rows: sketches }: World): Promise<void> => {
  const usable = operations.filter(({ row }) => row < sketches.length);
  const author = rowId(0);
  const base = { ...anIdea({ userId: author, siteId: 1 }), id: 1, title: 'Plan' };
  await rows.ideas.bulkCreate([base]);
  for (const [at, operation] of usable.entries()) {
    const common = { id: 1000 + at, userId: rowId(operation.row), deletedAt: operation.isDeleted ? aDay : null };
    const kind = activityTypes[operation.kind]?.plural;
    if (kind === 'ideas')
      await rows.ideas.bulkCreate([{ ...anIdea({ siteId: 1, userId: author }), title: 'Plan', ...common }]);
    if (kind === 'articles')
      await rows.articles.bulkCreate([{ ...anArticle({ siteId: 1, userId: author }), title: 'Artikel', ...common }]);
    if (kind === 'arguments')
      await rows.arguments.bulkCreate([
        { ...anArgument({ ideaId: 1, userId: author }), description: 'Reactie', ...common },
      ]);
    if (kind === 'votes') {
      // One vote per idea and person: each gets an idea of its own.
      await rows.ideas.bulkCreate([{ ...base, id: 5000 + at }]);
      await rows.votes.bulkCreate([
        { ...aVote({ ideaId: 5000 + at, userId: author }), ...common, ip: operation.hasIp ? '192.0.2.7' : null },
      ]);
    }
  }
};

const recount = async ({ rows }: Database, world: World): Promise<void> => {
  const counted = world.sites
    .map(({ id }) => ({
      siteId: id,
      listableByRole: 'none',
      n: world.rows.filter((row) => row.site === id && !row.isDeleted).length,
    }))
    .filter(({ n }) => n > 0);
  await rows.userCounts.bulkCreate(counted);
};
