import type { PersonSpec } from '../../../src/demo/oauth-server/index.ts';
import type { Database } from '../../../src/db/database.ts';
import { numberOf } from '../../../src/db/rows/values.ts';
import { raw } from '../../../src/db/sql.ts';
import { insertAll } from './bulk.ts';
import { makeDerived } from './derived.ts';
import { profileOf } from './names.ts';
import { memberRow, ownArgumentRow, ownArticleRow, ownIdeaRow, ownVoteRow, personRow, type Row } from './rows.ts';
import type { Shape } from './shape.ts';

/** Somebody that a benchmark needs: made anew for each run, as some of them are gone after it. */
export interface Player {
  readonly personId: number;
  readonly externalId: number;
  readonly rows: readonly { readonly id: number; readonly siteId: number }[];
}
export interface Role {
  readonly role?: 'admin' | 'editor' | 'moderator' | 'member';
  /** One row at each. */
  readonly sites: readonly number[];
  /** What each row has contributed. */
  readonly items?: Items;
}
export interface Items {
  readonly ideas: number;
  readonly articles: number;
  readonly arguments: number;
  readonly votes: number;
}
export interface Troupe {
  readonly players: readonly Player[];
  /** As the OAuth server knows them. */
  readonly people: readonly PersonSpec[];
}
export const oauthClient = { id: 1, clientId: 'bench', clientSecret: 'bench-secret' };

/** Makes these people and what they contributed, with ids after everybody's, and counts anew. */
export const makeCast = async (database: Database, shape: Shape, roles: readonly Role[]): Promise<Troupe> => {
  const next = await nextIds(database);
  const nextExternalId = await externalIdsFrom(database);
  const { seed } = shape.size;
  const players = roles.map(({ sites }): Player => {
    const personId = next('civitas_persons');
    return {
      personId,
      externalId: nextExternalId(),
      rows: sites.map((siteId) => ({ id: next('users'), siteId })),
    };
  });
  const each = players.flatMap((player, index) =>
    player.rows.map(({ id, siteId }) => ({ id, siteId, player, ...(roles[index] ?? { sites: [] }) })),
  );
  const now = new Date();
  await insertAll(
    database,
    'civitas_persons',
    players.map(({ personId, externalId }) => ({ ...personRow(personId, now), externalId: String(externalId) })),
  );
  await insertAll(
    database,
    'users',
    each.map(({ id, siteId, player: { personId, externalId: externalUserId }, role = 'member' }) => ({
      ...{ ...memberRow(id, siteId, personId, seed), externalUserId, role },
    })),
  );
  const made = (
    kind: keyof Items,
    row: (id: number, by: (typeof each)[number], index: number) => Row,
  ): readonly Row[] =>
    each.flatMap((by) => Array.from({ length: by.items?.[kind] ?? 0 }, (_none, index) => row(next(kind), by, index)));
  const idea = (siteId: number, index: number): number => shape.ideaAt(siteId, index % shape.ideasAt(siteId));
  await insertAll(
    database,
    'ideas',
    made('ideas', (id, { siteId, id: userId }) => ownIdeaRow(id, siteId, userId)),
  );
  await insertAll(
    database,
    'articles',
    made('articles', (id, by) => ownArticleRow(id, by.siteId, by.id)),
  );
  await insertAll(
    database,
    'arguments',
    made('arguments', (id, by, index) => ownArgumentRow(id, idea(by.siteId, index), by.id)),
  );
  await insertAll(
    database,
    'votes',
    made('votes', (id, by, index) => ownVoteRow(id, idea(by.siteId, index), by.id)),
  );
  await makeDerived(database);
  return { players, people: players.map(({ personId, externalId }) => personAtServer(personId, externalId, seed)) };
};

const personAtServer = (personId: number, externalId: number, seed: number): PersonSpec => ({
  id: externalId,
  ...profileOf(personId, seed),
  extraData: { bio: 'Woont hier al jaren en denkt graag mee.' },
  roles: { [oauthClient.clientId]: 'member' },
});

type Table = 'civitas_persons' | 'users' | keyof Items;
const tables: readonly Table[] = ['civitas_persons', 'users', 'ideas', 'articles', 'arguments', 'votes'];

/** Of nobody in this city, nor of anybody whom an earlier run removed: their tombstones stay. So they move on with the clock. */
const externalIdsFrom = async ({ select }: Database): Promise<() => number> => {
  const [row] = await select(raw('SELECT COALESCE(MAX(externalUserId), 0) AS id FROM users'));
  const byClock = 1_200_000_000 + (Math.floor((Date.now() / 1000) * 20) % 900_000_000);
  let last = Math.max(numberOf(row?.['id']) ?? 0, byClock);
  return () => (last += 1);
};

const nextIds = async ({ select }: Database): Promise<(table: Table) => number> => {
  const last = new Map<Table, number>();
  for (const table of tables) {
    const [row] = await select(raw(`SELECT COALESCE(MAX(id), 0) AS id FROM \`${table}\``));
    last.set(table, numberOf(row?.['id']) ?? 0);
  }
  return (table) => {
    const id = (last.get(table) ?? 0) + 1;
    last.set(table, id);
    return id;
  };
};
