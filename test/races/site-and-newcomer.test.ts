import { createUser } from '../../src/use-cases/users/create-user.ts';
import type { Actor } from '../../src/domain/actor.ts';
import { visitor } from '../../src/domain/actor.ts';
import { Fault } from '../../src/domain/fault.ts';
import { sql } from '../../src/db/sql.ts';
import { each, refusal, startSentences, users, type SentenceWorld } from '../journeys/sentences/support/world.ts';
import { until } from '../support/until.ts';
import { fixedTokens } from '../support/recorded-world.ts';

/** A site is deleted while somebody comes: either they are there and it stays, or it goes and nobody is left anywhere. */
let s: SentenceWorld;
beforeAll(async () => {
  s = await startSentences({}, { oauthTimeLimitMs: 3000 });
});
afterAll(() => s.close());

let last = 0;
const endedSite = async (): Promise<number> => {
  const settings = {
    'auth-server-url': s.world.oauth.url,
    'auth-client-id': 'peer-client-12',
    'auth-client-secret': 'peer-secret-12',
  };
  const { body } = await s.post('admin', '/api/site', {
    domain: `eind${(last += 1)}.example.org`,
    config: { project: { projectHasEnded: true }, oauth: { default: settings } },
  });
  return body.id as number;
};
const rowsAt = async (siteId: number): Promise<number> => {
  const found = await s.world.container.database.select(sql`SELECT id FROM users WHERE siteId = ${siteId}`);
  return found.length;
};
const isThere = (email: string): boolean => s.world.oauth.server.people().some((person) => person.email === email);
const settle = async (): Promise<void> => {
  await s.touchOutbox();
  while ((await s.world.container.deliver()) !== null) await s.touchOutbox();
};

test('twenty times, in two instances', async () => {
  await s.beside({}, async (url) => {
    const other = s.world.at(url);
    const ends = new Map<string, number>();
    for (let round = 0; round < 20; round += 1) {
      const siteId = await endedSite();
      const email = `komt${round}@example.org`;
      const pause = new Promise((resolve) => setTimeout(resolve, (round % 10) * 3));
      const [made, deleted] = await Promise.all([
        s.post('admin', users(siteId), { email }),
        pause.then(() => other('admin', 'DELETE', `/api/site/${siteId}`)),
      ]);
      await settle();

      const end = `${made.status} ${refusal(deleted).join(' ')}`;
      ends.set(end, (ends.get(end) ?? 0) + 1);
      // The other instance may be delivering what is left: then there is nothing for this one to take.
      if (deleted.status === 200)
        await until('nobody is left anywhere', async () => {
          await settle();
          return (await rowsAt(siteId)) === 0 && !isThere(email);
        });
      else expect([await rowsAt(siteId), isThere(email)]).toEqual([1, true]);
    }
    for (const end of ends.keys()) expect(end).toMatch(/^(?:201 409 site-has-people|(?:400|404) 200)$/);
  });
});

test('deleted after the person was made at the OAuth server: they are removed there', async () => {
  const siteId = await endedSite();
  const email = 'net-te-laat@example.org';
  const { ports } = s.world.container;
  const [site] = await ports.sites.readNow([siteId]);
  const admin: Actor = { ...visitor, userId: fixedTokens.admin, reach: { kind: 'everywhere', role: 'admin' } };
  const overtaken = createUser({
    ...ports,
    identity: {
      ...ports.identity,
      create: async (...asked) => {
        const profile = await ports.identity.create(...asked);
        expect((await s.remove('admin', `/api/site/${siteId}`)).status).toBe(200);
        return profile;
      },
    },
  });

  await expect(overtaken({ actor: admin, site: site!, change: { email } })).rejects.toMatchObject({
    code: 'site-not-found',
  });
  expect(isThere(email)).toBe(true);
  expect(each(await ports.outbox.waiting(), 'topic')).toEqual(['person.remove']);
  await until('they are gone, and nothing waits', async () => {
    await settle();
    return !isThere(email) && (await rowsAt(siteId)) === 0 && (await ports.outbox.waiting()).length === 0;
  });
});

test('deleted while the creation lay waiting: likewise', async () => {
  const siteId = await endedSite();
  const email = 'blijft-liggen@example.org';
  const { ports } = s.world.container;
  const [site] = await ports.sites.readNow([siteId]);
  const admin: Actor = { ...visitor, userId: fixedTokens.admin, reach: { kind: 'everywhere', role: 'admin' } };
  // They were made; of the role there was no reply, and the intent stays.
  const lost = createUser({
    ...ports,
    identity: {
      ...ports.identity,
      update: () => Promise.reject(new Fault('oauth-unreachable', { mayHaveHappened: true })),
    },
  });
  await expect(lost({ actor: admin, site: site!, change: { email } })).rejects.toMatchObject({
    code: 'oauth-unreachable',
  });
  expect(each(await ports.outbox.waiting(), 'topic')).toEqual(['user.create']);
  expect((await s.remove('admin', `/api/site/${siteId}`)).status).toBe(200);

  // The program's own job may be at it: then there is nothing to take, and it is not over.
  await until('nobody is left, and nothing waits', async () => {
    await settle();
    return !isThere(email) && (await rowsAt(siteId)) === 0 && (await ports.outbox.waiting()).length === 0;
  });
});
