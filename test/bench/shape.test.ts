import { shapeOf } from './city/shape.ts';

const size = { users: 1000, sites: 7, big: 50, votes: 1000, seed: 1 };
const shape = shapeOf(size);
const users = Array.from({ length: shape.users }, (_none, index) => index + 1);

test('every user stands at one place of one site, and is found there', () => {
  for (const user of users) expect(shape.userAt(shape.siteOfUser(user), shape.placeOfUser(user))).toBe(user);
});

test('the sites have together as many users as the city, and share them evenly', () => {
  const sites = Array.from({ length: shape.sites }, (_none, index) => shape.usersAt(index + 1));
  expect(sites.reduce((sum, n) => sum + n, 0)).toBe(shape.users);
  expect(Math.max(...sites.slice(0, 7)) - Math.min(...sites.slice(0, 7))).toBeLessThanOrEqual(1);
});

test('nobody stands twice at a site, and a third of the people of ordinary sites are on several', () => {
  const sitesOf = new Map<number, number[]>();
  for (const user of users.slice(0, size.users))
    sitesOf.set(shape.personOfUser(user), [...(sitesOf.get(shape.personOfUser(user)) ?? []), shape.siteOfUser(user)]);
  const people = [...sitesOf.values()];
  expect(people.every((sites) => new Set(sites).size === sites.length)).toBe(true);
  expect(people.filter((sites) => sites.length > 1).length / people.length).toBeCloseTo(1 / 3, 2);
  expect(new Set(users.map(shape.personOfUser)).size).toBe(shape.persons);
  expect(Math.max(...users.map(shape.personOfUser))).toBe(shape.persons);
});

test('every idea of a site is that site’s', () => {
  for (let site = 1; site <= shape.sites; site += 1)
    for (let place = 0; place < shape.ideasAt(site); place += 1) {
      const idea = shape.ideaAt(site, place);
      expect([shape.siteOfIdea(idea), idea <= shape.ideas]).toEqual([site, true]);
    }
});
