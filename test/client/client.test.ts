import {
  civitas,
  CivitasProblem,
  type Civitas,
  type LoginWindow,
  type Operation,
  type Plan,
} from '../../src/client/index.ts';
import { clientOf } from '../journeys/sentences/support/back-office.ts';
import { startSentences, type SentenceWorld } from '../journeys/sentences/support/world.ts';
import { described } from '../support/described.ts';
import { aVisitor, upToDigest } from '../support/visitor.ts';

const site = 8;

describe('the client', () => {
  let s: SentenceWorld;
  let client: Civitas;
  beforeAll(async () => {
    s = await startSentences({
      [site]: { config: { allowedDomains: ['127.0.0.1'], votes: { isActive: true } } },
      9: { config: { votes: { isActive: true } } },
    });
    client = civitas({ url: s.world.url, token: 'fixed-admin', fetch: described(fetch) });
  });
  afterAll(() => s.close());
  const somebody = async (at: Readonly<Record<number, 'member' | 'moderator'>> = { [site]: 'member' }) => {
    const person = await s.person({ at });
    return { ...person, userId: person.at[site] ?? 0 };
  };
  const problemOf = async (call: Promise<unknown>): Promise<CivitasProblem> => {
    const failed: unknown = await call.then(
      () => null,
      (error: unknown) => error,
    );
    if (failed instanceof CivitasProblem) return failed;
    throw new Error('no problem', { cause: failed });
  };

  describe('lists', () => {
    it('walks over everybody once, however small the pages are, and stops reading where the reader does', async () => {
      for (let made = 0; made < 7; made += 1) await somebody();
      const everybody = (await client.users(site).list()).map(({ id }) => id);

      const walked: number[] = [];
      for await (const { id } of client.users(site).all({ pageSize: 3 })) walked.push(id);
      const requests: string[] = [];
      const counting: typeof fetch = (input, init) => {
        requests.push(new URL(input instanceof Request ? input.url : input).search);
        return fetch(input, init);
      };
      const reader = civitas({ url: s.world.url, token: 'fixed-admin', fetch: counting });
      for await (const { id } of reader.users(site).all({ pageSize: 3 })) if (id === everybody[1]) break;

      expect(walked).toEqual(everybody);
      expect(walked.length).toBeGreaterThanOrEqual(7);
      expect(requests).toHaveLength(1);
    });

    it('gives a page by number its total, and one by cursor the next', async () => {
      const first = await client.users(site).page({ pageSize: 2, sort: ['id', 'DESC'] });
      const next = await client.users(site).page({ pageSize: 2, sort: 'id_desc', cursor: first.metadata.cursor ?? '' });

      expect(first.metadata.totalCount).toBe((await client.users(site).list()).length);
      expect(first.records[1]?.id).toBeGreaterThan(next.records[0]?.id ?? Infinity);
      expect(next.metadata).not.toHaveProperty('totalCount');
      // No cursor yet, and no number said: the first page, and never everybody.
      for (const none of [{ cursor: undefined }, { page: undefined }]) {
        const again = await client.users(site).page({ pageSize: 2, sort: ['id', 'DESC'], ...none });
        expect(again.records).toEqual(first.records);
      }
    });

    it('takes a filter as an object', async () => {
      const { userId } = await somebody({ [site]: 'moderator' });
      const found = await client.users(site).page({ filter: { role: 'moderator' } });

      expect(found.records.map(({ id }) => id)).toEqual([userId]);
    });

    it('finds people across sites, and goes through the audit', async () => {
      const { email, userId } = await somebody();
      const found: number[] = [];
      for await (const { users } of client.people.all({ email })) found.push(...users.map(({ id }) => id));
      await client.user(site, userId).person();
      const looks: string[] = [];
      for await (const { call, userId: of } of client.audit.all({ siteId: String(site), pageSize: 1 }))
        if (of === userId) looks.push(call);

      expect(found).toEqual([userId]);
      expect((await client.people.find({ email, page: 0 })).metadata.totalCount).toBe(1);
      expect(looks).toEqual(['read-person']);
    });
  });

  describe('changes', () => {
    it('a user only where they still are as they were seen', async () => {
      const { userId } = await somebody();
      const user = client.user(site, userId);
      const seen = await user.get();
      const changed = await user.update({ city: 'Delft' }, { seen });

      const { problem } = await problemOf(user.update({ city: 'Gouda' }, { seen }));

      expect([changed.city, problem.type]).toEqual(['Delft', '/problems/precondition-failed']);
      expect((await user.update({ city: 'Gouda' }, { seen: changed })).city).toBe('Gouda');
      // Never before it is awaited.
      await expect(user.update({ city: 'Delft' }, { seen: { ...changed } })).rejects.toThrow(TypeError);
    });

    it('oneself, as one was told by me', async () => {
      const { userId } = await somebody();
      const mine = civitas({ url: s.world.url, token: await s.world.token(userId), fetch: described(fetch) });
      const seen = (await mine.me(site)) ?? undefined;
      const user = mine.user(site, userId);
      const changed = await user.update({ city: 'Delft' }, { seen });

      const { problem } = await problemOf(user.update({ city: 'Gouda' }, { seen }));

      expect([changed.city, problem.type]).toEqual(['Delft', '/problems/precondition-failed']);
      expect((await user.update({ city: 'Gouda' }, { seen: (await mine.me()) ?? undefined })).city).toBe('Gouda');
      const tags = await Promise.all([
        mine.exchange('viewMe', { path: { siteId: site } }),
        mine.exchange('viewUser', { path: { siteId: site, userId } }),
      ]);
      expect(new Set(tags.map(({ headers }) => headers.get('etag'))).size).toBe(1);
      expect((await civitas({ url: s.world.url }).exchange('viewMeAnywhere')).headers.get('etag')).toBeNull();
    });

    it('fails with the whole problem, by its type', async () => {
      const { userId } = await somebody();
      const { problem, status, retryAfterSeconds } = await problemOf(
        client.user(site, userId).update({ gender: 'male', postcode: '1017 GA Amsterdam' }),
      );

      if (problem.type !== '/problems/invalid-values') throw new Error(problem.type);
      expect(problem.errors).toEqual([{ pointer: '/postcode', detail: 'must be at most 10 characters long' }]);
      expect([status, problem.status, retryAfterSeconds]).toEqual([422, 422, null]);
    });

    it('tells failures of the management API, which has a form of its own, by their body', async () => {
      const { key } = await clientOf(s, [site]);
      const { problem } = await problemOf(
        civitas({ url: s.world.url }).call('listPeople', { query: { api_key: key, page: 0 } }),
      );

      expect(problem).toMatchObject({ type: 'about:blank', status: 422, body: { success: false } });
    });

    it('refuses what would lead elsewhere', async () => {
      await expect(client.call('viewUser', { path: { siteId: site, userId: '..' } })).rejects.toThrow('path.userId');
      const { problem } = await problemOf(client.call('viewUser', { path: { siteId: site, userId: '../4' } }));
      expect(problem.type).toBe('/problems/user-not-found');
    });
  });

  describe('anonymizes', () => {
    const planOf = async (): Promise<{ plan: Plan; userId: number; ideaId: number }> => {
      const { at, userId } = await somebody({ [site]: 'member', 9: 'member' });
      const ideaId = await s.idea({ siteId: 9, userId: at[9] ?? 0 });
      return { plan: await client.user(site, userId).anonymization({ everywhere: true }), userId, ideaId };
    };

    it('exactly what was seen, and tells how far it is until it is settled', async () => {
      const { plan, userId } = await planOf();
      const { digest, rows } = await plan.changes();
      const done = await plan.do({ reason: 'Zaak-1' });
      if (!done.done) throw new Error('the plan changed');
      const states: Operation['state'][] = [];
      for await (const { state } of client.operation(done.operation ?? '').progress({ everyMs: 20 }))
        states.push(state);

      expect([plan.summary.users, rows.number, digest]).toEqual([2, 2, plan.summary.digest]);
      expect(done).toMatchObject({ replayed: false, summary: { users: 2 }, removal: 'done', keptBecause: null });
      expect(states.at(-1)).toBe('done');
      expect(await client.receipts.read(done.receipt ?? '')).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+$/);
      expect((await client.receipts.keys()).keys).toHaveLength(1);
      expect((await client.user(site, userId).anonymizationStatus()).whole?.reason).toBe('Zaak-1');
    });

    it('nothing where it would be something else by now: that is an answer, with the plan of now', async () => {
      const { plan, ideaId } = await planOf();
      const { userId: voter } = await somebody({ [site]: 'member' });
      await s.vote({ userId: voter, ideaId });
      await s.argument({ userId: (await client.user(site, voter).get()).id, ideaId });
      // Theirs is another one only where they themselves did something.
      const mine = await planOf();
      await s.vote({ userId: mine.userId, ideaId });

      const changed = await mine.plan.do({ reason: 'Zaak-2' });
      if (changed.done) throw new Error('it was done');
      const done = await changed.plan.do({ reason: 'Zaak-2' });

      expect((await plan.do()).done).toBe(true);
      expect(changed.current.digest).not.toBe(mine.plan.summary.digest);
      expect(done).toMatchObject({ done: true, summary: { digest: changed.current.digest } });
    });

    it('once, however often it is asked for', async () => {
      const { plan } = await planOf();
      const [one, other] = [await plan.do({ reason: 'Zaak-3' }), await plan.do({ reason: 'Zaak-3' })];

      expect([one, other].map((done) => done.done && done.replayed)).toEqual([false, true]);
    });

    it('rows at some sites only, and says why somebody is kept', async () => {
      const { at, userId } = await somebody({ [site]: 'member', 9: 'member' });
      const plan = await client.user(site, userId).anonymization({ everywhere: true, onlySiteIds: [9] });
      const done = await plan.do();

      expect(plan.summary.sites.map(({ id }) => id)).toEqual([9]);
      expect(done).toMatchObject({ done: true, removal: 'kept', keptBecause: 'rows-elsewhere' });
      expect((await client.user(9, at[9] ?? 0).get()).role).toBe('anonymous');
      expect((await client.user(site, userId).get()).role).toBe('member');
    });

    it('throws what is refused by right', async () => {
      const { userId } = await somebody();
      const member = civitas({ url: s.world.url, token: 'fixed-member' });
      const { problem } = await problemOf(member.user(site, userId).anonymization());

      expect(problem).toMatchObject({ type: '/problems/forbidden', rule: 'owner-or-moderator' });
    });
  });

  describe('logs in', () => {
    /** A browser's window, as far as a login needs one. */
    const windowAt = (address: string): LoginWindow & { readonly went: string[] } => {
      const kept = new Map<string, string>();
      const went: string[] = [];
      let href = address;
      return {
        went,
        location: {
          get href() {
            return href;
          },
          assign: (to) => {
            went.push(to);
          },
        },
        history: {
          replaceState: (_data, _unused, to) => {
            href = to;
          },
        },
        sessionStorage: {
          getItem: (name) => kept.get(name) ?? null,
          setItem: (name, value) => void kept.set(name, value),
          removeItem: (name) => void kept.delete(name),
        },
      };
    };
    const page = 'http://127.0.0.1:5173/ideas?open=3#top';

    it('by the OAuth server and back, and takes the token out of the address', async () => {
      const { externalId, userId } = await somebody();
      const visitor = civitas({ url: s.world.url });
      const before = windowAt(page);
      visitor.login(site, before);
      const redirectUrl = new URL(before.went[0] ?? '').searchParams.get('redirectUrl') ?? '';
      const flow = { apiUrl: s.world.url, oauthUrl: s.world.oauth.url, siteId: site, redirectUrl };
      const browser = aVisitor();
      const back = await browser.open(await upToDigest(browser, flow, externalId));
      const after = { ...before, ...windowAt(back.onward ?? ''), sessionStorage: before.sessionStorage };

      const token = visitor.cameBack(after);

      expect(token).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+$/);
      expect(after.location.href).toBe(page);
      expect((await visitor.me(site))?.id).toBe(userId);
      const gone = windowAt(page);
      await visitor.leave(site, gone);
      expect(gone.went).toEqual([visitor.logoutAddress(site, page)]);
      expect(await visitor.me(site)).toBeNull();
      expect(await visitor.logout(site)).toBe('none');
    });

    it('nobody by a link that somebody else made', () => {
      const visitor = civitas({ url: s.world.url });
      const led = windowAt('http://127.0.0.1:5173/?jwt=a.b.c&civitas-login=guessed');

      expect(visitor.cameBack(led)).toBeNull();
      expect([visitor.token, led.location.href]).toEqual([null, 'http://127.0.0.1:5173/']);
      expect(visitor.cameBack(windowAt(page))).toBeNull();
    });

    it('nobody once the session has ended: neither who that is nor logging out fails, and the token is forgotten', async () => {
      const { userId } = await somebody();
      const token = await s.world.token(userId);
      const [here, elsewhere, leaving] = [token, token, token].map((token) => civitas({ url: s.world.url, token }));
      const giving = civitas({ url: s.world.url, token: () => token });

      expect(await elsewhere?.logout(site)).toBe('ended');
      const { problem } = await problemOf(giving.user(site, userId).update({ city: 'Delft' }));
      expect([problem.type, await here?.me(site), await leaving?.logout(site), await giving.me()]).toEqual([
        '/problems/unauthenticated',
        null,
        'none',
        null,
      ]);
      expect([here?.token, leaving?.token, typeof giving.token]).toEqual([null, null, 'function']);
      expect(await here?.users(site).list()).toEqual(await civitas({ url: s.world.url }).users(site).list());
      // A visitor, too, may press a button that is still there.
      expect(await here?.logout(site)).toBe('none');
    });

    it('keeps the token where who it is could not be told', async () => {
      const broken = civitas({ url: `${s.world.url}/nowhere`, token: 'kept' });

      expect((await problemOf(broken.me(site))).status).toBe(404);
      expect((await problemOf(broken.logout(site))).status).toBe(404);
      expect(broken.token).toBe('kept');
    });

    it('asks for a token before each call, where it is given a way to', async () => {
      const { userId } = await somebody();
      const tokens = [await s.world.token(userId), null];
      const page = civitas({ url: `${s.world.url}/`, token: () => Promise.resolve(tokens.shift() ?? null) });

      expect([(await page.me())?.id, await page.me()]).toEqual([userId, null]);
    });
  });

  it('keeps 304 for whoever has a tag', async () => {
    const { userId } = await somebody();
    const path = { siteId: site, userId };
    const { headers } = await client.exchange('viewUser', { path });
    const tag = headers.get('etag') ?? '';

    const again = await client.exchange('viewUser', { path, headers: { 'If-None-Match': tag } });
    const called = await client.call('viewUser', { path, headers: { 'If-None-Match': tag } });

    expect([again.status, again.data]).toEqual([304, undefined]);
    expect(called.id).toBe(userId);
  });
});
