import { seeded } from '../../support/seeded.ts';
import { profileOf, rareBearers, rareName } from './names.ts';
import type { Shape } from './shape.ts';

/** What stands in a column; dates are written by whoever knows the database. */
export type Cell = string | number | null | Date;
export type Row = Readonly<Record<string, Cell>>;
/** The rows of a table, by number from 1. */
export interface Rows {
  readonly table: string;
  readonly count: number;
  readonly row: (number: number) => Row;
}

/** The issuer of everybody in the city; where its server really listens is said to the API as the internal address. */
export const issuer = 'https://oauth.bench.example';

const longAgo = new Date('2024-03-01T09:00:00.000Z');
export const dates = { createdAt: longAgo, updatedAt: longAgo };
const published = { ...dates, startDate: longAgo, sort: 1, status: 'OPEN', extraData: '{}' };

/** All rows of a city, in the order in which its tables refer to each other. */
export const rowsOf = (shape: Shape, now: Date): readonly Rows[] => [
  { table: 'sites', count: shape.sites, row: siteRow },
  { table: 'civitas_persons', count: shape.persons, row: (id) => personRow(id, now) },
  { table: 'users', count: shape.users, row: (id) => userRow(id, shape) },
  { table: 'ideas', count: shape.ideas, row: (id) => ideaRow(id, shape) },
  { table: 'articles', count: shape.articles, row: (id) => articleRow(id, shape) },
  { table: 'arguments', count: shape.arguments, row: (id) => argumentRow(id, shape) },
  { table: 'votes', count: shape.size.votes, row: (id) => voteRow(id, shape) },
];

const config = JSON.stringify({
  votes: { isActive: true, isViewable: true },
  users: { extraData: { wijk: { auth: { viewableBy: 'all' } } } },
});
const siteRow = (id: number): Row => ({
  id,
  name: `wijk-${id}`,
  title: `Plannen voor wijk ${id}`,
  domain: `wijk-${id}.bench.example`,
  config,
  hostStatus: '{}',
  ...dates,
});

/** Decimal, as OpenStad's are, and apart from the ids of persons. */
const externalIdOf = (person: number): number => 1_000_000_000 + person;

export const personRow = (id: number, now: Date): Row => ({
  id,
  issuer,
  externalId: String(externalIdOf(id)),
  fetchedAt: now,
  state: 'active',
  createdByUs: 1,
  version: 0,
  createdAt: longAgo,
});

const userRow = (id: number, shape: Shape): Row => {
  const person = shape.personOfUser(id);
  const chance = seeded(id ^ shape.size.seed);
  const audience = chance.below(10);
  const rare = shape.placeOfUser(id) < rareBearers ? { lastName: rareName } : {};
  return {
    ...memberRow(id, shape.siteOfUser(id), person, shape.size.seed),
    ...rare,
    role: chance.below(500) === 0 ? 'moderator' : 'member',
    listableByRole: audience < 6 ? null : audience < 9 ? 'all' : 'member',
  };
};

/** Somebody with everything that a profile holds. */
export const memberRow = (id: number, siteId: number, person: number, seed: number): Row => ({
  id,
  siteId,
  personId: person,
  slot: 0,
  externalUserId: externalIdOf(person),
  role: 'member',
  complete: 1,
  extraData: JSON.stringify({ wijk: `Wijk ${siteId}`, bio: 'Woont hier al jaren en denkt graag mee.' }),
  ...profileOf(person, seed),
  listableByRole: null,
  lastLogin: longAgo,
  ...dates,
});

const someUser = (shape: Shape, site: number, number: number): number => {
  const there = shape.usersAt(site);
  return there === 0 ? 1 : shape.userAt(site, seeded(number ^ shape.size.seed).below(there));
};

const ideaRow = (id: number, shape: Shape): Row => {
  const siteId = shape.siteOfIdea(id);
  return ownIdeaRow(id, siteId, someUser(shape, siteId, id));
};
export const ownIdeaRow = (id: number, siteId: number, userId: number): Row => ({
  id,
  siteId,
  userId,
  title: `Plan ${id}: meer groen aan de gracht`,
  summary: 'Bomen, banken en een plek om te zitten.',
  description: '<p>Zet <b>bomen</b> en banken langs het water. Dan is er schaduw, en een plek om te zitten.</p>',
  viewableByRole: 'all',
  publishDate: longAgo,
  ...published,
});

const articleRow = (id: number, shape: Shape): Row => {
  const siteId = ((id - 1) % shape.size.sites) + 1;
  return ownArticleRow(id, siteId, someUser(shape, siteId, id));
};
export const ownArticleRow = (id: number, siteId: number, userId: number): Row => ({
  id,
  siteId,
  userId,
  title: `Artikel ${id}`,
  summary: 'Wat er gebeurde.',
  description: '<p>Wat er die dag in de wijk gebeurde, en wie erbij was.</p>',
  ...published,
});

const argumentRow = (id: number, shape: Shape): Row => {
  const siteId = ((id - 1) % shape.size.sites) + 1;
  const idea = shape.ideaAt(siteId, seeded(id).below(shape.ideasAt(siteId)));
  return ownArgumentRow(id, idea, someUser(shape, siteId, id));
};
export const ownArgumentRow = (id: number, ideaId: number, userId: number): Row => ({
  id,
  ideaId,
  userId,
  sentiment: 'for',
  description: 'Omdat het de buurt mooier maakt, en koeler in de zomer.',
  ...dates,
});

const voteRow = (id: number, shape: Shape): Row => {
  const user = ((id - 1) % Math.max(1, shape.size.users)) + 1;
  const siteId = shape.siteOfUser(user);
  const there = shape.ideasAt(siteId);
  // Each vote of somebody is for another idea, until they have voted for all.
  const place = (user + Math.floor((id - 1) / Math.max(1, shape.size.users))) % there;
  return ownVoteRow(id, shape.ideaAt(siteId, place), user);
};
export const ownVoteRow = (id: number, ideaId: number, userId: number): Row => ({
  id,
  ideaId,
  userId,
  ip: '192.0.2.7',
  opinion: 'yes',
  ...dates,
});
