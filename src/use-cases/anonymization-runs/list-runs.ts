import { Fault } from '../../domain/fault.ts';
import { sitesAsAdmin } from '../../domain/refusals.ts';
import type { Ports } from '../../ports/index.ts';
import { actorNow, type ActorNowNeeds } from '../actor-now.ts';
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
    const before = cursor === null ? null : opened(ports, bound, cursor);
    const found = await ports.runs.list({ siteIds, state, before, limit: pageSize + 1 });
    const page = found.slice(0, pageSize);
    const last = found.length > pageSize ? page.at(-1) : undefined;
    return {
      runs: page.map((run) => ({ ...run, isOwn: isOwnRun(actor, run) })),
      cursor: last === undefined ? null : sealed(ports, bound, last.id),
    };
  };

/** Of one length: how many runs there are elsewhere is nobody's to read. */
const sealed = ({ secrets }: Needs, bound: string, id: number): string =>
  secrets.seal('run cursor', JSON.stringify([bound, String(id).padStart(16, '0')]));

const opened = ({ secrets }: Needs, bound: string, cursor: string): number => {
  const text = secrets.open('run cursor', cursor);
  // What opens was sealed by us, so its form is known.
  const [of, id] = text === null ? [] : (JSON.parse(text) as readonly [string, string]);
  if (of === bound && id !== undefined) return Number(id);
  const detail = 'is not a cursor of this list: take it from metadata.cursor, with the same state';
  throw new Fault('malformed-request', { errors: [{ pointer: 'cursor', detail }] }, `cursor: ${detail}`);
};
