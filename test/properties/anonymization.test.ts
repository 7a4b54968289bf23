import fc from 'fast-check';
import { activityTypes } from '../../src/activity-types/index.ts';
import { createStores } from '../../src/db/index.ts';
import { userRowOf } from '../../src/db/rows/user-row.ts';
import { sql } from '../../src/db/sql.ts';
import { operator } from '../../src/domain/actor.ts';
import { siteConfigOf } from '../../src/domain/sites/site.ts';
import { fullName, shownFields } from '../../src/domain/users/user-visibility.ts';
import type { UserRow } from '../../src/domain/users/user.ts';
import type { Ports } from '../../src/ports/index.ts';
import type { AnonymizeCommand } from '../../src/use-cases/anonymization/commands.ts';
import { background } from '../../src/use-cases/background.ts';
import type { UseCases } from '../../src/use-cases/index.ts';
import { useCasesOf } from '../../src/use-cases/index.ts';
import { messageHandlersOf } from '../../src/use-cases/message-handlers.ts';
import { deliverMessage } from '../../src/use-cases/outbox/deliver-message.ts';
import { aDay } from '../support/builders.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { changesBetween, dumped, type Dump } from '../support/dump.ts';
import { fakeIdentityProvider } from '../support/fakes/identity-provider.ts';
import { startFakes } from '../support/fakes/index.ts';
import { fakeSettings } from '../support/fakes/settings.ts';
import { build, clientOf, worlds, type World } from './worlds.ts';

/** How many random worlds a law: 200 in .ci/run, 1,000 with `npm run test:properties`. */
const numRuns = Number(process.env['PROPERTY_RUNS'] ?? 50);
const admin = operator('root');
/** What we keep of our own accord, and is nobody's data. */
const ownBooks = [
  'civitas_persons',
  'civitas_outbox',
  'civitas_leases',
  'civitas_tombstones',
  'civitas_user_counts',
  'civitas_user_words',
  'civitas_audit',
  'civitas_audit_seals',
  'receipts',
  'civitas_idempotency_keys',
];

let test: TestDatabase;
beforeAll(async () => {
  test = await openTestDatabase();
});
afterAll(() => test.close());
jest.setTimeout(600_000);

interface City {
  readonly useCases: UseCases;
  readonly live: Awaited<ReturnType<typeof build>>;
  readonly identity: ReturnType<typeof fakeIdentityProvider>;
  readonly command: (
    target: { id: number; siteId: number },
    extent: AnonymizeCommand['extent'],
    only?: AnonymizeCommand['only'],
  ) => AnonymizeCommand;
}

const city = async (world: World): Promise<City> => {
  const live = await build(test.database, world);
  const fakes = startFakes();
  fakes.clock.advance(0);
  const identity = fakeIdentityProvider(world.sites.map(({ id }) => clientOf(id)));
  for (let person = 1; person <= world.people; person += 1) {
    const roles = Object.fromEntries(
      world.rows
        .filter((row) => row.person === person && row.site !== null)
        .map((row) => [clientOf(row.site ?? 0), 'member' as const]),
    );
    const bySite = world.sites.map(({ id }) => ({ value: `at ${id}`, siteId: id }));
    identity.people.set(String(1000 + person), {
      externalId: String(1000 + person),
      email: `p${person}@example.org`,
      extraData: { bio: ['plain', ...bySite] },
      roles,
    });
  }
  const settings = fakeSettings();
  const stores = createStores(test.database, { ...fakes, oauthTimeLimitMs: 3000, siteCacheSeconds: 60 });
  const ports: Ports = { ...fakes, ...stores, identity, settings };
  const useCases = useCasesOf(ports, deliverMessage(ports, messageHandlersOf(ports)), background(ports));
  return {
    useCases,
    live,
    identity,
    command: ({ id, siteId }, extent, only) => ({
      actor: admin,
      site: {
        id: siteId,
        name: '',
        title: `Site ${siteId}`,
        domain: '',
        areaId: null,
        createdAt: aDay,
        updatedAt: aDay,
        config: siteConfigOf({}),
        rawConfig: {},
      },
      userId: id,
      extent,
      view: 'lists',
      ...(only === undefined ? {} : { only }),
    }),
  };
};

const usersNow = async (): Promise<ReadonlyMap<number, UserRow>> => {
  const rows = await test.database.select(sql`SELECT * FROM users`);
  return new Map(rows.map(userRowOf).map((row) => [row.id, row]));
};
const changedIds = (before: Dump, after: Dump): readonly number[] =>
  theirs(before, after)
    .filter(({ table }) => table === 'users')
    .map(({ key }) => Number(key))
    .sort((one, other) => one - other);
