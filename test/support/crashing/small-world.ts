import type { Container } from '../../../src/container.ts';
import type { ClientSpec, PersonSpec } from '../../../src/demo/oauth-server/index.ts';
import type { JsonObject } from '../../../src/domain/json.ts';
import { mirrored } from '../../../src/domain/people/mirror.ts';
import type { Profile } from '../../../src/domain/people/oauth-profile.ts';
import { aDay, aNewRow, anArgument, anIdea, aSite, aUser, aVote } from '../builders.ts';

/** Somebody with a row at each of these sites; all of them members. */
export interface Inhabitant {
  readonly externalId: number;
  readonly siteIds: readonly number[];
}
export interface RowAt {
  readonly id: number;
  readonly siteId: number;
}
/** Rows by external id. */
export type Settled = ReadonlyMap<number, readonly RowAt[]>;

/** Has contributions of their own to which the others' hang; nobody in these tests touches them. */
export const bystander: Inhabitant = { externalId: 99, siteIds: [1, 2, 3] };
export const adminId = 1;
const siteIds = [1, 2, 3] as const;

export const clients: readonly ClientSpec[] = siteIds.map((id) => ({
  id,
  clientId: `client-${id}`,
  clientSecret: `secret-${id}`,
}));
export const mailOf = (externalId: number): string => `person${externalId}@example.org`;

/** The inhabitants as the OAuth server knows them. */
export const peopleThere = (inhabitants: readonly Inhabitant[]): readonly PersonSpec[] =>
  inhabitants.map((one) => {
    const { externalId, ...person } = profileOf(one);
    return { id: Number(externalId), ...person } as PersonSpec;
  });

/** The inhabitants as an empty database should know them: rows that mirror their profile, and contributions at each site. */
export const settle = async (
  { ports, database }: Container,
  oauthUrl: string,
  inhabitants: readonly Inhabitant[],
): Promise<Settled> => {
  const sites = siteIds.map((id) => aSite({ id, config: configOf(id, oauthUrl) }));
  await database.rows.sites.bulkCreate(
    sites.map(({ id, name, title, domain, rawConfig }) => {
      const dates = { createdAt: aDay, updatedAt: aDay, deletedAt: null };
      return { id, name, title, domain, config: rawConfig, hostStatus: {}, areaId: null, ...dates };
    }),
  );
  return ports.inOneTransaction(async () => {
    await ports.users.insert(aNewRow({ siteId: 1, role: 'admin', email: 'admin@example.org' }));
    const settled = new Map<number, readonly RowAt[]>();
    for (const one of inhabitants) {
      const person = await ports.persons.ensure(oauthUrl, String(one.externalId), true);
      const rows: RowAt[] = [];
      for (const site of sites.filter(({ id }) => one.siteIds.includes(id))) {
        const blank = aUser({ siteId: site.id, person, personId: person.id, externalUserId: one.externalId });
        const row = mirrored(blank, profileOf(one), site, `client-${site.id}`);
        rows.push({ siteId: site.id, id: await ports.users.insert(row) });
      }
      settled.set(one.externalId, rows);
    }
    await contribute(database, settled);
    return settled;
  });
};

const profileOf = ({ externalId, siteIds: at }: Inhabitant): Profile => ({
  externalId: String(externalId),
  email: mailOf(externalId),
  firstName: 'Noor',
  lastName: `van ${externalId}`,
  city: 'Utrecht',
  extraData: {
    bio: ['Overal', ...at.map((siteId) => ({ value: `Op ${siteId}`, siteId }))],
    shared: 'Gedeeld',
  },
  roles: Object.fromEntries(at.map((siteId) => [`client-${siteId}`, 'member' as const])),
});

const configOf = (id: number, oauthUrl: string): JsonObject => ({
  oauth: {
    default: {
      'auth-server-url': oauthUrl,
      'auth-client-id': `client-${id}`,
      'auth-client-secret': `secret-${id}`,
    },
  },
  allowedDomains: ['city.example'],
  users: { canCreateNewUsers: true },
  votes: { isActive: id !== 3, isViewable: true },
  // One has ended: it can be anonymized as a whole.
  project: { projectHasEnded: id === 3 },
});

/** Of each row: two votes (one of them soft-deleted), an argument with a reply, and at their first site an idea that others discuss. */
const contribute = async ({ rows }: Container['database'], settled: Settled): Promise<void> => {
  const theirs = settled.get(bystander.externalId) ?? [];
  const ideas = theirs.map((row) => anIdea({ id: row.siteId, userId: row.id, siteId: row.siteId }));
  const others = [...settled].filter(([externalId]) => externalId !== bystander.externalId).map(([, own]) => own);
  let lastId = 1000;
  const next = (): number => (lastId += 1);
  const own = others.flatMap(([first]) =>
    first === undefined ? [] : [anIdea({ id: next(), userId: first.id, siteId: first.siteId })],
  );
  const at = (siteId: number): number => theirs.find((row) => row.siteId === siteId)?.id ?? adminId;
  const said = others.flat().map((row) => anArgument({ id: next(), userId: row.id, ideaId: row.siteId }));
  const replies = said.map((one) =>
    anArgument({ id: next(), userId: at(Number(one['ideaId'])), ideaId: Number(one['ideaId']), parentId: one.id }),
  );
  const votes = others
    .flat()
    .flatMap((row) => [
      aVote({ id: next(), userId: row.id, ideaId: row.siteId }),
      aVote({ id: next(), userId: row.id, ideaId: row.siteId, deletedAt: aDay }),
    ]);
  const ofOthers = own.flatMap((idea) => {
    const userId = at(Number(idea['siteId']));
    return {
      vote: aVote({ id: next(), userId, ideaId: idea.id }),
      argument: anArgument({ id: next(), userId, ideaId: idea.id }),
    };
  });
  await rows.ideas.bulkCreate([...ideas, ...own]);
  await rows.arguments.bulkCreate([...said, ...ofOthers.map(({ argument }) => argument)]);
  await rows.arguments.bulkCreate(replies);
  await rows.votes.bulkCreate([...votes, ...ofOthers.map(({ vote }) => vote)]);
};
