import { openAnswers } from '../../src/http/rate-limits/open-answers.ts';

const soonMs = 5;

test('a site has two hundred answers under way for strangers, and as many for people who were verified', async () => {
  const begin = openAnswers(soonMs);
  const of = (at: number, isVerified: boolean) => ({ site: '11', caller: `${isVerified} ${at % 50}`, isVerified });
  const ends = await Promise.all(Array.from({ length: 200 }, (_none, at) => begin(of(at, false))));
  await expect(begin({ site: '11', caller: 'another' })).rejects.toMatchObject({ code: 'busy' });
  await begin({ site: '12', caller: 'another' });
  for (let at = 0; at < 200; at += 1) await begin(of(at, true));
  await expect(begin({ site: '11', caller: 'another', isVerified: true })).rejects.toThrow('Others');
  for (const end of ends) end();
  for (let at = 0; at < 200; at += 1) await begin(of(at, false));
});

test('of one caller twenty are under way, at whatever sites', async () => {
  const begin = openAnswers(soonMs);
  const ends = await Promise.all(Array.from({ length: 20 }, (_none, at) => begin({ site: String(at), caller: 'one' })));
  await expect(begin({ site: '30', caller: 'one' })).rejects.toMatchObject({ code: 'too-many-requests' });
  ends[0]?.();
  await begin({ site: '30', caller: 'one' });
});

test('who reads what they ask for has as many as they like: the next waits for the one before', async () => {
  const begin = openAnswers(300_000);
  const all = Array.from({ length: 100 }, async (_none, at) => {
    const end = await begin({ site: '11', caller: 'a page’s server' });
    await new Promise(setImmediate);
    end();
    return at;
  });

  expect(await Promise.all(all)).toHaveLength(100);
});

test('a hundred wait: the next is told at once', async () => {
  const begin = openAnswers(300_000);
  const ends = await Promise.all(Array.from({ length: 20 }, () => begin({ site: '11', caller: 'one' })));
  const waiting = Array.from({ length: 100 }, () => begin({ site: '11', caller: 'one' }));
  await expect(begin({ site: '11', caller: 'one' })).rejects.toMatchObject({ code: 'too-many-requests' });
  for (const end of ends) end();
  for (const begun of waiting) (await begun)();
});
