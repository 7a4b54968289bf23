import { openAnswers } from '../../src/http/rate-limits/open-answers.ts';

/** Whoever waits for room for a large answer is one of thousands, perhaps. Source: user-api.md §3 "Few at once". */
const reader = { isSlow: () => false, hangUp: () => undefined };
const at = (site: string, caller = site) => ({ site, caller, isVerified: true });
/** Places of the process, those for the next line among them. */
const places = 660;
const fill = async (begin: ReturnType<typeof openAnswers>) =>
  Promise.all(Array.from({ length: places }, (_none, index) => begin(at(`site ${index}`), reader)));

test('all five thousand who waited were gone through whenever an answer ended', async () => {
  const begin = openAnswers(1);
  const open = await fill(begin);
  const [callers, ofEach, ends] = [50, 100, 20];
  const waiting = Array.from({ length: callers * ofEach }, (_none, index) =>
    begin(at(`other ${index % callers}`), reader),
  );
  const looks = jest.spyOn(Map.prototype, 'get');
  for (const end of open.slice(0, ends)) end();
  const looked = looks.mock.calls.length;
  looks.mockRestore();
  const settled = await Promise.allSettled(waiting);
  expect(settled.filter(({ status }) => status === 'fulfilled')).toHaveLength(ends);
  expect(looked).toBeLessThan(ends * waiting.length);
});

test('of those who wait alike whoever came first is let in first, and nobody twice before others', async () => {
  const begin = openAnswers(1);
  const open = await fill(begin);
  const begun: string[] = [];
  const wait = async (name: string, caller: string) => {
    await begin(at(caller), reader);
    begun.push(name);
  };
  const waiting = [wait('a1', 'a'), wait('a2', 'a'), wait('b1', 'b'), wait('c1', 'c'), wait('b2', 'b')];
  for (const end of open.slice(0, 3)) end();
  await Promise.allSettled(waiting);
  expect(begun).toEqual(['a1', 'b1', 'c1']);
});
