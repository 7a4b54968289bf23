import { sql } from '../../src/db/sql.ts';
import { openstadApi, type OpenstadApi } from '../support/openstad-api.ts';
import { aVisitor, logInAs } from '../support/visitor.ts';
import type { Somebody } from './sentences/support/people.ts';
import { refusal, startSentences, user, users, type SentenceWorld } from './sentences/support/world.ts';

/** running.md, "Adopting": an OpenStad API beside us makes rows by its own logins and POSTs, with nothing of ours in them. */
let s: SentenceWorld;
let openstad: OpenstadApi;
const [site, other] = [8, 9];
const config = { allowedDomains: ['city.example', '127.0.0.1'] };
beforeAll(async () => {
  s = await startSentences({ [site]: { config }, [other]: { config } });
  openstad = openstadApi(s.world.container.database);
});
afterAll(() => s.close());

const anew = { 'cache-control': 'no-cache' };
/** Somebody who is known to us at `here`, and whose row at `site` an OpenStad API made. */
const madePastUs = async (here: readonly number[] = []): Promise<Somebody & { readonly made: number }> => {
  const one = await s.person({ at: Object.fromEntries(here.map((id) => [id, 'member' as const])) });
  const made = await openstad.create({ siteId: site, externalUserId: one.externalId, email: one.email });
  return { ...one, made };
};
const rowsOf = ({ externalId }: Somebody) =>
  s.world.container.database.select(
    sql`SELECT id, siteId, personId, slot FROM users WHERE externalUserId = ${externalId} ORDER BY id`,
  );

describe('a user whom an OpenStad API beside us made', () => {
  test('has one row, not two, after they log in with us, too', async () => {
    const one = await madePastUs();
    const flow = {
      apiUrl: s.world.url,
      oauthUrl: s.world.oauth.url,
      siteId: site,
      redirectUrl: 'https://city.example/',
    };
    const done = await logInAs(aVisitor(), { ...flow, more: '' }, one.externalId);

    expect(done.status).toBe(302);
    expect(await rowsOf(one)).toEqual([{ id: one.made, siteId: site, personId: expect.any(Number), slot: 0 }]);
    const me = await s.get(null, `/oauth/site/${site}/me`, { authorization: `Bearer ${done.token}` });
    expect(me.body.id).toBe(one.made);
  });

  test('is removed at the OAuth server when do-anonymizeall, do-anonymize or DELETE takes their last row', async () => {
    for (const operation of [
      (path: string) => s.put('admin', `${path}/do-anonymizeall`),
      (path: string) => s.put('admin', `${path}/do-anonymize`),
      (path: string) => s.remove('admin', path),
    ]) {
      const one = await madePastUs();
      const done = await operation(user(site, one.made));

      expect([done.status, done.headers.get('x-oauth-removal')]).toEqual([200, 'done']);
      expect(s.there(one.externalId)).toBeUndefined();
    }
  });

  test('is part of the person: all rows go by do-anonymizeall from any site, and its preview shows them', async () => {
    const one = await madePastUs([other]);
    const path = user(other, one.at[other] ?? 0);
    const preview = await s.get('admin', `${path}/will-anonymizeall`);
    expect((preview.body.users as readonly { id: number }[]).map(({ id }) => id).sort()).toEqual(
      [one.at[other], one.made].sort(),
    );

    const done = await s.put('admin', `${path}/do-anonymizeall`);

    expect([done.status, done.headers.get('x-oauth-removal')]).toEqual([200, 'done']);
    expect(await s.row(one.made)).toMatchObject({ email: null, firstName: 'Gebruiker', role: 'anonymous' });
  });

  test('keeps the person at the OAuth server when the row that we knew goes', async () => {
    const one = await madePastUs([other]);
    const done = await s.remove('admin', user(other, one.at[other] ?? 0));

    expect([done.status, done.headers.get('x-oauth-removal')]).toEqual([200, 'kept;reason=rows-elsewhere']);
    expect(s.there(one.externalId)).toBeDefined();
  });

  test('is refreshed by a fresh view, and written at the OAuth server by PUT', async () => {
    const one = await madePastUs();
    expect((await s.get('admin', user(site, one.made), anew)).body).toMatchObject({ lastName: 'van Dijk' });
    expect((await s.put('admin', user(site, one.made), { city: 'Delft' })).status).toBe(200);
    expect(s.there(one.externalId)?.city).toBe('Delft');
  });

  test('cannot be added a second time: 409, and nothing is made', async () => {
    const one = await madePastUs();
    expect(refusal(await s.post('admin', users(site), { email: one.email }))).toEqual([409, 'already-at-this-site']);
    expect(await rowsOf(one)).toHaveLength(1);
  });
});
