import { dispositionOf, type ActivityType } from '../../activity-types/definition.ts';
import { eachActivity, type ActivityPlural } from '../../activity-types/index.ts';
import type { Actor } from '../../domain/actor.ts';
import { isJsonObject } from '../../domain/json.ts';
import { shownName, tellVisible } from '../../domain/users/user-visibility.ts';
import type { User } from '../../domain/users/user.ts';
import type { Ports } from '../../ports/index.ts';
import type { AnonymizationChanges, ChangedRow, ConcernedContribution, FieldChange, First } from './commands.ts';
import type { PlannedContributions, PlannedRow } from './planned-contributions.ts';
import { rowAfter, type AnonymizationPlan } from './plan.ts';

/** So many of each are shown; all are counted. */
const most = 100;
/** Moments of the operation itself: `do-` answers what `will-` answered a moment earlier. */
const ofTheOperation: readonly string[] = ['updatedAt', 'anonymizedAt'];

/** What a planned row becomes. */
interface ReplacedRow extends PlannedRow<User> {
  readonly after: User;
}
type Needs = Pick<Ports, 'activities' | 'settings' | 'clock'>;

/**
 * What the planned rows, and what they contributed, would look like to this actor. `rows`: those that the actor is shown; what goes along
 * beside them is in nothing, nor in the numbers. One statement for what stays of a kind, and one for what goes; none where nothing
 * does. In `do-` before anything is written. Source: people.md §2.
 */
export const changesOf = async (
  ports: Needs,
  actor: Actor,
  { rows, counts }: Pick<AnonymizationPlan, 'rows' | 'counts'>,
): Promise<AnonymizationChanges> => {
  const now = ports.clock.now();
  const replaced = [...rows]
    .sort((one, other) => one.user.id - other.user.id)
    .map((row): ReplacedRow => ({ ...row, after: { ...rowAfter(ports, row, now), person: null } }));
  const first = (fate: 'stays' | 'goes') =>
    eachActivity((type) => firstContributions(ports, type, fate, replaced, counts[type.plural]));
  const [stays, goes] = [await first('stays'), await first('goes')];
  return {
    rows: { number: rows.length, first: replaced.slice(0, most).map((row) => changedRow(actor, row)) },
    stays,
    goes,
  };
};

const firstContributions = async (
  { activities }: Pick<Ports, 'activities'>,
  type: ActivityType<string, ActivityPlural>,
  fate: 'stays' | 'goes',
  rows: readonly ReplacedRow[],
  counts: PlannedContributions['counts'][ActivityPlural],
): Promise<First<ConcernedContribution>> => {
  const theirs = new Map(
    rows
      .filter((row) => (dispositionOf(type, row, false) === 'remove') === (fate === 'goes'))
      .map((row) => [row.user.id, row]),
  );
  const number = [...theirs.keys()].reduce((sum, id) => sum + (counts.get(id)?.[fate] ?? 0), 0);
  const found = number === 0 ? [] : await activities.firstOf(type, [...theirs.keys()], most);
  const concerned = found.flatMap((one): ConcernedContribution[] => {
    const row = theirs.get(one.userId);
    return row === undefined ? [] : [{ ...one, site: row.site, shownAs: shownName(row.after, row.site) }];
  });
  return { number, first: concerned };
};

/** Only of fields that the actor sees: a number of the others would tell which are filled. */
const changedRow = (actor: Actor, { user, site, after }: ReplacedRow): ChangedRow => {
  const before = new Map<string, unknown>();
  tellVisible(actor, user, site, (name, value) => before.set(name, value));
  const changes: FieldChange[] = [];
  tellVisible(
    actor,
    user,
    site,
    (name, value) => {
      if (!ofTheOperation.includes(name)) changes.push(...changesIn(name, before.get(name), value));
    },
    after,
  );
  return { user, site, changes };
};

const changesIn = (field: string, before: unknown, after: unknown): readonly FieldChange[] => {
  if (field === 'extraData' && isJsonObject(before)) {
    // Nothing of it is left.
    return Object.entries(before).map(([key, value]) => ({ field, key, before: value, after: null }));
  }
  return isSame(before, after) ? [] : [{ field, before, after }];
};

const isSame = (before: unknown, after: unknown): boolean =>
  before instanceof Date && after instanceof Date ? before.getTime() === after.getTime() : before === after;
