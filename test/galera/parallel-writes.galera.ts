import { wrongCounts } from '../../src/db/users/words-and-counts.ts';
import type { Somebody } from '../journeys/sentences/support/people.ts';
import { user } from '../journeys/sentences/support/world.ts';
import type { Answer } from '../support/recorded-world.ts';
import { startInstances, type Instances } from './support/instances.ts';

/**
 * Three instances, each at a node of its own, and all nodes write: what two of them change at once is found out when they commit, and
 * the one that came later is undone and run again. Source: docs/adr/0002.
 */
const sites = [11, 12, 13] as const;
const many = 20;
let all: Instances;
beforeAll(async () => {
  all = await startInstances({ 11: {}, 12: {}, 13: {} });
});
afterAll(() => all.close());

const somebody = (): Promise<Somebody> => all.s.person({ at: { 11: 'member', 12: 'member', 13: 'member' } });
const people = async (): Promise<readonly Somebody[]> => {
  const made: Somebody[] = [];
  for (let index = 0; index < many; index += 1) made.push(await somebody());
  await all.cluster.inSync();
  return made;
};
/** One after the other through each instance. */
const put = (index: number, path: string, body?: unknown): Promise<Answer> =>
  all.calls[index % all.calls.length]!('admin', 'PUT', path, body);
/** Done, or told to come back: nothing else. */
const statuses = (answers: readonly Answer[]): readonly number[] =>
  answers.map(({ status, headers, text }) => {
    if (status !== 200 && (status !== 503 || headers.get('retry-after') === null)) throw new Error(`${status} ${text}`);
    return status;
  });
const rowsOf = async ({ at }: Somebody) => {
  await all.cluster.inSync();
  return Promise.all(sites.map((site) => all.s.row(at[site]!)));
};
afterEach(async () => {
  await all.s.emptyOutbox();
  await all.cluster.inSync();
  expect(await wrongCounts(all.s.world.container.database)).toEqual([]);
});

test('twenty changes of one person: each that was told as done is done, and all rows say what the OAuth server says', async () => {
  const person = await somebody();
  await all.cluster.inSync();
  const answers = await Promise.all(
    Array.from({ length: many }, (_none, index) => {
      const site = sites[index % sites.length]!;
      return put(index, user(site, person.at[site]!), { firstName: `Naam${index}` });
    }),
  );

  expect(statuses(answers)).toContain(200);
  await all.s.emptyOutbox();
  const there = all.s.there(person.externalId)?.firstName;
  expect((await rowsOf(person)).map((row) => row?.firstName)).toEqual([there, there, there]);
});

test('changes of twenty people at the same sites', async () => {
  const persons = await people();
  const answers = await Promise.all(
    persons.map(({ at }, index) => put(index, user(11, at[11]!), { firstName: `Naam${index}` })),
  );

  expect(statuses(answers)).toContain(200);
  for (const [index, { status }] of answers.entries())
    if (status === 200)
      expect((await rowsOf(persons[index]!)).map((row) => row?.firstName)).toEqual(Array(3).fill(`Naam${index}`));
});

test('twenty people are anonymized everywhere at once: wholly or not at all, and removed once each', async () => {
  const persons = await people();
  const before = all.s.world.oauth.proxy.calls(/\/delete$|^DELETE /);
  const answers = await Promise.all(persons.map(({ at }, index) => put(index, `${user(11, at[11]!)}/do-anonymizeall`)));

  const done = persons.filter((_person, index) => statuses(answers)[index] === 200);
  expect(done.length).toBeGreaterThan(0);
  await all.s.emptyOutbox();
  for (const person of persons) {
    const isDone = done.includes(person);
    expect((await rowsOf(person)).map((row) => row?.anonymizedAt !== null)).toEqual([isDone, isDone, isDone]);
    expect(all.s.there(person.externalId) === undefined).toBe(isDone);
  }
  expect(all.s.world.oauth.proxy.calls(/\/delete$|^DELETE /) - before).toBe(done.length);
});
