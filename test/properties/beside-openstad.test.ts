import type { Container } from '../../src/container.ts';
import { foreignWritesStore } from '../../src/db/stores/foreign-writes-store.ts';
import { numberOf } from '../../src/db/rows/values.ts';
import { raw, sql } from '../../src/db/sql.ts';
import type { Actor } from '../../src/domain/actor.ts';
import { isFault } from '../../src/domain/fault.ts';
import { putRight } from '../../src/use-cases/person-sync/reconcile.ts';
import { startAdoptedWorld } from '../support/adopted-world.ts';
import type { OauthWorld } from '../support/oauth-world.ts';
import { openstadApi } from '../support/openstad-api.ts';
import { hasMysql } from '../support/recorded-copy.ts';
import { startRecordedWorld } from '../support/recorded-world.ts';

/**
 * This API and an OpenStad API on one database, mixed at random from a seed; on MySQL the recorded database that OpenStad's own
 * migrations have been through, here the same with its unique key.
 */
const steps = Number(process.env['BESIDE_STEPS'] ?? 150);
const seed = Number(process.env['BESIDE_SEED'] ?? 20261129);
jest.setTimeout(3_600_000);

interface World {
  readonly container: Container;
  readonly oauth: OauthWorld;
  readonly close: () => Promise<void>;
}
let world: World;
let admin: Actor;
beforeAll(async () => {
  world = hasMysql
    ? await startAdoptedWorld('openstad-api-database-upgraded', { besideOpenstad: true })
    : await startRecordedWorld({ USERS_SWEEP_PER_MINUTE: '0' }, { outboxSeconds: 3600, besideOpenstad: true });
  const { database, useCases } = world.container;
  if (!hasMysql)
    await database.change(raw('CREATE UNIQUE INDEX unique_users_email_per_site_id ON users (siteId, email)'));
  const found = await useCases.actorOf({ userId: 2, provider: 'default', reach: 'everywhere' });
  if (found === null) throw new Error('no admin');
  admin = found;
});
afterAll(() => world.close());

/** mulberry32 */
const randomFrom = (start: number) => {
  let state = start >>> 0;
  return (below: number): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296) * below);
  };
};

interface Row {
  readonly id: number;
  readonly siteId: number | null;
  readonly personId: number | null;
  readonly externalUserId: number | null;
  readonly text: string;
  readonly email: string | null;
  readonly role: string;
  readonly firstName: string | null;
}
const rowsNow = async (): Promise<ReadonlyMap<number, Row>> => {
  const found = await world.container.database.select(raw('SELECT * FROM users ORDER BY id'));
  return new Map(
    found.map((row) => [
      Number(row['id']),
      {
        id: Number(row['id']),
        siteId: numberOf(row['siteId']),
        personId: numberOf(row['personId']),
        externalUserId: numberOf(row['externalUserId']),
        text: JSON.stringify({ ...row, updatedAt: null, slot: null }),
        email: row['email'] as string | null,
        role: row['role'] as string,
        firstName: row['firstName'] as string | null,
      },
    ]),
  );
};

