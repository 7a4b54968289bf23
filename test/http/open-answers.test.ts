import { openAnswers } from '../../src/http/rate-limits/open-answers.ts';

test('a site has two hundred answers under way for strangers, and as many for people who were verified', () => {
  const begin = openAnswers();
  const of = (at: number, isVerified: boolean) => ({ site: '11', caller: `${isVerified} ${at % 50}`, isVerified });
  const ends = Array.from({ length: 200 }, (_none, at) => begin(of(at, false)));
  expect(() => begin({ site: '11', caller: 'another' })).toThrow(expect.objectContaining({ code: 'busy' }));
  begin({ site: '12', caller: 'another' });
  for (let at = 0; at < 200; at += 1) begin(of(at, true));
  expect(() => begin({ site: '11', caller: 'another', isVerified: true })).toThrow('Others');
  for (const end of ends) end();
  for (let at = 0; at < 200; at += 1) begin(of(at, false));
});

test('of one caller twenty are under way, at whatever sites', () => {
  const begin = openAnswers();
  const ends = Array.from({ length: 20 }, (_none, at) => begin({ site: String(at), caller: 'one' }));
  expect(() => begin({ site: '30', caller: 'one' })).toThrow(expect.objectContaining({ code: 'too-many-requests' }));
  ends[0]?.();
  begin({ site: '30', caller: 'one' });
});
