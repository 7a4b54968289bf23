import { positionIn, cursorText } from '../../domain/json.ts';
import { sitesAsAdmin } from '../../domain/refusals.ts';
import type { Ports } from '../../ports/index.ts';
import { actorNow, type ActorNowNeeds } from '../actor-now.ts';
import { foreignCursor } from '../commands.ts';
import { isOwnRun } from './asker.ts';
import type { ListedRuns, ListRunsCommand } from './commands.ts';

type Needs = Pick<Ports, 'runs' | 'secrets'> & ActorNowNeeds;

/**
 * Runs of both kinds that this actor sees, newest first: all of them for platform admins, those over and for their sites for admins. One
 * statement. Faults: `forbidden`, `malformed-request` for a cursor of another list. Source: people.md §1.
 */
export const listRuns =
  (ports: Needs) =>
  async ({ actor: asking, state, cursor, pageSize }: ListRunsCommand): Promise<ListedRuns> => {
    const actor = await actorNow(ports, asking);
    const siteIds = sitesAsAdmin(actor);
    const bound = JSON.stringify([siteIds, state]);
    const before = cursor === null ? null : idAt(ports, bound, cursor);
    const found = await ports.runs.list({ siteIds, state, before, limit: pageSize + 1 });
    const page = found.slice(0, pageSize);
    const last = found.length > pageSize ? page.at(-1) : undefined;
    return {
      runs: page.map((run) => ({ ...run, isOwn: isOwnRun(actor, run) })),
      cursor: last === undefined ? null : cursorBehind(ports, bound, last.id),
    };
  };

/** Of one length: how many runs there are elsewhere is nobody's to read. */
const cursorBehind = ({ secrets }: Needs, bound: string, id: number): string =>
  secrets.seal('run cursor', cursorText(bound, [String(id).padStart(16, '0')]));

const idAt = ({ secrets }: Needs, bound: string, cursor: string): number => {
  const position = positionIn(secrets.open('run cursor', cursor), bound);
  if (position === null) throw foreignCursor('state');
  return Number(position[0]);
};
