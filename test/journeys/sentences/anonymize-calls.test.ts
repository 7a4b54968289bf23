import { longAgo, type NewPerson, type Somebody } from './support/people.ts';
import { idsIn, keysOf, refusal, startSentences, user, type SentenceWorld, type Who } from './support/world.ts';

/** anonymization.md §1 "The four calls". */
const [here, few] = [11, 12];
let s: SentenceWorld;
beforeAll(async () => {
  s = await startSentences({
    [here]: { config: { votes: { isActive: true } } },
    [few]: { config: { anonymize: { maxListed: 2 } } },
  });
});
afterAll(() => s.close());

const somebody = (more: Partial<NewPerson> = {}) =>
  s.person({ at: { 1: 'member', 2: 'member', [here]: 'member' }, ...more });
const six = ['arguments', 'articles', 'ideas', 'sites', 'users', 'votes'];
const call = (who: Who, method: string, one: Somebody, verb: string, body?: unknown, site = 1) =>
  s.world.call(who, method, `${user(site, one.at[site]!)}/${verb}`, body);
const anonymizedSites = async (one: Somebody) => {
  const rows = await Promise.all(
    Object.entries(one.at).map(async ([site, id]) => [Number(site), (await s.row(id))?.anonymizedAt] as const),
  );
  return rows.filter(([, at]) => at !== null).map(([site]) => site);
};

describe('the four calls', () => {
  test.each([
    ['will-anonymize', ['GET', 'PUT', 'POST']],
    ['will-anonymizeall', ['GET', 'PUT', 'POST']],
    ['do-anonymize', ['PUT', 'POST']],
    ['do-anonymizeall', ['PUT', 'POST']],
  ])('%s takes %j, answers all six lists, and is 405 with Allow for the rest', async (verb, methods) => {
    const one = await somebody();
    for (const method of ['GET', 'PUT', 'POST', 'DELETE', 'PATCH']) {
      const answer = await call('admin', method, one, verb);
      expect([method, answer.status]).toEqual([method, methods.includes(method) ? 200 : 405]);
      if (methods.includes(method))
        expect([keysOf(answer.body as object), answer.headers.get('cache-control')]).toEqual([six, 'no-store']);
      else
        expect(answer.headers.get('allow')).toBe(
          methods.flatMap((name) => (name === 'GET' ? ['GET', 'HEAD'] : [name])).join(', '),
        );
    }
    expect(await anonymizedSites(one)).toEqual(
      verb === 'do-anonymizeall' ? [1, 2, here] : verb === 'do-anonymize' ? [1] : [],
    );
  });

  test.each(['will-anonymize', 'will-anonymizeall', 'do-anonymize', 'do-anonymizeall'])(
    '%s of a user of another site, a wrong or deleted id is 404',
    async (verb) => {
      const one = await s.person({ at: { 2: 'member' } });
      const gone = await s.extraRow({ siteId: 1, deletedAt: longAgo });
      for (const path of [user(1, one.at[2]!), user(1, gone), user(1, 8_000_000), user(1, 'x'), user(99, one.at[2]!)]) {
        expect((await s.put('admin', `${path}/${verb}`)).status).toBe(404);
      }
      expect(await anonymizedSites(one)).toEqual([]);
    },
  );
});

describe('they are for the owner, or moderator and above at the site of every row concerned', () => {
  test.each([
    ['nobody', null, [401]],
    ['anonymous', 'anonymous', [403, 'owner-or-moderator']],
    ['a member', 'member', [403, 'owner-or-moderator']],
  ])('not for %s', async (_who, actor, expected) => {
    const one = await somebody();
    for (const verb of ['will-anonymize', 'do-anonymize', 'will-anonymizeall', 'do-anonymizeall']) {
      expect(refusal(await call(actor, 'PUT', one, verb))).toEqual(expected);
    }
    expect(await anonymizedSites(one)).toEqual([]);
  });

  test('…all including a site where the actor is neither is 403, without naming the sites, and nothing is touched', async () => {
    const one = await somebody();
    const mo = await s.person({ at: { 1: 'moderator', 2: 'moderator' } });
    for (const verb of ['will-anonymizeall', 'do-anonymizeall']) {
      const answer = await call(mo.at[1]!, 'PUT', one, verb);
      expect(refusal(answer)).toEqual([403, 'not-moderator-everywhere']);
      expect(keysOf(answer.body as object)).toEqual([
        'detail',
        'error',
        'instance',
        'message',
        'rule',
        'status',
        'title',
        'type',
      ]);
      expect(answer.text).not.toContain(`${here}.localhost`);
    }
    expect(await anonymizedSites(one)).toEqual([]);

    expect((await call(mo.at[1]!, 'PUT', one, 'do-anonymizeall', { onlySiteIds: 1 })).status).toBe(200);
    expect(await anonymizedSites(one)).toEqual([1]);
    expect((await call('moderator', 'PUT', one, 'do-anonymizeall', { onlySiteIds: 2 }, 2)).status).toBe(200);
    expect(await anonymizedSites(one)).toEqual([1, 2]);
  });

  test('the owner needs no role at all', async () => {
    const one = await s.person({ at: { 1: 'anonymous', 2: 'member' } });
    expect((await call(one.at[1]!, 'PUT', one, 'do-anonymizeall')).status).toBe(200);
    expect(await anonymizedSites(one)).toEqual([1, 2]);
  });

  test('who is moderator or above anywhere goes by a login at the site of each row, themselves included', async () => {
    const one = await s.person({ at: { 1: 'anonymous', 2: 'admin' } });
    expect(refusal(await call(one.at[1]!, 'PUT', one, 'do-anonymizeall'))).toEqual([403, 'staff-by-own-site']);
    expect(refusal(await call(one.at[1]!, 'PUT', one, 'do-anonymize', {}, 2))).toEqual([403, 'staff-by-own-site']);
    expect(await anonymizedSites(one)).toEqual([]);
    expect((await call(one.at[2]!, 'PUT', one, 'do-anonymize', {}, 2)).status).toBe(200);
    // Nobody's staff any more.
    expect((await call(one.at[1]!, 'PUT', one, 'do-anonymizeall')).status).toBe(200);
    expect(await anonymizedSites(one)).toEqual([1, 2]);
  });

  test('never on a higher role than one’s own at any row concerned, checked before the first is touched', async () => {
    const one = await s.person({ at: { 1: 'member', 2: 'member' } });
    const chief = await s.extraRow({ siteId: 1, personId: one.id, slot: 1, role: 'editor' });
    expect(refusal(await call(3, 'PUT', one, 'do-anonymize'))).toEqual([403, 'higher-role']);
    expect([(await s.row(one.at[1]!))?.anonymizedAt, (await s.row(chief))?.anonymizedAt]).toEqual([null, null]);
    expect(idsIn((await call(5, 'PUT', one, 'do-anonymize')).body.users)).toEqual([one.at[1], chief]);
  });
});
