import { backOfficeOf } from '../journeys/sentences/support/back-office.ts';
import type { Somebody } from '../journeys/sentences/support/people.ts';
import { startSentences, type SentenceWorld } from '../journeys/sentences/support/world.ts';

/** Two admins, each of one site, put together all that the audit tells them: nothing says which rows are one person. */
let s: SentenceWorld;
beforeAll(async () => {
  s = await startSentences({ 8: {}, 9: { client: 8 } });
});
afterAll(() => s.close());

interface Entry {
  readonly at: string;
  readonly userId: number;
  readonly call: string;
  readonly actor: object;
  readonly outcome: object | null;
}
const listOf = async (admin: number | undefined): Promise<readonly Entry[]> => {
  const { body, status } = await s.get(admin ?? 0, '/api/audit?pageSize=100');
  expect(status).toBe(200);
  return body.records as readonly Entry[];
};

test('looks of a back office at several people are not told apart, nor joined', async () => {
  const office = await backOfficeOf(s, [8, 9]);
  const [one, other] = [await s.person({ at: { 8: 'admin' } }), await s.person({ at: { 9: 'admin' } })];
  // The last that was made is the first that is looked at: an order of looks would be another than that of ids.
  const people: Somebody[] = [];
  for (let index = 0; index < 4; index += 1) people.push(await s.person({ at: { 8: 'member', 9: 'member' } }));
  for (const { externalId } of [people[2], people[0], people[3], people[1]].flatMap((person) => person ?? []))
    expect((await office.call('admin', 'GET', `/api/v1/users/${externalId}/export`)).status).toBe(200);

  const [at8, at9] = [await listOf(one.at[8]), await listOf(other.at[9])];
  const ids = (site: number) => people.map(({ at }) => at[site] ?? 0).sort((a, b) => b - a);
  expect(at8.map(({ userId }) => userId)).toEqual(ids(8));
  expect(at9.map(({ userId }) => userId)).toEqual(ids(9));
  // Each entry is the same as every other, but for the row.
  const without = (entries: readonly Entry[]) =>
    new Set(entries.map((entry) => JSON.stringify({ ...entry, userId: 'a row' })));
  expect(without(at8).size).toBe(1);
  expect(without(at9).size).toBe(1);
});

test('what was done to a person at both sites says at neither who did it elsewhere, and gives no name that both have', async () => {
  const [one, other] = [await s.person({ at: { 8: 'admin' } }), await s.person({ at: { 9: 'admin' } })];
  const person = await s.person({ at: { 8: 'member', 9: 'member' } });
  // By the person, through their row at site 8.
  expect((await s.put(person.at[8] ?? 0, `/api/site/8/user/${person.at[8] ?? 0}/do-anonymizeall`)).status).toBe(200);

  const [here] = (await listOf(one.at[8])).filter(({ userId }) => userId === person.at[8]);
  const [there] = (await listOf(other.at[9])).filter(({ userId }) => userId === person.at[9]);
  expect(here?.actor).toEqual({ kind: 'owner', id: person.at[8] });
  expect(there?.actor).toEqual({ kind: 'owner' });
  for (const entry of [here, there]) {
    expect(entry?.at).toMatch(/:\d\d\.000Z$/);
    expect(Object.keys(entry ?? {}).sort()).toEqual(
      ['actor', 'at', 'call', 'counts', 'disposition', 'outcome', 'siteId', 'userId'].sort(),
    );
    expect(JSON.stringify(entry)).not.toContain('reason');
  }
});

test('of somebody who was added and never came nothing of the OAuth server is told, at any site', async () => {
  const [one, other] = [await s.person({ at: { 8: 'admin' } }), await s.person({ at: { 9: 'admin' } })];
  const person = await s.person({ at: { 8: 'member', 9: 'member' } });
  await s.touch('users', person.at[8] ?? 0, { profileWithheld: true });
  expect((await s.put('admin', `/api/site/9/user/${person.at[9] ?? 0}/do-anonymizeall`)).status).toBe(200);

  const told = [...(await listOf(one.at[8])), ...(await listOf(other.at[9]))].filter(({ userId }) =>
    Object.values(person.at).includes(userId),
  );
  expect(told.map(({ outcome }) => outcome)).toEqual([null, null]);
  for (const removal of ['none', 'pending', 'removed', 'kept', 'unknown']) {
    const { body } = await s.get(one.at[8] ?? 0, `/api/audit?outcome=${removal}&pageSize=100`);
    expect((body.records as readonly Entry[]).map(({ userId }) => userId)).not.toContain(person.at[8]);
  }
});
