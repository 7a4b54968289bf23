import { backOfficeOf } from '../journeys/sentences/support/back-office.ts';
import type { Somebody } from '../journeys/sentences/support/people.ts';
import { startSentences, user, users, type SentenceWorld } from '../journeys/sentences/support/world.ts';
import { beginsToRead, isWhole } from './support/begins-to-read.ts';

/** An answer that is read slowly ends with the right to it: nobody reads what was written after that. */
const [siteId, elsewhere, first, many] = [11, 12, 700_000, 800] as const;
const last = first + many - 1;
const contributions = 4000;
let s: SentenceWorld;
/** Who contributed much. */
let somebody: Somebody;
beforeAll(async () => {
  const keys = Array.from({ length: 38 }, (_none, at) => `k${at}`);
  // Everybody sees them, so that no answer fits into what the sockets hold.
  const extraData = Object.fromEntries(keys.map((key) => [key, {}]));
  s = await startSentences({ [siteId]: { config: { users: { extraData } } }, [elsewhere]: {} });
  const now = new Date();
  const large = Object.fromEntries(keys.map((key) => [key, 'x"'.repeat(500)]));
  for (let at = 0; at < many; at += 100)
    await s.world.container.database.rows.users.bulkCreate(
      Array.from({ length: 100 }, (_none, index) => ({
        ...{ id: first + at + index, siteId, role: 'member', complete: true, slot: 0, profileWithheld: false },
        ...{ extraData: large, listableByRole: 'all', lastLogin: now, createdAt: now, updatedAt: now },
        ...{ firstName: 'A', lastName: 'B' },
      })),
    );
  somebody = await s.person({ at: { [siteId]: 'member' } });
  const userId = somebody.at[siteId] ?? 0;
  const ideaId = await s.idea({ siteId, userId });
  for (let from = 0; from < contributions; from += 500)
    await s.world.container.database.rows.arguments.bulkCreate(
      Array.from({ length: 500 }, (_none, index) => ({
        ...{ id: 900_000 + from + index, ideaId, userId, sentiment: 'for', description: 'x'.repeat(5000) },
        ...{ parentId: null, createdAt: now, updatedAt: now, deletedAt: null },
      })),
    );
});
afterAll(() => s.close());

/** Where each of the answers comes last to. */
const writtenAfterThat = async (): Promise<string> => {
  const secret = `na${String(Date.now())}@geheim.example`;
  await s.touch('users', last, { email: secret, lastName: secret });
  const id = [900_000, 900_000 + contributions - 1];
  await s.world.container.database.rows.arguments.update({ description: secret }, { where: { id } });
  return secret;
};

const answers: Record<string, () => string> = {
  'a list': () => users(siteId),
  'a large page': () => `${users(siteId)}?page=0&pageSize=1000`,
  'a sorted list': () => `${users(siteId)}?sort=updatedAt_desc`,
  'an activity': () => `${user(siteId, somebody.at[siteId] ?? 0)}/activity`,
};
const ends: Record<string, (id: number) => Promise<unknown>> = {
  'is logged out': (id) => s.post(id, `/oauth/site/${siteId}/logout`),
  'is a moderator no more': (id) => s.touch('users', id, { role: 'member' }),
  'was anonymized': (id) => s.put('admin', `${user(siteId, id)}/do-anonymize`),
};

describe.each(Object.entries(answers))('%s', (_name, path) => {
  test.each(Object.keys(ends))('ends for who %s', async (end) => {
    const id = (await s.person({ at: { [siteId]: 'moderator' } })).at[siteId] ?? 0;
    const rest = await beginsToRead(s.world, path(), `X-Authorization: Bearer ${await s.world.token(id)}`);
    await ends[end]?.(id);
    const secret = await writtenAfterThat();
    const text = await rest();
    expect([text.slice(0, 15), isWhole(text), text.includes(secret)]).toEqual(['HTTP/1.1 200 OK', false, false]);
  });

  test('goes on for who still is a moderator', async () => {
    const id = (await s.person({ at: { [siteId]: 'moderator' } })).at[siteId] ?? 0;
    const rest = await beginsToRead(s.world, path(), `X-Authorization: Bearer ${await s.world.token(id)}`);
    expect(isWhole(await rest())).toBe(true);
  });
});

/** Somebody at both sites who contributed much at both; what they did elsewhere comes last. */
const ownerAtBoth = async () => {
  const { at } = await s.person({ at: { [siteId]: 'member', [elsewhere]: 'member' } });
  const [here, there] = [at[siteId] ?? 0, at[elsewhere] ?? 0];
  const hour = 3_600_000;
  for (const [userId, site, ago] of [
    [here, siteId, 0],
    [there, elsewhere, hour],
  ] as const) {
    const ideaId = await s.idea({ siteId: site, userId });
    const createdAt = new Date(Date.now() - ago);
    for (let from = 0; from < 1500; from += 500)
      await s.world.container.database.rows.arguments.bulkCreate(
        Array.from({ length: 500 }, () => ({
          ...{ ideaId, userId, sentiment: 'for', description: `of ${userId} ${'x'.repeat(5000)}` },
          ...{ parentId: null, createdAt, updatedAt: createdAt, deletedAt: null },
        })),
      );
  }
  return { here, there };
};
const removals: Record<string, (id: number) => Promise<{ readonly status: number }>> = {
  'is anonymized': (id) => s.put('admin', `${user(elsewhere, id)}/do-anonymize`),
  'is deleted': (id) => s.remove('admin', user(elsewhere, id)),
};

