import { personLeaseName } from '../../src/use-cases/person-keys.ts';
import type { Somebody } from '../journeys/sentences/support/people.ts';
import { each, startSentences, user, type Headers, type SentenceWorld } from '../journeys/sentences/support/world.ts';
import type { Answer } from '../support/recorded-world.ts';
import { consoleHeaders } from '../support/console-session.ts';
import { until } from '../support/until.ts';
import { statementsAtRest } from './support/at-rest.ts';
import { beginsToRead, isWhole } from './support/begins-to-read.ts';

/** Whoever waits, for a turn or for the OAuth server, is shown what they may see when it is over, and nothing by a right that they lost meanwhile. */
const [one, two, platform] = [11, 12, 13] as const;
let s: SentenceWorld;
beforeAll(async () => {
  s = await startSentences({ [one]: {}, [two]: {}, [platform]: {} }, { platformSiteId: platform });
});
afterAll(() => s.close());

const atConsole = (somebody: Somebody): Promise<Headers> =>
  consoleHeaders(s.world.container, { personId: somebody.id, userId: somebody.at[one]! });
const demoted = (somebody: Somebody, siteId: number) => s.touch('users', somebody.at[siteId]!, { role: 'member' });

/** Asks while all turns of what an index leads to are taken; once it waits for one, `meanwhile` happens. */
const whileItWaits = async (ask: () => Promise<Answer>, meanwhile: () => Promise<unknown>): Promise<Answer> => {
  const held = (await s.person({ at: { [one]: 'member' } })).at[one]!;
  const { users } = s.world.container.ports;
  const personOf = users.personOf.bind(users);
  let [holding, isOver] = [0, false];
  const spy = jest.spyOn(users, 'personOf').mockImplementation(async (...asked) => {
    if (asked[1] === held) {
      holding += 1;
      await until('it is over', () => isOver);
    }
    return personOf(...asked);
  });
  try {
    const others = Array.from({ length: 8 }, () => s.get('admin', `${user(one, held)}/person`));
    await until('turns are taken', () => holding >= 2);
    return await onceItWaits(ask, meanwhile, async () => {
      isOver = true;
      await Promise.all(others);
    });
  } finally {
    isOver = true;
    spy.mockRestore();
  }
};

const onceItWaits = async (
  ask: () => Promise<Answer>,
  meanwhile: () => Promise<unknown>,
  release: () => unknown,
): Promise<Answer> => {
  const before = s.world.statements();
  const asked = ask();
  await statementsAtRest(s.world, before, 500);
  await meanwhile();
  const released = release();
  const answer = await asked;
  await released;
  return answer;
};

describe('who waits for a turn', () => {
  test('is shown no row of a person at a site where they are a moderator no more', async () => {
    const boss = await s.person({ at: { [one]: 'moderator', [two]: 'admin' } });
    const them = await s.person({ at: { [one]: 'member', [two]: 'member' } });
    const headers = await atConsole(boss);
    const ask = () => s.get(null, `${user(one, them.at[one]!)}/person`, headers);
    expect(each((await ask()).body.users, 'siteId')).toEqual([one, two]);

    const { status, body } = await whileItWaits(ask, () => demoted(boss, two));
    expect([status, each(body.users, 'siteId')]).toEqual([200, [one]]);
  });

  test('and of one where they are less than they were no more than that shows', async () => {
    const boss = await s.person({ at: { [one]: 'moderator', [two]: 'admin' } });
    const them = await s.person({ at: { [one]: 'member', [two]: 'member' } });
    const headers = await atConsole(boss);
    const ask = () => s.get(null, `${user(one, them.at[one]!)}/person`, headers);
    const idsShown = ({ body }: Answer) => each(body.users, 'externalUserId');
    expect(idsShown(await ask())).toEqual([undefined, them.externalId]);

    const lower = () => s.touch('users', boss.at[two]!, { role: 'moderator' });
    expect(idsShown(await whileItWaits(ask, lower))).toEqual([undefined, undefined]);
  });

  test('is told nothing of the OAuth server’s id once they are no platform admin', async () => {
    const boss = await s.person({ at: { [one]: 'admin', [platform]: 'admin' } });
    const them = await s.person({ at: { [one]: 'member' } });
    const headers = await atConsole(boss);
    const ask = () => s.get(null, `${user(one, them.at[one]!)}/person`, headers);
    expect((await ask()).body.issuer).toBe(s.world.oauth.url);
    expect((await whileItWaits(ask, () => demoted(boss, platform))).text).not.toContain(s.world.oauth.url);
  });

  test('is shown no vote by the role that they had', async () => {
    const staff = await s.person({ at: { [one]: 'moderator' } });
    const them = await s.person({ at: { [one]: 'member' } });
    const userId = them.at[one]!;
    await s.vote({ ideaId: await s.idea({ siteId: one, userId: staff.at[one]! }), userId });
    const ask = () => s.get(staff.at[one]!, `${user(one, userId)}/activity?includeVotes=1`);
    expect((await ask()).body.votes).toHaveLength(1);
    expect((await whileItWaits(ask, () => demoted(staff, one))).status).toBe(401);
  });

  test('nor one by what the site showed until then', async () => {
    const them = await s.person({ at: { [two]: 'member' } });
    const userId = them.at[two]!;
    await s.vote({ ideaId: await s.idea({ siteId: two, userId }), userId });
    const shows = (isViewable: boolean) => s.put('admin', `/api/site/${two}`, { config: { votes: { isViewable } } });
    expect((await shows(true)).status).toBe(200);
    const ask = () => s.get(null, `${user(two, userId)}/activity?includeVotes=1`);
    expect((await ask()).body.votes).toHaveLength(1);
    expect((await whileItWaits(ask, () => shows(false))).status).toBe(503);
  });

  test('while what is one’s own is shown, by whatever role', async () => {
    const them = await s.person({ at: { [one]: 'moderator' } });
    const userId = them.at[one]!;
    await s.vote({ ideaId: await s.idea({ siteId: one, userId }), userId });
    const ask = () => s.get(userId, `${user(one, userId)}/activity?includeVotes=1`);
    expect((await whileItWaits(ask, () => demoted(them, one))).body.votes).toHaveLength(1);
  });
});

