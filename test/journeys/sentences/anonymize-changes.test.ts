import { sql } from '../../../src/db/sql.ts';
import { longAgo, type NewPerson, type Somebody } from './support/people.ts';
import { each, idsIn, startSentences, user, type Headers, type SentenceWorld, type Who } from './support/world.ts';

/** people.md §2: what it would look like. */
const [voting, named, neighbour] = [11, 12, 13] as const;
let s: SentenceWorld;
beforeAll(async () => {
  s = await startSentences({
    [voting]: { config: { votes: { isActive: true } } },
    [named]: {
      config: {
        users: {
          anonymize: { firstName: 'Iemand', lastName: 'van vroeger' },
          extraData: { geheim: { auth: { viewableBy: ['admin'] } }, open: {} },
        },
      },
    },
    [neighbour]: {},
  });
});
afterAll(() => s.close());

interface Change {
  readonly field: string;
  readonly key?: string;
  readonly before: unknown;
  readonly after: unknown;
}
const somebody = (more: Partial<NewPerson> = {}) =>
  s.person({ at: { [named]: 'member', [voting]: 'member' }, ...more });
const changes = (who: Who, one: Somebody, verb: string, site: number = named, headers?: Headers) => {
  const path = `${user(site, one.at[site]!)}/${verb}?view=changes`;
  return verb.startsWith('will') ? s.get(who, path, headers) : s.put(who, path, {}, headers);
};
const changed = (
  body: { readonly rows: { readonly first: readonly { readonly changes: readonly Change[] }[] } },
  at = 0,
) =>
  new Map(
    body.rows.first[at]!.changes.map(({ field, key, before, after }) => [
      key === undefined ? field : `${field}.${key}`,
      [before, after],
    ]),
  );
const site = (id: number) => ({ id, title: `Site ${id}` });
const none = { number: 0, first: [] };

