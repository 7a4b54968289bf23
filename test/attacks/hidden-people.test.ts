import { backOfficeOf } from '../journeys/sentences/support/back-office.ts';
import {
  asQuery,
  idsIn,
  startSentences,
  user,
  users,
  type SentenceWorld,
} from '../journeys/sentences/support/world.ts';

/** Visitors and members look for people whom a site hides, and for who an anonymized user was elsewhere. */
const [open, hidden] = [11, 12] as const;
let s: SentenceWorld;
beforeAll(async () => {
  s = await startSentences({ [open]: {}, [hidden]: { config: { users: { viewableByRole: 'moderator' } } } });
});
afterAll(() => s.close());
const listed = { listableByRole: 'all', firstName: 'Geheimvoornaam' } as const;

describe('people of a site that hides them', () => {
  test('were in its lists for everybody, though each of them is 404', async () => {
    const somebody = await s.person({ at: { [hidden]: 'member' }, columns: listed });
    const member = (await s.person({ at: { [hidden]: 'member' } })).at[hidden]!;
    for (const [who, own] of [
      [null, []],
      [member, [member]],
    ] as const) {
      expect((await s.get(who, user(hidden, somebody.at[hidden]!))).status).toBe(404);
      expect(idsIn((await s.get(who, users(hidden))).body)).toEqual(own);
      for (const more of [{}, { filter: { id: { '!=': 1 } } }, { sort: 'createdAt_desc' }]) {
        const { body } = await s.get(who, `${users(hidden)}?${asQuery({ page: 0, ...more })}`);
        expect([idsIn(body.records), body.metadata.totalCount]).toEqual([own, own.length]);
      }
      const found = await s.get(who, `${users(hidden)}?page=0&q=geheimv`);
      expect([found.body.records, found.body.metadata.totalCount]).toEqual([[], 0]);
    }
    const moderator = (await s.person({ at: { [hidden]: 'moderator' } })).at[hidden]!;
    expect(idsIn((await s.get(moderator, users(hidden))).body)).toContain(somebody.at[hidden]);
  });

  test('were in the list of a back office that sees what visitors see', async () => {
    const somebody = await s.person({ at: { [hidden]: 'member' }, columns: listed });
    const office = await backOfficeOf(s, [hidden]);
    expect((await office.call('public', 'GET', '/api/v1/users')).body.data).toEqual([]);
    const whole = await office.call('authentication', 'GET', '/api/v1/users?per_page=100');
    expect(idsIn(whole.body.data)).toContain(somebody.at[hidden]);
  });
});

test('the rows of somebody who is anonymized everywhere were joined by one moment: others are told the day', async () => {
  const [one, two] = [11, 1] as const;
  const somebody = await s.person({ at: { [one]: 'member', [two]: 'member' } });
  const member = (await s.person({ at: { [one]: 'member' } })).at[one]!;
  expect((await s.put('admin', `${user(one, somebody.at[one]!)}/do-anonymizeall?view=summary`)).status).toBe(200);
  for (const site of [one, two]) {
    const moment = (await s.row(somebody.at[site]!))!.updatedAt.toISOString();
    for (const who of [null, member]) {
      const { status, body } = await s.get(who, user(site, somebody.at[site]!));
      expect([status, body.updatedAt]).toEqual([200, `${moment.slice(0, 10)}T00:00:00.000Z`]);
    }
    expect((await s.get('moderator', user(site, somebody.at[site]!))).body.updatedAt).toBe(moment);
  }
});
