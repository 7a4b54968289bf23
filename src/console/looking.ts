import { signal } from '@preact/signals';
import type { AnonymizationChanges, PersonAcrossSites, Plan } from '../client/index.ts';
import { api } from './api.ts';
import { isSignedOut, mayAnonymize, titlesOf } from './session.ts';

/** What somebody looks at: a person, and what anonymizing them at these sites would do. */
export interface Look {
  readonly key: string;
  readonly person: PersonAcrossSites;
  readonly plan: Plan;
  /** Of the same plan. */
  readonly changes: AnonymizationChanges;
  /** Whether nobody is left to be anonymized; then the plan says nothing of the account. Source: anonymization.md §1. */
  readonly isNothingLeft: boolean;
}

/** What was shown last. Whoever goes on to confirm it confirms that, and no newer one that they have not seen. */
export const seen = signal<Look | null>(null);

export interface Whom {
  readonly siteId: string;
  readonly userId: string;
  /** Sites that are left out. */
  readonly without: ReadonlySet<number>;
}

export const keyOf = ({ siteId, userId, without }: Whom): string =>
  `${siteId}/${userId}/${[...without].sort((a, b) => a - b).join()}`;

export interface SiteOfPerson {
  readonly id: number;
  readonly title: string;
  /** Whether it is for who works here to anonymize them there. */
  readonly may: boolean;
}

/** The sites where a person is not anonymized yet, as far as one is told of them, in the order of their rows. */
export const sitesOf = ({ users }: PersonAcrossSites): readonly SiteOfPerson[] => {
  const rows = users.filter(({ anonymization }) => anonymization === null);
  const sites = titlesOf(rows.map(({ site }) => site));
  return [...sites].map(([id, title]) => ({
    id,
    title,
    may: rows.filter(({ siteId }) => siteId === id).every((row) => mayAnonymize(row)),
  }));
};

/** `isAnew`: the person is read once more, too. */
export const lookAt = async (whom: Whom, signal: AbortSignal, isAnew = false): Promise<Look> => {
  const { siteId, userId, without } = whom;
  const known = isAnew ? null : seen.peek();
  const person =
    known?.key.startsWith(`${siteId}/${userId}/`) === true
      ? known.person
      : await api.user(siteId, userId).person({ signal });
  const sites = sitesOf(person).filter(({ id, may }) => may && !without.has(id));
  // Whoever is told of every row takes all that there are, of sites that are gone, too. Others name the sites that they see.
  const seesAll = person.issuer !== undefined;
  const only = seesAll && without.size === 0 ? {} : { onlySiteIds: sites.map(({ id }) => id) };
  for (let tries = 0; tries < mostTries; tries += 1) {
    const plan = await api.user(siteId, userId).anonymization({ everywhere: true, ...only, signal });
    const changes = await plan.changes({ signal });
    // Else something changed between the two: both are looked at once more.
    if (changes.digest !== plan.summary.digest) continue;
    const isNothingLeft = plan.summary.users === 0 && (sites.length > 0 || sitesOf(person).length === 0);
    return { key: keyOf(whom), person, plan, changes, isNothingLeft };
  }
  throw new Error('what anonymizing would do changes with every look');
};
const mostTries = 5;

/** What was done last, for the page that follows it; a reload forgets whose name it was, as we do. */
export interface Outcome {
  readonly operation: string | null;
  readonly name: string;
}
export const outcome = signal<Outcome | null>(null);

/** What became of an anonymization from whose page one had gone before it was done; `why`: it was not, and why. */
export interface News {
  readonly name: string;
  readonly operation: string | null;
  readonly why: string | null;
  /** Whether that is known. */
  readonly isSure: boolean;
}
export const news = signal<News | null>(null);

// Of whom was looked at nothing is left behind a session that has ended.
isSignedOut.subscribe((isOver) => {
  if (isOver) [seen.value, outcome.value, news.value] = [null, null, null];
});
