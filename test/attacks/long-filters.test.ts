import { startSentences, users, type SentenceWorld } from '../journeys/sentences/support/world.ts';

/**
 * Whoever filters by thousands of values. A list of them stands in the statement once for each index that is walked, and SQLite binds no
 * more than 32,766 values to one: 9,900 of them in a filter of people were a 500, and so were 4,000 small ones in a moderator's list.
 */
const ours = 11;
let s: SentenceWorld;
const people: Partial<Record<'admin' | 'editor' | 'moderator' | 'member', number>> = {};
beforeAll(async () => {
  s = await startSentences({ [ours]: {} });
  for (const role of ['admin', 'editor', 'moderator', 'member'] as const)
    people[role] = (await s.person({ at: { [ours]: role } })).at[ours]!;
});
afterAll(() => s.close());

const listed = async (who: number, filter: string) => {
  // Commas as they are: else the address would be too long for its head.
  const { status, body } = await s.get(who, `${users(ours)}?page=0&filter=${encodeURI(filter)}`);
  return [status, body.metadata?.totalCount] as readonly unknown[];
};
const planned = async (filter: object) => {
  const { status, body } = await s.post(people.admin!, '/api/anonymization-run', { siteId: ours, filter });
  return [status, body.planned] as readonly unknown[];
};
const others = (length: number) => Array.from({ length }, (_none, at) => 10_000_000 + at);

describe('a filter of people', () => {
  it('is answered with as many values as a body may hold', async () => {
    expect(await planned({ id: [...others(9_980), people.member] })).toEqual([201, 1]);
    expect(await planned({ email: others(9_980).map((n) => `${n}@example.org`) })).toEqual([422, undefined]);
  });

  it('is answered where many fields have some hundreds each', async () => {
    const texts = ['firstName', 'lastName', 'phoneNumber', 'streetName', 'houseNumber', 'postcode', 'city', 'suffix'];
    const filter = Object.fromEntries([...texts, 'email'].map((field) => [field, others(1_025).map(String)]));
    expect(await planned({ ...filter, id: others(513) })).toEqual([422, undefined]);
  });
});

describe('a filter of a list', () => {
  it.each(['editor', 'moderator', 'member'] as const)(
    'is answered with all that an address may hold: %s',
    async (role) => {
      const id = people[role]!;
      const filter = `{"id":[${'7,'.repeat(4_080)}${id}]}`;
      expect(filter.length).toBeLessThanOrEqual(8192);
      expect(await listed(id, filter)).toEqual([200, 1]);
    },
  );

  it('is answered with as many different values', async () => {
    const filter = `{"id":{"!=":[${Array.from({ length: 1_600 }, (_none, at) => at + 5_000).join(',')}]}}`;
    expect(await listed(people.moderator!, filter)).toEqual([400, undefined]);
    const some = `{"id":[${[...Array.from({ length: 1_600 }, (_none, at) => at + 5_000), people.moderator].join(',')}]}`;
    expect(await listed(people.moderator!, some)).toEqual([200, 1]);
  });
});
