import { argument } from './argument.ts';
import { article } from './article.ts';
import { idea } from './idea.ts';
import { vote } from './vote.ts';

/** The list. */
export const activityTypes = [idea, article, argument, vote] as const;
export type ActivityPlural = (typeof activityTypes)[number]['plural'];
export type ByActivity<T> = Readonly<Record<ActivityPlural, T>>;

interface SummaryTotal {
  readonly name: string;
  readonly plural: ActivityPlural;
  readonly of: 'stays' | 'goes';
}
/**
 * What a summary counts of each kind: what stays, by its plural; of a kind that may go, both, each by a name of its own.
 * Source: anonymization.md §1.
 */
export const summaryTotals: readonly SummaryTotal[] = activityTypes.flatMap(
  ({ plural, listed }): readonly SummaryTotal[] =>
    listed === 'what-stays'
      ? [{ name: plural, plural, of: 'stays' }]
      : [
          { name: `${plural}Removed`, plural, of: 'goes' },
          { name: `${plural}Kept`, plural, of: 'stays' },
        ],
);

/** One entry per activity type, built by asking the same question of each. */
export const eachActivity = async <T>(
  ask: (type: (typeof activityTypes)[number]) => Promise<T>,
): Promise<ByActivity<T>> =>
  Object.fromEntries(
    await Promise.all(activityTypes.map(async (type) => [type.plural, await ask(type)] as const)),
  ) as ByActivity<T>;

/** One entry per activity type, from an answer that needs no waiting. */
export const byActivity = <T>(ask: (type: (typeof activityTypes)[number]) => T): ByActivity<T> =>
  Object.fromEntries(activityTypes.map((type) => [type.plural, ask(type)] as const)) as ByActivity<T>;
