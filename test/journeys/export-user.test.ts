import { backOfficeOf, type BackOffice } from './sentences/support/back-office.ts';
import { startSentences, type SentenceWorld } from './sentences/support/world.ts';

/** people.md §1, `GET …/user/:id/export`. Sites 8 and 9 are one back office's, 8 alone another's. */
let s: SentenceWorld;
let [both, only8]: readonly BackOffice[] = [];
beforeAll(async () => {
  s = await startSentences({ 8: {}, 9: { client: 8 } });
  [both, only8] = [await backOfficeOf(s, [8, 9]), await backOfficeOf(s, [8])];
});
afterAll(() => s.close());

type Person = Awaited<ReturnType<SentenceWorld['person']>>;
const pathOf = ({ at }: Person, siteId: number): string => `/api/site/${siteId}/user/${at[siteId] ?? 0}/export`;
const somebody = async (): Promise<Person> => {
  const person = await s.person({ at: { 8: 'member', 9: 'member' } });
  for (const [index, office] of [both, only8].entries())
    await office?.call('admin', 'PATCH', `/api/v1/users/${person.externalId}`, { points: 10 + index });
  return person;
};
const ids = (rows: readonly { readonly id: number }[]): readonly number[] => rows.map(({ id }) => id);

describe('the export of a user', () => {
  it('gives the person what is kept at the site whose pages they use, and no more', async () => {
    const person = await somebody();
    const { status, body, headers } = await s.get(person.at[8] ?? 0, pathOf(person, 8));
    expect(status).toBe(200);
    expect(ids(body.users)).toEqual([person.at[8]]);
    expect(body.facts).toMatchObject([{ clientId: only8?.id, points: 11 }]);
    expect(Object.keys(body)).toEqual(
      expect.arrayContaining(['users', 'facts', 'ideas', 'articles', 'arguments', 'votes', 'sessions']),
    );
    expect(headers.get('content-disposition')).toBe(`attachment; filename="person-${person.at[8] ?? 0}.json"`);
    expect([headers.get('cache-control'), headers.get('x-content-type-options')]).toEqual(['no-store', 'nosniff']);
  });

  it('gives platform admins all of it, rows that were soft-deleted too', async () => {
    const person = await somebody();
    await s.touch('users', person.at[9] ?? 0, { deletedAt: new Date() });
    for (const siteId of [8, 9]) {
      const { body, status } = await s.get('admin', pathOf(person, siteId));
      expect(status).toBe(200);
      expect(ids(body.users)).toEqual([person.at[8], person.at[9]]);
      expect(body.facts).toMatchObject([
        { clientId: both?.id, points: 10 },
        { clientId: only8?.id, points: 11 },
      ]);
    }
  });

  it('is refused to everybody else alike, whether there is such a user or not', async () => {
    const person = await somebody();
    const admin = await s.person({ at: { 8: 'admin' } });
    const answers = [
      await s.get(admin.at[8] ?? 0, pathOf(person, 8)),
      await s.get(admin.at[8] ?? 0, '/api/site/8/user/99999999/export'),
      await s.get('moderator', pathOf(person, 8)),
      // The pages of one site do not get what is kept at another.
      await s.get(person.at[9] ?? 0, pathOf(person, 8)),
    ];
    for (const { status, body } of answers)
      expect([status, body.rule]).toEqual([403, 'owner-by-site-or-platform-admin']);
    expect((await s.get(null, pathOf(person, 8))).status).toBe(401);
    expect((await s.get('admin', '/api/site/8/user/99999999/export')).status).toBe(404);
    expect((await s.get('admin', `${pathOf(person, 8)}?all=1`)).status).toBe(400);
  });

  it('is a page that runs nothing for browsers, in their language, with everything escaped', async () => {
    const person = await somebody();
    await s.touch('users', person.at[8] ?? 0, { city: '<img src=x onerror=alert(1)>' });
    const page = { accept: 'text/html', 'accept-language': 'nl' };
    const { status, text, headers } = await s.get(person.at[8] ?? 0, pathOf(person, 8), page);
    expect(status).toBe(200);
    expect(headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(headers.get('content-security-policy')).toMatch(/^sandbox; default-src 'none'/);
    expect(headers.get('content-disposition')).toBe(`attachment; filename="person-${person.at[8] ?? 0}.html"`);
    expect(text).toMatch(/^<!doctype html>\n<html lang="nl">[^]*<\/html>\n$/);
    expect(text).toContain('<h2>Stemmen</h2>');
    expect(text).toContain('&lt;img src=x onerror=alert(1)&gt;');
    expect(text).not.toContain('<img');
  });

  it('keeps what turns the writing round, in a text of theirs, from turning anything else', async () => {
    const person = await somebody();
    const extraData = { one: '\u2069\u202Eno"\u005C', two: ['b', 1] };
    await s.touch('users', person.at[8] ?? 0, { extraData, city: '\u2069\u202Etown' });
    const { text } = await s.get(person.at[8] ?? 0, pathOf(person, 8), { accept: 'text/html' });
    expect(text).toContain('<td><bdi>\u2069\u202Etown</bdi></td>');
    expect(text).toContain(
      '<td>{<bdi>&quot;one&quot;</bdi>:<bdi>&quot;\u2069\u202Eno\\&quot;\\\\&quot;</bdi>,<bdi>&quot;two&quot;</bdi>:[<bdi>&quot;b&quot;</bdi>,1]}</td>',
    );
    expect(text).toContain('bdi { display: inline-block;');
  });

  it('is written into the audit before it begins, and an admin of the site reads that it was', async () => {
    const person = await somebody();
    const admin = await s.person({ at: { 8: 'admin' } });
    await s.get(person.at[8] ?? 0, pathOf(person, 8));
    const { body } = await s.get(admin.at[8] ?? 0, '/api/audit?call=export');
    expect(body.records[0]).toMatchObject({
      ...{ call: 'export', userId: person.at[8], disposition: null, outcome: null },
      actor: { kind: 'owner', id: person.at[8] },
    });
  });
});
