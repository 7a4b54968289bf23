import { user } from '../journeys/sentences/support/world.ts';
import { startInstances, type Instances } from './support/instances.ts';

const sites = [11, 12, 13] as const;
let it3: Instances;
beforeAll(async () => {
  it3 = await startInstances({ 11: {}, 12: {}, 13: {} });
}, 120_000);
afterAll(() => it3.close());

const tally = (statuses: readonly number[]): Record<number, number> => {
  const counts: Record<number, number> = {};
  for (const status of statuses) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
};

test('twenty PUTs at once of one person, over three nodes', async () => {
  for (let round = 0; round < 3; round += 1) {
    const { at } = await it3.s.person({ at: { 11: 'member', 12: 'member', 13: 'member' } });
    await it3.cluster.inSync();
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_none, index) => {
        const site = sites[index % 3]!;
        return it3.calls[index % 3]!('admin', 'PUT', user(site, at[site]!), { firstName: `Naam${index}` });
      }),
    );
    console.log(tally(answers.map(({ status }) => status)), answers.find(({ status }) => status >= 500)?.text);
  }
});

test('twenty PUTs at once of different people, over three nodes', async () => {
  for (let round = 0; round < 3; round += 1) {
    const people = [];
    for (let index = 0; index < 20; index += 1) people.push(await it3.s.person({ at: { 11: 'member', 12: 'member' } }));
    await it3.cluster.inSync();
    const answers = await Promise.all(
      people.map(({ at }, index) =>
        it3.calls[index % 3]!('admin', 'PUT', user(11, at[11]!), { firstName: `Naam${index}` }),
      ),
    );
    console.log(
      'different',
      tally(answers.map(({ status }) => status)),
      answers.find(({ status }) => status >= 500)?.text,
    );
  }
});

test('twenty do-anonymizeall at once of different people, over three nodes', async () => {
  for (let round = 0; round < 3; round += 1) {
    const people = [];
    for (let index = 0; index < 20; index += 1) people.push(await it3.s.person({ at: { 11: 'member', 12: 'member' } }));
    await it3.cluster.inSync();
    const answers = await Promise.all(
      people.map(({ at }, index) => it3.calls[index % 3]!('admin', 'PUT', `${user(11, at[11]!)}/do-anonymizeall`)),
    );
    console.log(
      'anonymize',
      tally(answers.map(({ status }) => status)),
      answers.find(({ status }) => status >= 500)?.text,
    );
  }
});