const theirs = (before: Dump, after: Dump) =>
  changesBetween(before, after).filter(({ table }) => !ownBooks.includes(table));
const extents = fc.constantFrom('this-site' as const, 'all-sites' as const);
const property = (check: (world: World, extent: AnonymizeCommand['extent'], pick: number) => Promise<void>) =>
  fc.assert(fc.asyncProperty(worlds, extents, fc.nat(100), check), { numRuns });

describe('in any world', () => {
  it('a preview changes no table, and the operation answers what the preview said', () =>
    property(async (world, extent, pick) => {
      const { useCases, live, command } = await city(world);
      const target = live[pick % Math.max(live.length, 1)];
      if (target === undefined) return;
      const before = await dumped(test.database);
      const preview = await useCases.previewAnonymization(command(target, extent));
      expect(changesBetween(before, await dumped(test.database))).toEqual([]);
      const done = await useCases.anonymizeUser(command(target, extent));
      expect(done).toMatchObject({ kind: 'done', view: preview });
    }));

  it('what changes is the users and votes of the lists, and votes that lose their IP or were deleted already', () =>
    property(async (world, extent, pick) => {
      const { useCases, live, command } = await city(world);
      const target = live[pick % Math.max(live.length, 1)];
      if (target === undefined) return;
      const before = await dumped(test.database);
      const done = await useCases.anonymizeUser(command(target, extent));
      if (done.kind !== 'done' || done.view.lists === null) throw new Error('no lists');
      const { users, votes } = done.view.lists;
      const changes = theirs(before, await dumped(test.database));
      const keysOf = (table: string, kind: string) =>
        changes
          .filter((one) => one.table === table && one.kind === kind)
          .map(({ key }) => key)
          .sort();
      expect(
        [...new Set(changes.map(({ table }) => table))].filter((table) => table !== 'users' && table !== 'votes'),
      ).toEqual([]);
      expect(keysOf('users', 'changed')).toEqual(users.map(({ user }) => String(user.id)).sort());
      expect([...keysOf('users', 'added'), ...keysOf('users', 'removed'), ...keysOf('votes', 'added')]).toEqual([]);
      const ids = new Set(users.map(({ user }) => String(user.id)));
      const votesBefore = [...(before.get('votes') ?? new Map<string, Record<string, string | null>>())];
      const hidden = votesBefore
        .filter(([, row]) => ids.has(row['userId'] ?? '') && row['deletedAt'] !== null)
        .map(([key]) => key);
      expect(keysOf('votes', 'removed')).toEqual(
        [
          ...votes.map(({ id }) => String(id)),
          ...hidden.filter((key) => !votes.some(({ id }) => String(id) === key)),
        ].sort(),
      );
      for (const change of changes.filter((one) => one.table === 'votes' && one.kind === 'changed'))
        expect(change.columns).toEqual(['ip']);
    }));

  it('view=changes says of every seen field what it was and what it is then, and of contributions which stay and which go', () =>
    property(async (world, extent, pick) => {
      const { useCases, live, command } = await city(world);
      const target = live[pick % Math.max(live.length, 1)];
      if (target === undefined) return;
      const asked = { ...command(target, extent), view: 'changes' as const };
      const [usersBefore, before] = [await usersNow(), await dumped(test.database)];
      const preview = await useCases.previewAnonymization(asked);
      const done = await useCases.anonymizeUser(asked);
      expect(done).toMatchObject({ kind: 'done', view: preview });
      const [usersAfter, after] = [await usersNow(), await dumped(test.database)];
      const { changes } = preview;
      if (changes === null) throw new Error('no changes');
      const ids = changes.rows.first.map(({ user }) => user.id);
      expect([changes.rows.number, ids]).toEqual([ids.length, changedIds(before, after)]);
      for (const { user, changes: told } of changes.rows.first) {
        const [was, is] = [usersBefore.get(user.id), usersAfter.get(user.id)];
        for (const field of shownFields) {
          if (field === 'updatedAt' || field === 'anonymizedAt' || field === 'extraData') continue;
          const said = told.find((one) => one.field === field) ?? { before: was?.[field], after: was?.[field] };
          expect([field, said.before, said.after]).toEqual([field, was?.[field], is?.[field]]);
        }
        const keys = told.flatMap(({ field, key, before: value }) => (field === 'extraData' ? [[key, value]] : []));
        // A site that is gone declares no keys, and shows none.
        if (user.siteId !== null && keys.length > 0) expect(Object.fromEntries(keys)).toEqual(was?.extraData);
      }
      for (const type of activityTypes) {
        const seen = [...(before.get(type.table) ?? new Map<string, Record<string, string | null>>())].filter(
          ([, row]) => ids.includes(Number(row['userId'])) && row['deletedAt'] === null,
        );
        for (const [fate, isThere] of [
          ['stays', true],
          ['goes', false],
        ] as const) {
          const theirs = seen.map(([key]) => key).filter((key) => after.get(type.table)?.has(key) === isThere);
          const { number, first } = changes[fate][type.plural];
          expect([number, first.map(({ id }) => id)]).toEqual([
            theirs.length,
            theirs.map(Number).sort((one, other) => one - other),
          ]);
          for (const { userId, shownAs } of first)
            expect(shownAs).toBe(
              fullName(usersAfter.get(userId) ?? { firstName: null, lastName: null, nickName: null }),
            );
        }
      }
    }));

  it('the words by which the rows of the list were found go, and nobody else’s', () =>
    property(async (world, extent, pick) => {
      const { useCases, live, command } = await city(world);
      const target = live[pick % Math.max(live.length, 1)];
      if (target === undefined) return;
      const before = await dumped(test.database);
      const done = await useCases.anonymizeUser(command(target, extent));
      const ids = new Set(done.kind === 'done' ? done.view.lists?.users.map(({ user }) => String(user.id)) : undefined);
      const wordsOf = (dump: Dump) => [...(dump.get('civitas_user_words')?.values() ?? [])];
      expect(wordsOf(before).length).toBeGreaterThan(0);
      expect(wordsOf(await dumped(test.database))).toEqual(
        wordsOf(before).filter(({ userId }) => !ids.has(userId ?? '')),
      );
    }));

  it('doing it twice is doing it once', () =>
    property(async (world, extent, pick) => {
      const { useCases, live, command } = await city(world);
      const target = live[pick % Math.max(live.length, 1)];
      if (target === undefined) return;
      await useCases.anonymizeUser(command(target, extent));
      const before = await dumped(test.database);
      const again = await useCases.anonymizeUser(command(target, extent));
      expect(theirs(before, await dumped(test.database))).toEqual([]);
      expect(again).toMatchObject({
        kind: 'done',
        view: { lists: { users: [], votes: [], ideas: [] } },
        oauth: { removal: 'none' },
      });
    }));

  it('all sites at once, and one after the other in any order, give the same end', () =>
    property(async (world, _extent, pick) => {
      const whole = await city(world);
      const target = whole.live[pick % Math.max(whole.live.length, 1)];
      if (target === undefined) return;
      await whole.useCases.anonymizeUser(whole.command(target, 'all-sites'));
      const atOnce = { people: [...whole.identity.people.keys()], rows: endOf(await dumped(test.database)) };

      const single = await city(world);
      const own = single.live.filter(({ person }) => person === target.person);
      const turned = [...own.slice(pick % own.length), ...own.slice(0, pick % own.length)];
      for (const row of turned) await single.useCases.anonymizeUser(single.command(row, 'this-site'));
      expect({ people: [...single.identity.people.keys()], rows: endOf(await dumped(test.database)) }).toEqual(atOnce);
    }));

  it('a person without a row that keeps them is gone from the OAuth server, and one with such a row is there', () =>
    property(async (world, extent, pick) => {
      const { useCases, live, command, identity } = await city(world);
      const target = live[pick % Math.max(live.length, 1)];
      if (target === undefined) return;
      const only = pick % 3 === 0 ? { userIds: [target.id], siteIds: [] } : undefined;
      await useCases.anonymizeUser(command(target, extent, only));
      const linked = [
        ...((await dumped(test.database)).get('users') ?? new Map<string, Record<string, string | null>>()).values(),
      ];
      const keepers = live.filter(
        ({ person, id }) =>
          person === target.person && linked.some((row) => row['id'] === String(id) && row['personId'] !== null),
      );
      expect(identity.people.has(String(1000 + target.person))).toBe(keepers.length > 0);
      for (const person of new Set(live.map((row) => row.person)))
        if (person !== target.person) expect(identity.people.has(String(1000 + person))).toBe(true);
    }));
});

/** Users and votes, without the moments at which they changed. */
const endOf = (dump: Dump) =>
  ['users', 'ideas', 'articles', 'arguments', 'votes'].map((table) =>
    [...(dump.get(table) ?? new Map<string, Record<string, string | null>>()).values()].map((row) => ({
      ...row,
      updatedAt: null,
      anonymizedAt: row['anonymizedAt'] === null ? null : 'then',
    })),
  );