test(`${steps} steps of both from seed ${seed}: nobody comes back, nobody else is changed, and all agrees in the end`, async () => {
  const { container, oauth } = world;
  const { database, useCases, ports } = container;
  const random = randomFrom(seed);
  const openstad = openstadApi(database);
  const right = putRight({ ...ports, foreignWrites: foreignWritesStore(database, ports) });
  const names = ['Aad', 'Bep', 'Cor', 'Dirk', 'Els'];
  const pick = <T>(list: readonly T[]): T => list[random(list.length)] as T;
  let lastAddress = 0;
  const anAddress = (): string => `toeval${(lastAddress += 1)}@example.org`;
  const sites = (await ports.sites.all()).filter(({ id }) => id <= 3);
  const there = async (path: string, body: object): Promise<unknown> => {
    const { clientId, clientSecret } = oauth.client('peer-client-1');
    const response = await fetch(`${oauth.server.url}/api/admin${path}?client_id=${clientId}`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        authorization: `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}`,
      },
      body: JSON.stringify(body),
    });
    return response.ok ? response.json() : null;
  };
  const deliverAll = async (): Promise<void> => {
    for (let round = 0; round < 5; round += 1) {
      await ports.outbox.retry();
      for (let count = 0; count < 200 && (await container.deliver()) !== null; count += 1);
      if ((await ports.outbox.waiting()).length === 0) return;
    }
  };

  const gone = new Set<number>();
  const told = new Map<string, number>();
  let before = await rowsNow();
  for (let step = 0; step < steps; step += 1) {
    const live = [...before.values()].filter(({ id, siteId }) => id > 50 && sites.some((site) => site.id === siteId));
    const target = live.length === 0 ? undefined : pick(live);
    const site = sites.find(({ id }) => id === target?.siteId) ?? pick(sites);
    const one = { actor: admin, site, userId: target?.id ?? 0 };
    const people = oauth.server.people().filter(({ id }) => id > 1000);
    const somebody = people.length === 0 ? undefined : pick(people);
    const anonymize = (extent: 'this-site' | 'all-sites') =>
      useCases.anonymizeUser({ ...one, extent, view: 'summary' });
    /** Null: of everybody. */
    let theirs: number | null | undefined = target?.personId;
    const operations: Readonly<Record<string, () => Promise<unknown>>> = {
      view: () => useCases.getUser({ ...one, refresh: true }),
      'view again': () => useCases.getUser({ ...one, refresh: true }),
      change: () => useCases.updateUser({ ...one, change: { firstName: pick(names), city: `Stad ${random(9)}` } }),
      'change a nick name': () =>
        useCases.updateUser({ ...one, change: { nickName: random(2) === 0 ? null : pick(names) } }),
      'change an address': () => useCases.updateUser({ ...one, change: { email: anAddress() } }),
      create: () => useCases.createUser({ actor: admin, site, change: { email: anAddress(), firstName: pick(names) } }),
      'create somebody known': async () => {
        if (somebody?.email == null) return;
        theirs = (await ports.persons.byExternalId(oauth.url, String(somebody.id)))?.id;
        await useCases.createUser({ actor: admin, site, change: { email: somebody.email } });
      },
      anonymize: () => anonymize('this-site'),
      'anonymize everywhere': () => (random(3) === 0 ? anonymize('all-sites') : Promise.resolve()),
      remove: () => (random(3) === 0 ? useCases.deleteUser(one) : Promise.resolve()),
      'put right': () => {
        theirs = null;
        return right(() => false);
      },
      deliver: () => {
        theirs = null;
        return deliverAll();
      },
      'OpenStad anonymizes': () => openstad.anonymize(one.userId),
      'OpenStad’s night': async () => {
        theirs = null;
        for (const row of live.filter(({ role }) => role === 'member' && random(20) === 0))
          await openstad.anonymize(row.id);
      },
      'OpenStad warns': () => openstad.warn(one.userId),
      // Whom articles refer to it cannot remove either.
      'OpenStad removes': () =>
        random(3) === 0 ? openstad.remove(one.userId).catch(() => undefined) : Promise.resolve(),
      'OpenStad’s login': async () => {
        theirs = null;
        const isHere = [...before.values()].some(
          (row) => row.siteId === site.id && row.externalUserId === somebody?.id,
        );
        if (somebody === undefined || isHere || gone.has(somebody.id)) return;
        const { id: externalUserId, email, firstName } = somebody;
        // Its unique key refuses it as it would refuse OpenStad.
        await openstad
          .create({ siteId: site.id, externalUserId, email: email ?? null, firstName: firstName ?? null })
          .catch(() => undefined);
      },
      'OpenStad renames': () =>
        gone.has(one.userId)
          ? Promise.resolve()
          : openstad.update(one.userId, { firstName: pick(names), role: 'member' }),
      'OpenStad gives to another': async () => {
        theirs = null;
        if (target?.externalUserId != null && somebody !== undefined && random(4) === 0)
          await openstad.update(one.userId, { externalUserId: somebody.id });
      },
      'the server swaps addresses': async () => {
        const other = people.length === 0 ? undefined : pick(people);
        if (somebody?.email == null || other?.email == null || other.id === somebody.id) return;
        await there(`/user/${somebody.id}`, { email: anAddress() });
        await there(`/user/${other.id}`, { email: somebody.email });
        await there(`/user/${somebody.id}`, { email: other.email });
      },
      'the server gets somebody': () => there('/user', { email: anAddress(), firstName: pick(names), extraData: {} }),
    };
    const name = pick(Object.keys(operations));
    try {
      await operations[name]?.();
      told.set(name, (told.get(name) ?? 0) + 1);
    } catch (error) {
      if (!isFault(error)) throw new Error(`step ${step}, ${name} of user ${one.userId}`, { cause: error });
      told.set(`${name}: ${error.code}`, (told.get(`${name}: ${error.code}`) ?? 0) + 1);
    }
    const after = await rowsNow();
    for (const row of after.values()) {
      const was = before.get(row.id);
      const where = `step ${step}, ${name} of user ${one.userId}: user ${row.id}`;
      // A row without a person is its own truth: what an admin writes into it is there because it was written.
      if (row.id === one.userId && name.startsWith('change') && was?.personId === null) gone.delete(row.id);
      if (gone.has(row.id) && (row.email !== null || row.role !== 'anonymous' || row.firstName !== 'Gebruiker'))
        throw new Error(`${where} came back`);
      const isFreed = was !== undefined && was.email !== null && row.email === null;
      const isTheirs = row.id === one.userId || (theirs != null && was?.personId === theirs);
      if (was !== undefined && was.text !== row.text && theirs !== null && !isTheirs && !isFreed)
        throw new Error(`${where} changed: ${was.text} → ${row.text}`);
      const isAnonymized = row.externalUserId === null && row.role === 'anonymous' && row.firstName === 'Gebruiker';
      if (isAnonymized && row.email === null) gone.add(row.id);
    }
    before = after;
  }

  await deliverAll();
  await right(() => false);
  await deliverAll();
  await right(() => false);

  const count = async (statement: Parameters<typeof database.select>[0]) =>
    numberOf((await database.select(statement))[0]?.['n']);
  expect(await ports.outbox.waiting()).toEqual([]);
  for (const { id: siteId } of sites) {
    const counted = sql`SELECT COALESCE(SUM(n), 0) AS n FROM civitas_user_counts WHERE siteId = ${siteId}`;
    const real = sql`SELECT COUNT(*) AS n FROM users WHERE siteId = ${siteId} AND deletedAt IS NULL`;
    expect([siteId, await count(counted)]).toEqual([siteId, await count(real)]);
  }
  const foundStill =
    raw(`SELECT COUNT(*) AS n FROM users WHERE personId IS NOT NULL AND externalUserId IS NULL AND role = 'anonymous'
    AND lastLogin < '1970-01-02'`);
  expect(await count(foundStill)).toBe(0);
  const unlinked = raw(
    'SELECT COUNT(*) AS n FROM users WHERE personId IS NULL AND externalUserId > 0 AND siteId IN (1, 2, 3)',
  );
  expect(await count(unlinked)).toBe(0);
  const otherwise = raw(`SELECT COUNT(*) AS n FROM users u JOIN civitas_persons p ON p.id = u.personId
    WHERE u.externalUserId <> p.externalId`);
  expect(await count(otherwise)).toBe(0);
  const nobodys =
    raw(`SELECT COUNT(*) AS n FROM civitas_persons p WHERE NOT EXISTS (SELECT 1 FROM users u WHERE u.personId = p.id)
    AND NOT EXISTS (SELECT 1 FROM civitas_person_findings f WHERE f.personId = p.id AND f.kind = 'left-behind')`);
  expect(await count(nobodys)).toBe(0);
  const residue = raw(
    `SELECT COUNT(*) AS n FROM civitas_user_words w JOIN users u ON u.id = w.userId WHERE u.anonymizedAt IS NOT NULL`,
  );
  expect(await count(residue)).toBe(0);
  expect([...told.keys()].length).toBeGreaterThan(15);
  if (process.env['BESIDE_STEPS'] !== undefined) process.stderr.write(`${JSON.stringify(Object.fromEntries(told))}\n`);
});
