import type { Somebody } from '../journeys/sentences/support/people.ts';
import { user } from '../journeys/sentences/support/world.ts';
import type { Answer } from '../support/recorded-world.ts';
import { startInstances, type Instances } from './support/instances.ts';
import { mustHold } from './support/promises.ts';
import { writings } from './support/proxies.ts';

/**
 * Three instances write the same at once. Where each writes at a node of its own, what two of them change is found out when they commit, and
 * the one that came later is undone and run again. Source: docs/adr/0002.
 */
const sites = [11, 12, 13] as const;
const many = 20;
const config = { votes: { isActive: true } };

describe.each(writings)('writing nodes: %s', (writing) => {
  let all: Instances;
  beforeAll(async () => {
    all = await startInstances(writing, { 11: { config }, 12: { config }, 13: { config } });
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
  const isDone = ({ status }: Answer): boolean => status === 200;
  const rowsOf = async ({ at }: Somebody) => {
    await all.cluster.inSync();
    return Promise.all(sites.map((site) => all.s.row(at[site]!)));
  };

  test('twenty changes of one person: each that was told as done is done, and all rows say what the OAuth server says', async () => {
    const person = await somebody();
    await all.cluster.inSync();
    const answers = await Promise.all(
      Array.from({ length: many }, (_none, index) => {
        const site = sites[index % sites.length]!;
        return put(index, user(site, person.at[site]!), { firstName: `Naam${index}` });
      }),
    );

    expect(answers.filter(isDone)).not.toEqual([]);
    await all.s.emptyOutbox();
    const there = all.s.there(person.externalId)?.firstName;
    expect((await rowsOf(person)).map((row) => row?.firstName)).toEqual([there, there, there]);
    await mustHold(all, { scenario: '20 changes of one person at once', gone: [], there: [person] });
  });

  test('changes of twenty people at the same sites', async () => {
    const persons = await people();
    const answers = await Promise.all(
      persons.map(({ at }, index) => put(index, user(11, at[11]!), { firstName: `Naam${index}` })),
    );

    expect(answers.filter(isDone)).not.toEqual([]);
    for (const [index, answer] of answers.entries())
      if (isDone(answer))
        expect((await rowsOf(persons[index]!)).map((row) => row?.firstName)).toEqual(Array(3).fill(`Naam${index}`));
    await mustHold(all, { scenario: 'changes of 20 people at once', gone: [], there: persons });
  });

  test('twenty people are anonymized everywhere at once: wholly or not at all, and removed once each', async () => {
    const persons = await people();
    for (const { at } of persons) await all.s.vote({ userId: at[12]!, ideaId: 1 });
    const answers = await Promise.all(
      persons.map(({ at }, index) => put(index, `${user(11, at[11]!)}/do-anonymizeall`)),
    );

    const gone = persons.filter((_person, index) => isDone(answers[index]!));
    expect(gone).not.toEqual([]);
    const there = persons.filter((person) => !gone.includes(person));
    await mustHold(all, { scenario: '20 people anonymized at once', gone, there });
  });

  test('the last two rows of a person are anonymized at once: both are told, and the person is removed once', async () => {
    const persons: Somebody[] = [];
    for (let index = 0; index < many; index += 1)
      persons.push(await all.s.person({ at: { 11: 'member', 12: 'member' } }));
    await all.cluster.inSync();
    const gone: Somebody[] = [];
    for (const person of persons) {
      const { at } = person;
      const answers = await Promise.all([
        put(0, `${user(11, at[11]!)}/do-anonymize`),
        put(1, `${user(12, at[12]!)}/do-anonymize`),
      ]);
      if (answers.every(isDone)) gone.push(person);
    }

    expect(gone.length).toBeGreaterThan(many / 2);
    await mustHold(all, { scenario: 'last two rows of 20 people, both at once', gone });
  });
});
