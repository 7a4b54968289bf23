import type { PersonFactsStore } from '../../src/ports/people.ts';
import { forgetFacts } from '../../src/use-cases/anonymization/execute-plan.ts';
import { aPerson, aUser } from '../support/builders.ts';

/** retention.md: what clients kept of somebody goes with their last row at the clients' sites. */
const person = aPerson();
const row = (id: number, siteId: number | null) => aUser({ id, siteId, person });

/** What the store is asked to remove when these rows of the person go. */
const removedWhen = async (goneIds: readonly number[], rows = [row(1, 8), row(2, 9), row(3, 9), row(4, null)]) => {
  const asked: unknown[] = [];
  const removeOfPerson: PersonFactsStore['removeOfPerson'] = (_personId, which) => {
    asked.push(which);
    return Promise.resolve();
  };
  const facts = { removeOfPerson } as unknown as PersonFactsStore;
  await forgetFacts(
    { facts },
    { person, rows },
    rows.filter(({ id }) => goneIds.includes(id)),
  );
  return asked;
};

test('nothing is asked while they stay at each site at which rows go', async () => {
  expect([await removedWhen([2]), await removedWhen([])]).toEqual([[], []]);
});

test('a site at which they stay no more is named, with those at which they stay', async () => {
  expect(await removedWhen([1])).toEqual([{ stayingAt: [9], goneFrom: [8] }]);
  expect(await removedWhen([1, 2])).toEqual([{ stayingAt: [9], goneFrom: [8, 9] }]);
});

test('everything goes with the last row that counts, which may stand at no site', async () => {
  expect(await removedWhen([1, 2, 3, 4])).toEqual([{ stayingAt: [], goneFrom: 'everywhere' }]);
  expect(await removedWhen([4], [row(4, null)])).toEqual([{ stayingAt: [], goneFrom: 'everywhere' }]);
});
