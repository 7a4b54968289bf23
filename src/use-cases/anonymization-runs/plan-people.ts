import { atLeast, owns, type Actor } from '../../domain/actor.ts';
import type { User } from '../../domain/users/user.ts';
import type { StartDigest } from '../../ports/platform.ts';
import type { PeopleRun, PlannedPerson } from '../../ports/runs.ts';
import type { PersonAt } from '../../ports/user-store.ts';
import type { AnonymizeCommand } from '../anonymization/commands.ts';
import { removalCheck, wantsAllDeclared } from '../anonymization/plan.ts';
import { contributionsOf } from '../anonymization/planned-contributions.ts';
import { rowStatusOf } from '../row-status.ts';
import type { Choice, PlanSummary } from './commands.ts';
import {
  judgePerson,
  leftOut,
  nothingYet,
  rowsToCount,
  withBatch,
  type Judged,
  type Judging,
  type PlanCount,
} from './judged-people.ts';
import { batchSize, type PlanNeeds } from './preview-site.ts';

export interface WhomToPlan {
  readonly actor: Actor;
  readonly extent: AnonymizeCommand['extent'];
  readonly by: Choice['by'];
  /** Rows that name the people, in ascending order, each once. */
  readonly userIds: readonly number[];
}
/** A plan with the list that it is about: each person once, by their first row. */
export interface PeoplePlan extends PlanSummary {
  readonly people: readonly PlannedPerson[];
}

/**
 * What anonymizing these people would do now, in batches; inside a snapshot. Each is judged as alone. `only-whom`: nobody looks at what they
 * contributed, which the digest does not bind: one more vote makes no other plan. Source: people.md §1.
 */
export const planPeople = async (
  ports: PlanNeeds,
  { userIds, ...which }: WhomToPlan,
  depth: 'whole' | 'only-whom',
): Promise<PeoplePlan> => {
  const canRemove = await removalCheck(ports);
  const mayBeIncomplete = once(async () => (await ports.sideTables.gaps()).length > 0);
  const seen = new Set<string>();
  const digest = ports.startDigest();
  digest.add(`${which.extent}\n`);
  const people: PlannedPerson[] = [];
  let count: PlanCount = nothingYet;
  for (let at = 0; at < userIds.length; at += batchSize) {
    const ids = userIds.slice(at, at + batchSize);
    const found = new Map((await ports.users.peopleOf(ids)).map((one) => [one.first, one] as const));
    const named = ids.map((first) => found.get(first) ?? { first, person: null, rows: [] });
    const fresh = named.filter((one) => isFirst(seen, one, which.extent));
    const rowStatus = await rowStatusOf(
      ports,
      fresh.flatMap(({ rows }) => rows),
    );
    const judged: Judged[] = [];
    for (const one of fresh) judged.push(await judge(ports, which, one, { rowStatus, canRemove }, mayBeIncomplete));
    for (const one of judged) {
      const planned = plannedPerson(ports.startDigest, one);
      digest.add(`${planned.digest}\n`);
      people.push(planned);
    }
    const rows = depth === 'whole' ? rowsToCount(ports, judged, rowStatus) : null;
    const contributed =
      rows === null ? null : { rows, counts: (await contributionsOf(ports, rows, 'plain', null)).counts };
    count = withBatch(count, judged, contributed);
  }
  return { ...count, people, digest: digest.result() };
};

/**
 * Two rows of one person are one visit where one visit takes both: at the same site, as `do-anonymize` takes all rows there, or wherever
 * they are.
 */
const isFirst = (seen: Set<string>, { first, rows }: PersonAt, extent: AnonymizeCommand['extent']): boolean => {
  const row = rows.find(({ id }) => id === first);
  const person = row?.personId ?? null;
  const name =
    person === null ? `row ${first}` : extent === 'all-sites' ? `${person}` : `${person} ${row?.siteId ?? ''}`;
  const isNew = !seen.has(name);
  seen.add(name);
  return isNew;
};

/**
 * What a list adds to what is asked of one person alone: nobody has themself anonymized by one, nor staff by a filter that happens to find
 * them. Asked again at each visit, as somebody else may have resumed the run, or somebody become staff. Null: neither keeps them.
 */
export const keptOffLists = (
  actor: Actor,
  by: Choice['by'],
  { all, chosen }: Readonly<Record<'all' | 'chosen', readonly Pick<User, 'id' | 'personId' | 'role'>[]>>,
): 'yourself' | 'staff-by-id-only' | null => {
  if (all.some((row) => owns(actor, row))) return 'yourself';
  return by === 'filter' && chosen.some(({ role }) => atLeast(role, 'moderator')) ? 'staff-by-id-only' : null;
};

/** By which way the people of a list were chosen. */
export const chosenBy = ({ plan }: Pick<PeopleRun, 'plan'>): Choice['by'] =>
  plan['chosenBy'] === 'filter' ? 'filter' : 'id';

/** As alone, and with what a list adds. */
const judge = async (
  ports: PlanNeeds,
  { actor, extent, by }: Omit<WhomToPlan, 'userIds'>,
  person: PersonAt,
  judging: Judging,
  mayBeIncomplete: () => Promise<boolean>,
): Promise<Judged> => {
  const row = person.rows.find(({ id }) => id === person.first);
  if (row === undefined) return leftOut(person, 'gone');
  const site = judging.rowStatus.site(row.siteId);
  if (site === null) return leftOut(person, 'site-is-gone');
  const judged = judgePerson(ports, { actor, site, extent }, person, judging);
  const kept = keptOffLists(actor, by, { all: person.rows, chosen: judged.chosen });
  if (kept === 'yourself') return leftOut(person, kept);
  if (judged.refusal !== null) return judged;
  if (judged.chosen.length === 0) return leftOut(person, 'anonymized-already');
  if (kept !== null) return leftOut(person, kept);
  return wantsAllDeclared(judged.sites) && (await mayBeIncomplete()) ? leftOut(person, 'incomplete') : judged;
};

const plannedPerson = (startDigest: StartDigest, { first, rows, person, refusal, chosen }: Judged): PlannedPerson => ({
  userId: first,
  siteId: rows.find(({ id }) => id === first)?.siteId ?? 0,
  refusal,
  digest: personDigest(startDigest, { userId: first, personId: person?.id ?? null, refusal, rows: chosen }),
});

/** Over whom a person is and which of their rows go: what a visit must come to again. */
export const personDigest = (
  startDigest: StartDigest,
  planned: {
    readonly userId: number;
    readonly personId: number | null;
    readonly refusal: string | null;
    readonly rows: readonly Pick<User, 'id' | 'siteId'>[];
  },
): string => {
  const { userId, personId, refusal, rows } = planned;
  const digest = startDigest();
  digest.add(`${userId} ${personId ?? 'alone'} ${refusal ?? 'anonymize'}\n`);
  for (const { id, siteId } of [...rows].sort((one, other) => one.id - other.id)) digest.add(`${id} ${siteId ?? ''}\n`);
  return digest.result();
};

const once = <T>(work: () => Promise<T>): (() => Promise<T>) => {
  let done: Promise<T> | undefined;
  return () => (done ??= work());
};
