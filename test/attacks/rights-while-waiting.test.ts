import { personLeaseName } from '../../src/use-cases/person-keys.ts';
import type { Somebody } from '../journeys/sentences/support/people.ts';
import { each, startSentences, user, type Headers, type SentenceWorld } from '../journeys/sentences/support/world.ts';
import type { Answer } from '../support/recorded-world.ts';
import { backOfficeOf } from '../journeys/sentences/support/back-office.ts';
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
  const hold = holding((id: number) => id === held);
  const personOf = users.personOf.bind(users);
  const spy = jest.spyOn(users, 'personOf').mockImplementation(async (...asked) => {
    await hold.passing(asked[1]);
    return personOf(...asked);
  });
  const looks = () => Array.from({ length: 8 }, () => s.get('admin', `${user(one, held)}/person`));
  return hold.while(spy, looks, 2, ask, meanwhile);
};

/** Holds up what others ask for, so that all turns of its kind are taken, while somebody asks; once they wait, `meanwhile` happens. */
const holding = <T>(isHeld: (what: T) => boolean) => {
  let [count, isOver] = [0, false];
  return {
    passing: async (what: T): Promise<void> => {
      if (!isHeld(what)) return;
      count += 1;
      await until('it is over', () => isOver);
    },
    while: async (
      spy: { readonly mockRestore: () => void },
      others: () => readonly Promise<Answer>[],
      enough: number,
      ask: () => Promise<Answer>,
      meanwhile: () => Promise<unknown>,
    ): Promise<Answer> => {
      try {
        const asked = others();
        await until('turns are taken', () => count >= enough);
        return await onceItWaits(ask, meanwhile, async () => {
          isOver = true;
          await Promise.all(asked);
        });
      } finally {
        isOver = true;
        spy.mockRestore();
      }
    },
  };
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

/** Asks while somebody holds the lease on a person; once it waits for that, `meanwhile` happens. */
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

describe('who has somebody read anew', () => {
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

/** Whoever shows their details to admins only. */
const shyPerson = (firstName: string) =>
  s.person({
    at: { [one]: 'member' },
    profile: { firstName },
    extraData: { detailsViewableByRole: [{ value: 'admin', siteId: one }] },
  });
const lowered = (somebody: Somebody) => s.touch('users', somebody.at[one]!, { role: 'moderator' });
/** What a moderator sees of such a person is less than what an admin does. */
const detailsIn = (shown: Readonly<Record<string, unknown>> | undefined) => [
  shown?.['email'],
  shown?.['externalUserId'],
];

describe('who was an admin when they asked, and is a moderator once it is their turn', () => {
  test('is shown no more of people across sites than a moderator is', async () => {
    const boss = await s.person({ at: { [one]: 'admin' } });
    const them = await shyPerson('Zwaluwtje');
    const ask = () => s.get(boss.at[one]!, '/api/person?q=Zwaluwtje');
    expect(each((await ask()).body.records, 'email')).toEqual([them.email]);

    const { peopleSearch } = s.world.container.ports;
    const hold = holding((words: readonly string[]) => words.includes('vastgehouden'));
    const candidates = peopleSearch.candidates.bind(peopleSearch);
    const spy = jest.spyOn(peopleSearch, 'candidates').mockImplementation(async (looking, asked, part) => {
      await hold.passing(asked.words);
      return candidates(looking, asked, part);
    });
    const colleagues = await Promise.all([1, 2].map(() => s.person({ at: { [one]: 'moderator' } })));
    const places = s.world.container.database.dialect.costlyAtOnce;
    const looks = () => colleagues.map(({ at }) => s.get(at[one]!, '/api/person?q=vastgehouden'));
    const { status, body } = await hold.while(spy, looks, places, ask, () => lowered(boss));
    expect([status, each(body.records, 'displayName'), each(body.records, 'email')]).toEqual([
      200,
      [expect.stringContaining('Zwaluwtje')],
      [null],
    ]);
  });

  test('nor in what an anonymization would take', async () => {
    const boss = await s.person({ at: { [one]: 'admin' } });
    const them = await shyPerson('Merel');
    const ask = () => s.get(boss.at[one]!, `${user(one, them.at[one]!)}/will-anonymize`);
    expect(detailsIn((await ask()).body.users[0])).toEqual([them.email, them.externalId]);

    const busy = await s.person({ at: { [one]: 'member' } });
    const { sideTables } = s.world.container.ports;
    const hold = holding((ids: readonly number[]) => ids.includes(busy.at[one]!));
    const references = sideTables.references.bind(sideTables);
    const spy = jest.spyOn(sideTables, 'references').mockImplementation(async (subjects, ...asked) => {
      await hold.passing(subjects.users.map(({ userId }) => userId));
      return references(subjects, ...asked);
    });
    const colleague = await s.person({ at: { [one]: 'moderator' } });
    const path = `${user(one, busy.at[one]!)}/will-anonymize?view=summary`;
    const previews = () => [busy, busy, colleague, colleague].map(({ at }) => s.get(at[one]!, path));
    const { status, body } = await hold.while(spy, previews, 3, ask, () => lowered(boss));
    expect([status, detailsIn(body.users[0])]).toEqual([200, [undefined, undefined]]);
  });

  test('nor in the answer to a change that waited for others’', async () => {
    const boss = await s.person({ at: { [one]: 'admin' } });
    const them = await shyPerson('Kievit');
    const put = (gender: string) => s.put(boss.at[one]!, user(one, them.at[one]!), { gender });
    expect(detailsIn((await put('male')).body)).toEqual([them.email, them.externalId]);

    let asked: Promise<Answer> | undefined;
    await whileLeased(
      them,
      () => (asked = put('female')),
      () => lowered(boss),
    );
    const { status, body } = (await asked)!;
    expect([status, detailsIn(body)]).toEqual([200, [undefined, undefined]]);
    expect((await s.row(them.at[one]!))?.gender).toBe('female');
  });

  test('nor in that to one that changes nothing', async () => {
    const boss = await s.person({ at: { [one]: 'admin' } });
    const them = await shyPerson('Wulp');
    const put = () => s.put(boss.at[one]!, user(one, them.at[one]!), { gender: 'male' });
    expect(detailsIn((await put()).body)).toEqual([them.email, them.externalId]);

    let asked: Promise<Answer> | undefined;
    await whileLeased(
      them,
      () => (asked = s.put(boss.at[one]!, user(one, them.at[one]!), { gender: 'male' }, { 'If-Match': '*' })),
      () => lowered(boss),
    );
    const { status, body } = (await asked)!;
    expect([status, detailsIn(body)]).toEqual([200, [undefined, undefined]]);
  });
});

describe('a back office that waits for its turn', () => {
  const shown = (viewableByRole: string) =>
    s.put('admin', `/api/site/${two}`, { config: { users: { viewableByRole } } });

  test('is told of nobody whom a site hides by then', async () => {
    const them = await s.person({ at: { [two]: 'member' }, columns: { listableByRole: 'all' } });
    const { key } = await backOfficeOf(s, [two]);
    const ask = () => s.get(null, `/api/v1/users?api_key=${key}`);
    expect((await shown('all')).status).toBe(200);
    expect(each((await ask()).body.data, 'id')).toContain(them.at[two]);
    const { status, body } = await whileItWaits(ask, () => shown('moderator'));
    expect([status, body.data]).toEqual([503, undefined]);
    expect((await shown('all')).status).toBe(200);
  });

  test('and hears nothing of somebody who is anonymized by then, nor once it is revoked', async () => {
    const office = await backOfficeOf(s, [two]);
    await office.token('admin');
    const marked = async (meanwhile: (them: Somebody) => Promise<unknown>) => {
      const them = await s.person({ at: { [two]: 'member' }, profile: { firstName: 'Grutto' } });
      const patch = () => office.call('admin', 'PATCH', `/api/v1/users/${them.externalId}`, { points: 5 });
      expect((await patch()).text).toContain('Grutto');
      return whileItWaits(patch, () => meanwhile(them));
    };
    const anonymized = await marked(({ at }) => s.put('admin', `${user(two, at[two]!)}/do-anonymize`, {}));
    expect([anonymized.status, anonymized.text.includes('Grutto')]).toEqual([404, false]);
    const revoked = await marked(() => s.remove('admin', `/api/client/${office.id}`));
    expect([revoked.status, revoked.text.includes('Grutto')]).toEqual([401, false]);
  });
});
