import type { Site } from '../../domain/sites/site.ts';
import { Fault } from '../../domain/fault.ts';
import { siteNamed } from '../../http/where.ts';
import type { Ports } from '../../ports/index.ts';
import { CommandFailed } from '../endings.ts';
import type { UserName } from '../words.ts';

/** Whom a command means: the row of a user, and its site. Faults `site-not-found`, `user-not-found`. */
export const userNamed = async (
  { sites, users }: Pick<Ports, 'sites' | 'users'>,
  { site: name, userId }: UserName,
): Promise<{ readonly site: Site; readonly userId: number }> => {
  if (name !== null) return { site: (await siteNamed(name, sites)) ?? noSuchSite(name), userId };
  const row = (await users.actorRows(userId, null)).rows.find(({ id }) => id === userId);
  if (row === undefined) throw new Fault('user-not-found', {}, `There is no user ${userId}.`);
  if (row.siteId === null) throw new CommandFailed(`User ${userId} stands at no site: give the row one first.`);
  return { site: (await sites.byId(row.siteId)) ?? noSuchSite(String(row.siteId)), userId };
};

const noSuchSite = (name: string): never => {
  throw new Fault('site-not-found', {}, `There is no site ${name}.`);
};

/** As it can be typed again. */
export const nameOfUser = (siteId: number | null, userId: number | null): string => `${siteId ?? '–'}/${userId ?? '–'}`;
