import { isBeyond, isPlatformAdmin, roleAt, type Actor } from '../../domain/actor.ts';
import { Fault } from '../../domain/fault.ts';
import { refuse, sitesAsAdmin } from '../../domain/refusals.ts';
import type { Ports } from '../../ports/index.ts';
import type { AnonymizationRun, ListedRun, PeopleRun, PlannedFor, RunAsker } from '../../ports/runs.ts';
import { nameOf, type ActorName } from '../actor-now.ts';

/**
 * A run goes on when the request is long over, so it remembers who asked: a user, and whether their token held everywhere, or they asked at
 * the console, and how far that reached; or an operator.
 */
export const inTheNameOf = (actor: Actor): RunAsker => {
  const name = nameOf(actor) ?? refuse(actor, 'admin-needed');
  if ('operator' in name) return { actorId: 0, everywhere: true, operator: name.operator };
  const asker = { actorId: name.userId, everywhere: name.reach === 'everywhere', operator: null };
  return name.reach === 'rows' ? { ...asker, atConsole: name.siteIds ?? true } : asker;
};

/** Who asks for a run over a whole site: a user. Fault `conflict` (rule `needs-a-user`) for an operator. */
export const userAsking = (actor: Actor): RunAsker => {
  const asker = inTheNameOf(actor);
  if (asker.operator === null) return asker;
  throw new Fault(
    'conflict',
    { rule: 'needs-a-user' },
    'A run over a whole site goes on in the name of a user: begin or resume it with a token.',
  );
};

/** Whom to ask for again when the run goes on. */
export const askerName = ({ actorId, everywhere, operator, atConsole }: RunAsker): ActorName => {
  if (operator !== null) return { operator };
  if (everywhere) return { userId: actorId, reach: 'everywhere' };
  if (atConsole === undefined) return { userId: actorId, reach: 'one-site' };
  return { userId: actorId, reach: 'rows', ...(atConsole === true ? {} : { siteIds: atConsole }) };
};

/** Who resumed it is not: only the right to have it go on is theirs. At the console one is whoever one is at each site. */
const isPlanner = (actor: Actor, { planner, siteIds }: Pick<PeopleRun, 'planner' | 'siteIds'>): boolean => {
  const asker = inTheNameOf(actor);
  if (planner.operator !== asker.operator || planner.everywhere !== asker.everywhere) return false;
  // A login that reaches some of its sites only goes on with nothing at the others.
  const isReached = siteIds === 'all' || siteIds.every((siteId) => !isBeyond(actor, siteId));
  if (asker.atConsole !== undefined) return actor.rowIds.includes(planner.actorId) && isReached;
  return planner.actorId === asker.actorId && planner.atConsole === undefined;
};

/** Whether the digest and the ticket of a run are this actor's to know: of a run over a whole site all its admins', of a list its planner's. */
export const isOwnRun = (actor: Actor, run: ListedRun): boolean =>
  run.kind === 'site' || isPlatformAdmin(actor) || isPlanner(actor, run);

/** Who planned a list starts it: by their rights it was planned. What reaches the whole platform is any platform admin's to start. */
export const mayStart = (actor: Actor, run: ListedRun): boolean =>
  run.kind === 'site' || isPlanner(actor, run) || (run.siteIds === 'all' && isPlatformAdmin(actor));

/** Where a run over a list may reach anybody, by who plans it. Faults: `forbidden` for who is admin nowhere. */
export const reachOf = (actor: Actor): Pick<PeopleRun, 'siteIds' | 'forSiteId'> => {
  const siteIds = sitesAsAdmin(actor);
  const [first = null, ...others] = siteIds === 'all' ? [] : siteIds;
  return { siteIds, forSiteId: others.length === 0 ? first : null };
};

/** With which others a list is counted, and planned one at a time. */
export const plannedFor = ({ siteIds, forSiteId }: Pick<PeopleRun, 'siteIds' | 'forSiteId'>): PlannedFor =>
  forSiteId ?? siteIds;

/** Whether whoever asked for a run may still have it go on at this site. */
export const mayStillRunAt = (actor: Actor, run: ListedRun, siteId: number): boolean => {
  if (run.kind === 'site') return roleAt(actor, siteId) === 'admin';
  if (run.siteIds === 'all') return isPlatformAdmin(actor);
  return run.siteIds.includes(siteId) && roleAt(actor, siteId) === 'admin';
};

/** Whether whoever asked for a run may still have it go on at any site at all. */
export const mayStillRun = (actor: Actor, run: ListedRun): boolean => {
  if (run.kind === 'site') return mayStillRunAt(actor, run, run.siteId);
  if (run.siteIds === 'all') return isPlatformAdmin(actor);
  return run.siteIds.some((siteId) => mayStillRunAt(actor, run, siteId));
};

/**
 * Platform admins see every run; admins of a site those over the site, and those over lists that were planned for it; and whoever is still
 * admin where they planned one, that one. Nothing tells of any other.
 */
const seesRun = (actor: Actor, run: ListedRun): boolean => {
  if (actor.client !== undefined) return false;
  if (isPlatformAdmin(actor)) return true;
  const siteId = run.kind === 'site' ? run.siteId : run.forSiteId;
  if (siteId !== null) return roleAt(actor, siteId) === 'admin';
  return run.kind === 'people' && run.siteIds !== 'all' && isPlanner(actor, run) && mayStillRun(actor, run);
};

/** The run that this actor sees under this name. Faults: `forbidden` for who is admin nowhere, `not-found`. */
export const seenRun = async ({ runs }: Pick<Ports, 'runs'>, actor: Actor, name: string): Promise<AnonymizationRun> => {
  sitesAsAdmin(actor);
  const run = await runs.named(name);
  if (run === null || !seesRun(actor, run)) throw new Fault('not-found', {}, 'There is no such anonymization run.');
  return run;
};
