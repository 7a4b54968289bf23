import { setTimeout as pause } from 'node:timers/promises';
import { raw, sql } from '../../src/db/sql.ts';
import { startSentences, user, type SentenceWorld } from '../journeys/sentences/support/world.ts';
import { until } from '../support/until.ts';
import { aVisitor, upToDigest } from '../support/visitor.ts';

/** Somebody comes back from the OAuth server, in another instance, at the moment in which they are taken away here. */
const site = 11;
let s: SentenceWorld;
beforeAll(async () => {
  s = await startSentences({ [site]: { config: { allowedDomains: ['city.example'] } } });
});
afterAll(() => s.close());

const operations = {
  'do-anonymize': (id: number) => s.put('admin', `${user(site, id)}/do-anonymize`),
  'do-anonymizeall': (id: number) => s.put('admin', `${user(site, id)}/do-anonymizeall`),
  delete: (id: number) => s.remove('admin', user(site, id)),
} as const;

it.each(Object.keys(operations) as (keyof typeof operations)[])(
  'A login and %s at the same moment leave a whole person with nothing of before, or nobody',
  async (operation) => {
    await s.beside({}, async (second) => {
      for (const [early, late] of [0, 6, 12, 18, 24, 30].map((ms) => [30 - ms, ms])) {
        const extraData = { bio: [{ value: 'of before', siteId: site }] };
        const { externalId, at } = await s.person({ at: { [site]: 'member' }, extraData });
        const visitor = aVisitor();
        const flow = {
          apiUrl: second,
          oauthUrl: s.world.oauth.url,
          siteId: site,
          redirectUrl: 'https://city.example/',
        };
        const digest = await upToDigest(visitor, flow, externalId);

        const [login, gone] = await Promise.all([
          pause(late).then(() => visitor.open(digest)),
          pause(early).then(() => operations[operation](at[site] ?? 0)),
        ]);

        expect(gone.status).toBe(200);
        expect([302, 403, 503]).toContain(login.status);
        const rowsNow = () =>
          s.world.container.database.select(
            sql`SELECT ${raw('u.*')} FROM users u JOIN civitas_persons p ON p.id = u.personId WHERE p.externalId = ${String(externalId)}`,
          );
        // A removal that was slow is finished by the outbox.
        await until(
          'a whole person, or nobody',
          async () => (await rowsNow()).length === (s.there(externalId) === undefined ? 0 : 1),
        );
        const rows = await rowsNow();
        expect(JSON.stringify(rows)).not.toContain('of before');
        const orphans = await s.world.container.database.select(
          sql`SELECT s.userId FROM civitas_sessions s LEFT JOIN users u ON u.id = s.userId WHERE u.id IS NULL OR u.anonymizedAt IS NOT NULL`,
        );
        expect(orphans).toEqual([]);
      }
    });
  },
  60_000,
);
