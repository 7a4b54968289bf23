import type { Database } from '../../src/db/database.ts';
import { peopleStore } from '../../src/db/stores/people-list-store.ts';
import { blankRow } from '../../src/domain/users/user.ts';
import type { InTurn } from '../../src/use-cases/commands.ts';
import type { ClientActor } from '../../src/use-cases/clients/commands.ts';
import { listPeople } from '../../src/use-cases/people/list-people.ts';
import { anActor } from '../support/builders.ts';
import { backOfficeOf, type BackOffice } from '../journeys/sentences/support/back-office.ts';
import { startSentences, type SentenceWorld } from '../journeys/sentences/support/world.ts';

/** People who are at many sites, each of their rows filled: what all sites share stands in every one. A page of them is anybody's to ask for. */
const siteIds = Array.from({ length: 12 }, (_none, at) => 11 + at);
const [site, count, filledWith] = [11, 10, 40_000] as const;
let s: SentenceWorld;
let office: BackOffice;
beforeAll(async () => {
  s = await startSentences(Object.fromEntries(siteIds.map((id) => [id, { client: site }])));
  office = await backOfficeOf(s, siteIds);
  const { inOneTransaction, persons, users } = s.world.container.ports;
  const filled = { bio: 'x'.repeat(filledWith) };
  for (let at = 0; at < count; at += 1) {
    const externalId = String(7_000_000 + at);
    await inOneTransaction(async () => {
      const { id } = await persons.ensure(s.world.oauth.url, externalId, true);
      for (const siteId of siteIds)
        await users.insert({ ...blankRow(siteId, id, externalId, new Date()), firstName: 'Kwaad', extraData: filled });
    });
  }
});
afterAll(() => s.close());

const client = async (scope = 'authentication'): Promise<ClientActor> => {
  const actor = await s.world.container.management.clientByToken(await office.token(scope));
  if (actor === null) throw new Error('the client is there');
  return actor;
};

/** Turns that count the statements in them. */
const counting = () => {
  const turns: { readonly statements: number; readonly isPatient: boolean }[] = [];
  const inTurn: InTurn = async (work, { patient: isPatient = false } = {}) => {
    const before = s.world.statements();
    const result = await work();
    turns.push({ statements: s.world.statements() - before, isPatient });
    return result;
  };
  return { inTurn, turns, statements: () => turns.reduce((sum, turn) => sum + turn.statements, 0) };
};

test('are read twenty rows at a time, or the rows of one, each in a turn of its own', async () => {
  const { database, ports } = s.world.container;
  let largest = 0;
  const select: Database['select'] = async (...asked) => {
    const rows = await database.select(...asked);
    largest = Math.max(largest, JSON.stringify(rows).length);
    return rows;
  };
  const { inTurn, turns } = counting();
  const list = listPeople({ ...ports, people: peopleStore({ ...database, select }) });
  const { people, total } = await list({ actor: await client(), page: 1, perPage: 100, inTurn });
  expect([people.length, total]).toEqual([count, count]);
  expect(people[0]?.description).toHaveLength(filledWith);
  expect(largest).toBeGreaterThan(10 * filledWith);
  expect(largest).toBeLessThan(22 * filledWith);
  // Once the page is begun, it is not refused.
  expect(turns.map(({ isPatient }) => isPatient)).toEqual([false, ...Array<boolean>(count).fill(true)]);
});

test('have what they contributed counted in a turn, too, in a list and by themselves', async () => {
  const { management, useCases } = s.world.container;
  const somebody = await s.person({ at: { [site]: 'member' } });
  const userId = somebody.at[site] ?? 0;
  const ideaId = await s.idea({ siteId: site, userId });
  await s.vote({ ideaId, userId });
  const uid = String(somebody.externalId);
  const actor = await client('admin');
  const at = await s.world.container.ports.sites.byId(site);
  if (at === null) throw new Error('the site is there');
  const moderator = anActor({ userId: 3, reach: { kind: 'everywhere', role: 'moderator' } });
  const { inTurn, statements } = counting();
  for (const [ask, outside] of [
    // How large the sites are, which says what kind of turn it is.
    [() => management.listPeople({ actor, page: 1, perPage: 10, inTurn }), 1],
    [() => management.getPerson({ actor, uid, inTurn }), 0],
    [() => useCases.readPerson({ actor: moderator, site: at, userId, inTurn }), 0],
  ] as const) {
    const [before, inTurns] = [s.world.statements(), statements()];
    await ask();
    expect(s.world.statements() - before - (statements() - inTurns)).toBe(outside);
    expect(statements()).toBeGreaterThan(inTurns);
  }
  const changing = statements();
  expect((await management.setFacts({ actor, uid, facts: { points: 3 }, inTurn })).votes).toBe(1);
  expect(statements()).toBeGreaterThan(changing);
});

test('are told to nobody who was revoked, or logged out, while they waited for their turn', async () => {
  const { management, useCases, ports } = s.world.container;
  const somebody = await s.person({ at: { [site]: 'member' } });
  const [actor, at] = [await client('admin'), await ports.sites.byId(site)];
  if (at === null) throw new Error('the site is there');
  const moderator = (await s.person({ at: { [site]: 'moderator' } })).at[site] ?? 0;
  const staff = await useCases.actorOf({ userId: moderator, provider: 'default', reach: 'one-site' });
  if (staff === null) throw new Error('they are there');
  const waiting: InTurn = async (work) => {
    await s.remove('admin', `/api/client/${office.id}`);
    await s.touch('users', moderator, { role: 'member' });
    return work(true);
  };
  const [inTurn, uid] = [waiting, String(somebody.externalId)];
  for (const ask of [
    () => management.listPeople({ actor, page: 1, perPage: 10, inTurn }),
    () => management.getPerson({ actor, uid, inTurn }),
    () => useCases.readPerson({ actor: staff, site: at, userId: somebody.at[site] ?? 0, inTurn }),
  ])
    await expect(ask()).rejects.toMatchObject({ code: 'unauthenticated' });
});
