import { nextTurn } from '../../src/platform/clock.ts';
import { turns, type Asker } from '../../src/platform/turns.ts';

const settings = { places: 1, maxOfCaller: 20, maxOfSite: 250 };
const long = 60_000;
const moderator = (site: string): Asker => ({ site, caller: 'user 7', isVerified: true });
const stranger = (at: number, site: string): Asker => ({ site, caller: `address ${at}` });

/** Lets in one after the other; answers whom, in order. */
const line = (said = {}) => {
  const { take } = turns({ ...settings, ...said });
  const served: string[] = [];
  const waits = async (asker: Asker): Promise<void> => {
    const giveBack = await take(asker, long);
    served.push(asker.caller);
    await nextTurn();
    giveBack();
  };
  return { waits, served, take };
};

test('one address that asks about twenty sites stands in the lines of four', async () => {
  const { waits, served } = line();
  const all = Array.from({ length: 20 }, (_none, site) => waits(stranger(1, String(site))));
  await Promise.all([...all, waits(moderator('30'))]);
  // The first has begun, and one of each line is before them.
  expect(served.indexOf('user 7')).toBeLessThanOrEqual(5);
});

test('who asks about a quiet site does not wait behind what others of their address want of a crowded one', async () => {
  const { waits, served } = line();
  const all = Array.from({ length: 200 }, (_none, at) => waits(stranger(at % 20, '11')));
  const theirs = waits({ site: '12', caller: 'address 1' }).then(() => served.length);
  expect(await theirs).toBeLessThan(10);
  await Promise.all(all);
});

test('and what waits of it is counted at all of them', async () => {
  const { waits } = line();
  const all = Array.from({ length: 21 }, (_none, site) => waits(stranger(1, String(site))));
  await expect(waits(stranger(1, '40'))).rejects.toMatchObject({ isOwn: true });
  await Promise.all(all);
});

test('addresses at one site have one turn together, as ever', async () => {
  const { waits, served } = line();
  const all = Array.from({ length: 20 }, (_none, at) => waits(stranger(at, '11')));
  await Promise.all([...all, waits({ site: '12', caller: 'address 99' })]);
  expect(served.indexOf('address 99')).toBeLessThanOrEqual(2);
});

test('a person who has logged in at twenty sites stands in the lines of four', async () => {
  const { waits, served } = line();
  const person = (site: number): Asker => ({ site: String(site), caller: 'person 1', isVerified: true });
  const all = Array.from({ length: 20 }, (_none, site) => waits(person(site)));
  await Promise.all([...all, waits(moderator('30'))]);
  expect(served.indexOf('user 7')).toBeLessThanOrEqual(5);
});

test('and what one site does in their name keeps them from nothing at another', async () => {
  const { waits, served } = line({ ofEach: 1 });
  const person = (site: string): Asker => ({ site, caller: 'person 1', isVerified: true });
  const all = Array.from({ length: 20 }, () => waits(person('11')));
  const before = waits(person('12')).then(() => served.length);
  expect(await before).toBeLessThan(5);
  await Promise.all(all);
});

test('strangers who fill the line of a site keep nobody of it out, nor before themselves', async () => {
  const { waits, served } = line();
  const all = Array.from({ length: 251 }, (_none, at) => waits(stranger(at, '11')));
  await expect(waits(stranger(300, '11'))).rejects.toMatchObject({ isOwn: false });
  await Promise.all([...all, waits(moderator('11'))]);
  expect(served.indexOf('user 7')).toBeLessThanOrEqual(2);
});

test('who has nothing waiting comes into a full line, and whoever has most there loses what they asked for last', async () => {
  const { waits, served } = line({ maxOfCaller: 200 });
  const waiting = (at: number, count: number) => Array.from({ length: count }, () => waits(stranger(at, '11')));
  // One of them has begun.
  const [most, fewer] = [waiting(1, 151), waiting(2, 100)];
  const newcomer = waits(stranger(3, '11'));
  await expect(most.pop()).rejects.toMatchObject({ isOwn: true });
  await expect(waits(stranger(1, '11'))).rejects.toMatchObject({ isOwn: false });
  await newcomer;
  expect(served.length).toBeLessThanOrEqual(6);
  await Promise.all([...most, ...fewer]);
});

test('many who were verified at a site stand before none of its staff', async () => {
  const { waits, served } = line();
  const all = Array.from({ length: 250 }, (_none, at) =>
    waits({ site: '11', caller: `person ${at}`, isVerified: true }),
  );
  await Promise.all([...all, waits({ ...moderator('11'), isStaff: true })]);
  expect(served.indexOf('user 7')).toBeLessThanOrEqual(2);
});

const program = (site: string): Asker => ({ site, caller: 'user 2', isVerified: true, servesAll: true });

test('a program that is busy at one site keeps nobody from those that it serves elsewhere', async () => {
  const { waits, served } = line();
  const all = Array.from({ length: 20 }, () => waits(program('11')));
  const before = waits(program('12')).then(() => served.length);
  expect(await before).toBeLessThan(5);
  await Promise.all(all);
});

test('nor is it before everybody with a hundred sites that it asks about', async () => {
  const { waits, served } = line();
  const all = Array.from({ length: 100 }, (_none, site) => waits(program(String(site))));
  await Promise.all([...all, waits(moderator('300'))]);
  expect(served.indexOf('user 7')).toBeLessThanOrEqual(11);
});

test('programs, people and strangers of one site keep each other out of nothing', async () => {
  const { waits, served } = line({ maxOfSite: 20 });
  const all = Array.from({ length: 21 }, (_none, at) => waits({ ...program('11'), caller: `user ${at + 20}` }));
  await expect(waits({ ...program('11'), caller: 'user 60' })).rejects.toMatchObject({ isOwn: false });
  await Promise.all([...all, waits(moderator('11')), waits(stranger(1, '11'))]);
  expect(served.indexOf('user 7')).toBeLessThanOrEqual(3);
});

test('whoever asks at one site, together they have no more than is theirs, and others come before who waits there', async () => {
  const { take, spare } = turns({ ...settings, places: 3, ofEach: 2, ofSite: 2 });
  const member = (at: number): Asker => ({ site: '11', caller: `user ${at}`, isVerified: true });
  const taken = [await take(member(1), long), await take(stranger(2, '11'), long)];
  expect(spare(member(3))).toBeNull();
  const served: string[] = [];
  const waits = async (asker: Asker): Promise<void> => {
    const giveBack = await take(asker, long);
    served.push(asker.site);
    giveBack();
  };
  const waiting = [waits(member(3)), waits(member(4))];
  await waits(moderator('12'));
  expect(served).toEqual(['12']);
  for (const giveBack of taken) giveBack();
  await Promise.all(waiting);
  expect(served).toEqual(['12', '11', '11']);
});

test('who waits in vain for a turn of their site is told that it is others who are in the way', async () => {
  const { take } = turns({ ...settings, places: 3, ofEach: 2, ofSite: 2 });
  const all = [await take(stranger(1, '11'), long), await take(stranger(2, '11'), long)];
  await expect(take(moderator('11'), 1)).rejects.toMatchObject({ isOwn: false });
  for (const giveBack of all) giveBack();
});