describe('?view=changes', () => {
  test('shows beside the summary what changes in each row, what stays under which name, and which votes go and stay', async () => {
    const one = await somebody();
    const other = await somebody();
    const [here, there] = [one.at[named]!, one.at[voting]!];
    const theirs = await s.idea({ siteId: voting, userId: other.at[voting]!, title: 'Een brug' });
    const plan = await s.idea({ siteId: named, userId: here, title: 'Een <plein> & meer' });
    const article = await s.article({ siteId: voting, userId: there, title: 'Verslag' });
    const argument = await s.argument({ ideaId: theirs, userId: there });
    const goes = await s.vote({ ideaId: theirs, userId: there });
    const stays = await s.vote({ ideaId: plan, userId: here });
    await s.idea({ siteId: named, userId: here, title: 'Weg', deletedAt: longAgo });

    const summary = await s.get('admin', `${user(named, here)}/will-anonymizeall?view=summary`);
    const { body, headers } = await changes('admin', one, 'will-anonymizeall');

    const { oauth, rows, stays: standing, votes, ...counted } = body;
    expect({ ...counted, oauth: 'removed' }).toEqual(summary.body);
    expect(headers.get('etag')).toBe(summary.headers.get('etag'));
    expect(oauth).toEqual({ fate: 'removed', sentence: expect.stringContaining('is removed at the OAuth server') });
    expect([rows.number, idsIn(rows.first), each(rows.first, 'site')]).toEqual([
      2,
      [there, here],
      [site(voting), site(named)],
    ]);
    const shownAs = 'Iemand van vroeger';
    expect(standing).toEqual({
      ideas: { number: 1, first: [{ id: plan, site: site(named), title: 'Een <plein> & meer', shownAs }] },
      articles: {
        number: 1,
        first: [{ id: article, site: site(voting), title: 'Verslag', shownAs: 'Gebruiker verwijderd' }],
      },
      arguments: {
        number: 1,
        first: [
          {
            id: argument,
            site: site(voting),
            idea: { id: theirs, title: 'Een brug' },
            shownAs: 'Gebruiker verwijderd',
          },
        ],
      },
    });
    expect(votes).toEqual({
      stays: {
        number: 1,
        first: [{ id: stays, site: site(named), idea: { id: plan, title: 'Een <plein> & meer' } }],
      },
      goes: { number: 1, first: [{ id: goes, site: site(voting), idea: { id: theirs, title: 'Een brug' } }] },
    });
  });

  test('names each field that changes, as it is and as it will be: afterwards the row is so', async () => {
    const one = await somebody({ extraData: { open: 'ja', geheim: { diep: [1] } }, columns: { lastLogin: longAgo } });
    const before = await s.get('admin', user(named, one.at[named]!));
    const { body } = await changes('admin', one, 'will-anonymize');
    const told = changed(body);
    expect([told.get('lastName'), told.get('displayName'), told.get('role'), told.get('lastLogin')]).toEqual([
      ['van Dijk', 'van vroeger'],
      ['Noor van Dijk', 'Iemand van vroeger'],
      ['member', 'anonymous'],
      [longAgo.toISOString(), '1970-01-01T00:00:00.000Z'],
    ]);
    expect([told.get('extraData.open'), told.get('extraData.geheim')]).toEqual([
      ['ja', null],
      [{ diep: [1] }, null],
    ]);
    for (const moment of ['updatedAt', 'anonymizedAt', 'createdAt', 'id', 'complete'])
      expect(told.has(moment)).toBe(false);

    const done = await changes('admin', one, 'do-anonymize');
    expect([done.status, done.body]).toEqual([200, body]);

    const after = await s.get('admin', user(named, one.at[named]!));
    for (const field of Object.keys(before.body)) {
      if (['extraData', 'updatedAt', 'anonymizedAt', 'site'].includes(field)) continue;
      const [was, is] = told.get(field) ?? [before.body[field], before.body[field]];
      expect([field, was, is]).toEqual([field, before.body[field], after.body[field]]);
    }
    expect(after.body.extraData).toEqual({});
  });

  test('leaves out what the actor does not see, and its number: details that are hidden, and keys of others', async () => {
    const secret = { firstName: 'Geheim', lastName: 'Leven', phoneNumber: '0699999999' };
    const one = await somebody({
      profile: secret,
      columns: { detailsViewableByRole: 'admin' },
      extraData: { open: 'ja', geheim: 'nee', anders: 'stil' },
    });
    const poor = await somebody({ columns: { detailsViewableByRole: 'admin', phoneNumber: null, city: null } });
    const moderator = (await s.person({ at: { [named]: 'moderator' } })).at[named]!;

    const [{ body, text }, ofPoor] = [
      await changes(moderator, one, 'will-anonymize'),
      await changes(moderator, poor, 'will-anonymize'),
    ];

    expect([...changed(body).keys()].sort()).toEqual(['displayName', 'extraData.open', 'initials']);
    expect([...changed(ofPoor.body).keys()].sort()).toEqual(['displayName', 'initials']);
    expect(text).not.toMatch(/0699999999|stil|nee|phoneNumber|anders|email/);
    const admin = (await s.person({ at: { [named]: 'admin' } })).at[named]!;
    expect([...changed((await changes(admin, one, 'will-anonymize')).body).keys()]).toEqual(
      expect.arrayContaining(['phoneNumber', 'extraData.geheim', 'extraData.anders', 'externalUserId']),
    );
  });

  test('of a moderator says nothing of a row that goes along elsewhere, nor counts it or what it contributed', async () => {
    const one = await s.person({ at: { [named]: 'member', [neighbour]: 'member' } });
    const moderator = (await s.person({ at: { [named]: 'moderator' } })).at[named]!;
    const idea = await s.idea({ siteId: neighbour, userId: one.at[neighbour]!, title: 'Stil idee' });
    await s.vote({ ideaId: idea, userId: one.at[neighbour]! });
    await s.touch('users', one.at[neighbour]!, { deletedAt: longAgo });

    const theirs = await changes(moderator, one, 'will-anonymize');
    const whole = await changes('admin', one, 'will-anonymize');

    expect([theirs.body.rows.number, idsIn(theirs.body.rows.first)]).toEqual([1, [one.at[named]]]);
    expect([theirs.body.stays, theirs.body.votes]).toEqual([
      { ideas: none, articles: none, arguments: none },
      { stays: none, goes: none },
    ]);
    expect(theirs.text).not.toContain('Stil idee');
    expect([whole.body.rows.number, whole.body.stays.ideas.number, whole.body.votes.stays.number]).toEqual([2, 1, 1]);
    expect(whole.body.digest).toBe(theirs.body.digest);
    const done = await changes(moderator, one, 'do-anonymize');
    expect([done.status, done.body]).toEqual([200, theirs.body]);
    expect((await s.row(one.at[neighbour]!))?.anonymizedAt).not.toBeNull();
  });

  test('does not say what becomes of somebody who was added and never logged in', async () => {
    const moderator = (await s.person({ at: { [named]: 'moderator' } })).at[named]!;
    const one = await s.person({ at: { [named]: 'member' }, columns: { profileWithheld: true } });
    expect((await changes(moderator, one, 'will-anonymize')).body.oauth).toEqual({ fate: null, sentence: null });
    expect((await changes('admin', one, 'will-anonymize')).body.oauth.fate).toBe('removed');
    const two = await somebody();
    expect((await changes('admin', two, 'will-anonymize')).body.oauth.fate).toBe('kept');
  });

  test('names no idea that was deleted, and shows the first hundred of each kind, by id, with their number', async () => {
    const one = await s.person({ at: { [named]: 'member' } });
    const userId = one.at[named]!;
    const ids: number[] = [];
    for (let n = 0; n < 102; n += 1) ids.push(await s.idea({ siteId: named, userId }));
    const gone = await s.idea({ siteId: named, userId, title: 'Verborgen', deletedAt: longAgo });
    await s.argument({ ideaId: gone, userId });

    const { body, text } = await changes('admin', one, 'will-anonymize');

    expect(body.stays.ideas.number).toBe(102);
    expect(idsIn(body.stays.ideas.first)).toEqual(ids.slice(0, 100));
    expect(body.stays.arguments.first).toMatchObject([{ idea: null }]);
    expect(text).not.toContain('Verborgen');
  });

  test('keeps the digits of a number that no double holds', async () => {
    const id = await s.extraRow({ siteId: named });
    await s.world.container.database.change(
      sql`UPDATE users SET extraData = ${'{"open":12345678901234567890}'} WHERE id = ${id}`,
    );
    const answer = await s.get('admin', `${user(named, id)}/will-anonymize?view=changes`);
    expect(answer.text).toContain('{"field":"extraData","key":"open","before":12345678901234567890,"after":null}');
  });

  test('is for who may anonymize; is bound by If-Match; a repeat under the same key answers the summary', async () => {
    const one = await somebody();
    expect((await changes(null, one, 'will-anonymize')).status).toBe(401);
    expect((await changes((await somebody()).at[named]!, one, 'will-anonymize')).status).toBe(403);
    const will = await changes('admin', one, 'will-anonymize');
    await s.idea({ siteId: named, userId: one.at[named]! });
    const bound = { 'if-match': will.headers.get('etag')! };
    const refused = await changes('admin', one, 'do-anonymize', named, bound);
    expect([refused.status, refused.body.current.digest === will.body.digest, refused.body.current.rows]).toEqual([
      412,
      false,
      undefined,
    ]);
    expect((await s.row(one.at[named]!))?.anonymizedAt).toBeNull();

    const key = { 'idempotency-key': 'zaak-1' };
    const first = await changes('admin', one, 'do-anonymize', named, key);
    const again = await changes('admin', one, 'do-anonymize', named, key);
    const { digest, users, sites, oauth } = first.body;
    expect([again.status, again.headers.get('idempotency-replayed'), again.body]).toEqual([
      200,
      'true',
      { digest, users, sites, oauth: oauth.fate },
    ]);
    const nothing = await changes('admin', one, 'do-anonymize');
    expect([nothing.body.rows, nothing.body.stays.ideas, nothing.body.oauth.fate]).toEqual([none, none, 'kept']);
  });

  test('takes only… as the others do', async () => {
    const one = await somebody();
    const path = `${user(named, one.at[named]!)}/will-anonymizeall?view=changes&onlySiteIds=${voting}`;
    const { body } = await s.get('admin', path);
    expect(idsIn(body.rows.first)).toEqual([one.at[voting]]);
  });
});