test.each(Object.keys(removals))(
  'an owner’s activity goes on where their row at another site %s, without what was there',
  async (removal) => {
    const { here, there } = await ownerAtBoth();
    const path = `${user(siteId, here)}/activity?includeArguments=1`;
    const rest = await beginsToRead(s.world, path, `X-Authorization: Bearer ${await s.world.token(here)}`);
    expect((await removals[removal]?.(there))?.status).toBe(200);
    const text = await rest();
    expect([text.slice(0, 15), isWhole(text)]).toEqual(['HTTP/1.1 200 OK', true]);
    const items = (id: number): number => text.split(`"description":"of ${id} x`).length - 1;
    expect([items(here), items(there) < 3000]).toEqual([3000, true]);
  },
);

test('and ends where it is the row that was asked about', async () => {
  const { here, there } = await ownerAtBoth();
  const path = `${user(siteId, here)}/activity`;
  const rest = await beginsToRead(s.world, path, `X-Authorization: Bearer ${await s.world.token(there)}`);
  expect((await s.put('admin', `${user(siteId, here)}/do-anonymize`)).status).toBe(200);
  expect(isWhole(await rest())).toBe(false);
});

const usual = { users: { viewableByRole: null, displayName: null }, votes: { isViewable: true } };
const set = async (config: object): Promise<void> => {
  expect((await s.put('admin', `/api/site/${siteId}`, { config })).status).toBe(200);
};
describe('what a site shows', () => {
  beforeEach(() => set(usual));
  const headerOf = async (who: string): Promise<string> => {
    if (who === 'visitor') return 'Accept: */*';
    const id = (await s.person({ at: { [siteId]: 'member' } })).at[siteId] ?? 0;
    return `X-Authorization: Bearer ${await s.world.token(id)}`;
  };
  /** What is read of an answer that was begun before this: whether it is whole, and tells what was written after it. */
  const readAcross = async (path: string, who: string, change: () => Promise<unknown>): Promise<readonly unknown[]> => {
    const rest = await beginsToRead(s.world, path, await headerOf(who));
    await change();
    const secret = await writtenAfterThat();
    const text = await rest();
    return [text.slice(0, 15), isWhole(text), text.includes(secret)];
  };

  describe.each(['visitor', 'member'])('to a %s', (who) => {
    test.each(Object.keys(answers))('%s went on when the site hid its people', async (name) => {
      const hide = () => set({ users: { viewableByRole: 'moderator' } });
      expect(await readAcross(answers[name]!(), who, hide)).toEqual(['HTTP/1.1 200 OK', false, false]);
    });

    test('a list went on by real names when the site said that only nick names are shown', async () => {
      const hide = () => set({ users: { displayName: 'nick' } });
      expect((await readAcross(users(siteId), who, hide)).slice(0, 2)).toEqual(['HTTP/1.1 200 OK', false]);
    });

    test('an activity went on when votes were no more shown', async () => {
      const hide = () => set({ votes: { isViewable: false } });
      expect(await readAcross(answers['an activity']!(), who, hide)).toEqual(['HTTP/1.1 200 OK', false, false]);
    });

    test.each(Object.keys(answers))('%s goes on when the site has another title', async (name) => {
      const rename = () => s.put('admin', `/api/site/${siteId}`, { title: `Titel ${name} ${who}` });
      expect((await readAcross(answers[name]!(), who, rename))[1]).toBe(true);
    });

    test.each(['a list', 'a large page', 'a sorted list'])('%s leaves out who hid meanwhile', async (name) => {
      const hide = () => s.touch('users', last, { listableByRole: 'moderator', firstName: 'Verborgen' });
      const rest = await beginsToRead(s.world, answers[name]!(), await headerOf(who));
      await hide();
      const text = await rest();
      await s.touch('users', last, { listableByRole: 'all', firstName: 'A' });
      expect([isWhole(text), text.includes('Verborgen')]).toEqual([true, false]);
    });
  });

  test('to a moderator, a list goes on when the site hides its people from others', async () => {
    const id = (await s.person({ at: { [siteId]: 'moderator' } })).at[siteId] ?? 0;
    const rest = await beginsToRead(s.world, users(siteId), `X-Authorization: Bearer ${await s.world.token(id)}`);
    await set({ users: { viewableByRole: 'moderator' } });
    expect(isWhole(await rest())).toBe(true);
  });
});

test('visitors have no session to lose, and what a site shows is known: they cost no statement', async () => {
  await set(usual);
  const id = (await s.person({ at: { [siteId]: 'moderator' } })).at[siteId] ?? 0;
  const counted: number[] = [];
  for (const header of ['Accept: */*', `X-Authorization: Bearer ${await s.world.token(id)}`]) {
    const before = s.world.statements();
    const rest = await beginsToRead(s.world, users(siteId), header);
    expect(isWhole(await rest())).toBe(true);
    counted.push(s.world.statements() - before);
  }
  // Fifteen further batches.
  expect((counted[1] ?? 0) - (counted[0] ?? 0)).toBeGreaterThanOrEqual(10);
});

test('an export ends where its client is revoked', async () => {
  const office = await backOfficeOf(s, [siteId]);
  const path = `/api/v1/users/${somebody.externalId}/export`;
  const whole = await beginsToRead(s.world, path, `Authorization: Bearer ${await office.token('admin')}`);
  expect(isWhole(await whole())).toBe(true);
  const rest = await beginsToRead(s.world, path, `Authorization: Bearer ${await office.token('admin')}`);
  expect((await s.remove('admin', `/api/client/${office.id}`)).status).toBe(200);
  const secret = await writtenAfterThat();
  const text = await rest();
  expect([text.slice(0, 15), isWhole(text), text.includes(secret)]).toEqual(['HTTP/1.1 200 OK', false, false]);
});