describe('who has somebody read anew', () => {
  const whileLeased = (of: Somebody, ask: () => Promise<Answer>, meanwhile: () => Promise<unknown>) => {
    const { ports } = s.world.container;
    const name = personLeaseName(ports.secrets, { issuer: s.world.oauth.url, externalId: String(of.externalId) });
    let release = (): void => undefined;
    return ports.withLease(name, () =>
      Promise.race([
        onceItWaits(ask, meanwhile, () => {
          release();
        }),
        new Promise<void>((resolve) => (release = resolve)),
      ]),
    );
  };

  test('is shown no details by a role that they lost while the server was asked', async () => {
    const staff = await s.person({ at: { [one]: 'moderator' } });
    const them = await s.person({ at: { [one]: 'member' } });
    const ask = () => s.get(staff.at[one]!, user(one, them.at[one]!), { 'Cache-Control': 'no-cache' });
    expect((await ask()).body.email).toBe(them.email);
    let asked: Promise<Answer> | undefined;
    await whileLeased(
      them,
      () => (asked = ask()),
      () => demoted(staff, one),
    );
    const { status, body } = (await asked)!;
    expect([status, body.email]).toEqual([200, undefined]);
  });

  test('nor once they were logged out', async () => {
    const staff = await s.person({ at: { [one]: 'moderator' } });
    const them = await s.person({ at: { [one]: 'member' } });
    let asked: Promise<Answer> | undefined;
    await whileLeased(
      them,
      () => (asked = s.get(staff.at[one]!, user(one, them.at[one]!), { 'Cache-Control': 'no-cache' })),
      () => s.post(staff.at[one]!, `/oauth/site/${one}/logout`),
    );
    expect((await asked)!.status).toBe(401);
  });
});

test('who was logged out while a config was waited for is not told whether it fits what the site holds', async () => {
  const editor = (await s.person({ at: { [one]: 'editor' } })).at[one]!;
  const ask = () => s.put(editor, `/api/site/${one}`, { config: { users: { viewableByRole: 'nobody' } } });
  expect((await ask()).status).toBe(422);
  const { sites } = s.world.container.ports;
  const readNow = sites.readNow.bind(sites);
  const spy = jest.spyOn(sites, 'readNow').mockImplementation(async (ids) => {
    await s.post(editor, `/oauth/site/${one}/logout`);
    spy.mockRestore();
    return readNow(ids);
  });
  expect((await ask()).status).toBe(401);
});

test('an export of all sites ends for who is a platform admin no more, though they are an admin where they asked', async () => {
  const boss = await s.person({ at: { [one]: 'admin', [platform]: 'admin' } });
  const them = await s.person({ at: { [one]: 'member', [two]: 'member' } });
  const [userId, now] = [them.at[two]!, new Date()];
  const ideaId = await s.idea({ siteId: two, userId });
  for (let from = 0; from < 1500; from += 500)
    await s.world.container.database.rows.arguments.bulkCreate(
      Array.from({ length: 500 }, () => ({
        ...{ ideaId, userId, sentiment: 'for', description: 'x'.repeat(5000) },
        ...{ parentId: null, createdAt: now, updatedAt: now, deletedAt: null },
      })),
    );
  const headers = Object.entries(await atConsole(boss)).map(([name, value]) => `${name}: ${value}`);
  const rest = await beginsToRead(s.world, `${user(one, them.at[one]!)}/export`, headers.join('\r\n'));
  await demoted(boss, platform);
  const text = await rest();
  expect([text.slice(0, 15), isWhole(text)]).toEqual(['HTTP/1.1 200 OK', false]);
});
