import type { DemoWorld } from '../../seeds/demo-world.ts';
import { activityTypes } from '../activity-types/index.ts';
import type { Site } from '../domain/sites/site.ts';
import type { Database } from '../db/index.ts';
import { fillWords } from '../db/users/words-and-counts.ts';

/**
 * Makes the demo world in an empty database; leaves a filled one alone, also where somebody added sites or gave one another
 * domain; throws when it holds only others. Inside a transaction.
 */
export const fillWorld = async (database: Database, world: DemoWorld, issuer: string): Promise<void> => {
  const { rows } = database;
  const present = await rows.sites.findAll({ attributes: ['domain'], raw: true, limit: 1000 });
  if (present.length > 0) {
    const ours = new Set<unknown>(world.sites.map(({ domain }) => domain));
    if (present.some((site) => ours.has((site as unknown as { domain: unknown }).domain))) return;
    throw new Error('this database holds other sites and none of the demo world: the demo does not touch it');
  }
  const first = world.users[0]?.createdAt ?? new Date(0);
  await rows.sites.bulkCreate(world.sites.map(siteRow));
  await rows.persons.bulkCreate(
    world.persons.map((person) => ({
      ...person,
      issuer,
      state: 'active',
      createdByUs: true,
      fetchedAt: null,
      createdAt: first,
    })),
  );
  await rows.users.bulkCreate(world.users.map((user) => ({ ...user })));
  await rows.userCounts.bulkCreate(countsOf(world));
  await fillWords(database);
  // Ideas come first in the list: others stand under them.
  for (const { plural } of activityTypes) await rows[plural].bulkCreate([...world[plural]]);
};

const siteRow = ({
  id,
  name,
  title,
  domain,
  areaId,
  rawConfig,
  createdAt,
  updatedAt,
}: Site): Record<string, unknown> => ({
  id,
  name,
  title,
  domain,
  areaId,
  config: rawConfig,
  hostStatus: {},
  createdAt,
  updatedAt,
  deletedAt: null,
});

const countsOf = ({ users }: DemoWorld): { siteId: number; listableByRole: string; n: number }[] => {
  const classes = users.map(({ siteId, listableByRole }) => `${siteId ?? 0}/${listableByRole ?? 'none'}`);
  return [...new Set(classes)].map((one) => {
    const [siteId = '', listableByRole = ''] = one.split('/');
    return { siteId: Number(siteId), listableByRole, n: classes.filter((other) => other === one).length };
  });
};
