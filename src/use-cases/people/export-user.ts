import { isBeyond, isPlatformAdmin, type Actor } from '../../domain/actor.ts';
import { noSuchUser, refuse } from '../../domain/refusals.ts';
import type { Ports } from '../../ports/index.ts';
import { mustStillCount, type ActorNowNeeds } from '../actor-now.ts';
import { recordLook } from '../audit/record-look.ts';
import type { OneUser } from '../commands.ts';
import type { ExportOptions, ExportPart } from './commands.ts';
import { exportRows, type ExportNeeds } from './export-rows.ts';

type Needs = Pick<Ports, 'users' | 'facts'> & ActorNowNeeds & ExportNeeds & Parameters<typeof recordLook>[0];

export interface ExportUserCommand extends OneUser, ExportOptions {}

/**
 * Everything that is kept of a person (`exportRows`): to the person, through the pages of a site, that site's part; at the console, and to
 * platform admins, all of it, soft-deleted rows and those of no site too. A look in the audit comes before all of it. Faults: `forbidden`; `unauthenticated` or
 * `user-not-found` before any part, where the actor, or their row, counts no more; those of `inTurn`.
 * Source: people.md §1.
 */
export const exportUser = (ports: Needs) =>
  async function* ({
    actor,
    site,
    userId,
    tellsNothing = false,
    inTurn,
  }: ExportUserCommand): AsyncGenerator<ExportPart> {
    mayExport(actor, site.id, userId);
    const isAll = isPlatformAdmin(actor) || isOwnAtConsole(actor, userId);
    yield* exportRows(ports, {
      inTurn,
      find: async () => {
        const held = await ports.users.personOf(site.id, userId, 'plain', isAll ? 'hidden' : 'live');
        if (held === null) throw noSuchUser();
        const { person, rows: all } = held;
        const rows = isAll ? all : all.filter((row) => row.siteId === site.id);
        return {
          ...{ rows, all, siteIds: isAll ? 'any' : [site.id] },
          facts: factsOf(ports, person?.id ?? null, isAll ? 'any' : site.id),
          recorded: async () => {
            if (!tellsNothing) await recordLook(ports, 'export', actor, rows);
          },
        };
      },
      stillCounts: async () => {
        const byRight = isPlatformAdmin(actor);
        const { rowIds } = await mustStillCount(ports, actor, byRight ? [site.id] : []);
        if (!byRight && !rowIds.includes(userId)) throw noSuchUser();
      },
    });
  };

const factsOf =
  ({ facts }: Needs, personId: number | null, siteId: number | 'any') =>
  async (): Promise<ExportPart['rows']> =>
    personId === null ? [] : (await facts.ofPerson(personId, siteId)).map((one) => ({ ...one }));

/**
 * Platform admins, and the user themself: through the pages of this very site, as those of another do not get what is kept here, or at the
 * console, which no site has a part in.
 */
export const mayExport = (actor: Actor, siteId: number, userId: number): void => {
  const isByOwnSite = actor.reach.kind !== 'everywhere' && !isBeyond(actor, siteId);
  const isOwn = isByOwnSite && actor.rowIds.includes(userId);
  if (!isPlatformAdmin(actor) && !isOwn) refuse(actor, 'owner-by-site-or-platform-admin');
};

const isOwnAtConsole = ({ reach, rowIds }: Actor, userId: number): boolean =>
  reach.kind === 'rows' && reach.siteIds === null && rowIds.includes(userId);
