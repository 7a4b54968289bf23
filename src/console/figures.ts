import type { AnonymizationChanges, AnonymizationSummary, PersonAcrossSites } from '../client/index.ts';

type SiteSummary = AnonymizationSummary['sites'][number];
/** Of contributions, as the client's types name them, and what was deleted earlier. */
export type Kind = keyof PersonAcrossSites['users'][number]['contributions'] | 'hidden';
/** What becomes of contributions: they stay and show another name, they stay without IP address, they go, or nobody saw them anyway. */
export const dispositions = ['renames', 'strips', 'goes', 'hides'] as const;
export type Disposition = (typeof dispositions)[number];

export interface Figure {
  readonly kind: Kind;
  readonly disposition: Disposition;
  readonly n: number;
}

/** What a summary counts at a site, beside its users. */
type Counted = Exclude<keyof SiteSummary, 'id' | 'title' | 'users'>;
/** What each figure of a summary tells of, in the order in which they are shown. What the API counts anew does not compile until it is here. */
const places: Readonly<Record<Counted, readonly [Kind, Disposition]>> = {
  ideas: ['ideas', 'renames'],
  articles: ['articles', 'renames'],
  arguments: ['arguments', 'renames'],
  votesKept: ['votes', 'strips'],
  votesRemoved: ['votes', 'goes'],
  hidden: ['hidden', 'hides'],
};
const counted = Object.keys(places) as readonly Counted[];
export const kinds: readonly Kind[] = [...new Set(counted.map((key) => places[key][0]))];

/** Of these counts, as figures; none of what there is none of. */
const figuresBy = (countOf: (key: Counted) => number): readonly Figure[] =>
  counted.flatMap((key) => {
    const [kind, disposition] = places[key];
    const n = countOf(key);
    return n === 0 ? [] : [{ kind, disposition, n }];
  });

/** What there is at a site, kind by kind. */
export const figuresOf = (site: SiteSummary): readonly Figure[] => figuresBy((key) => site[key]);

/** The longest bar of a picture. */
export const mostOf = ({ sites }: AnonymizationSummary): number =>
  Math.max(0, ...sites.flatMap((site) => figuresOf(site).map(({ n }) => n)));

/** Of all sites together, as a site. */
export const togetherOf = ({ sites }: AnonymizationSummary): readonly Figure[] =>
  figuresBy((key) => sites.reduce((sum, site) => sum + site[key], 0));

export const sumOf = (figures: readonly Figure[], disposition: Disposition): number =>
  figures.reduce((sum, figure) => sum + (figure.disposition === disposition ? figure.n : 0), 0);

export interface Difference {
  readonly id: number;
  readonly site: string;
  readonly changes: readonly Change[];
}
/** So many more, or fewer, of a kind of which that becomes, and of the person’s own rows (`users`). */
export interface Change {
  readonly kind: Kind | 'users';
  readonly disposition: Disposition | null;
  readonly by: number;
}

/** What of one summary is otherwise in another, site by site. */
export const differenceOf = (before: AnonymizationSummary, now: AnonymizationSummary): readonly Difference[] => {
  const sites = new Map([...before.sites, ...now.sites].map(({ id, title }) => [id, title]));
  return [...sites].flatMap(([id, title]) => {
    const [old, young] = [before, now].map((summary) => summary.sites.find((site) => site.id === id));
    const byOf = (key: Counted | 'users'): number => (young?.[key] ?? 0) - (old?.[key] ?? 0);
    const users = byOf('users');
    const changes: readonly Change[] = [
      ...(users === 0 ? [] : [{ kind: 'users' as const, disposition: null, by: users }]),
      ...figuresBy(byOf).map(({ kind, disposition, n }) => ({ kind, disposition, by: n })),
    ];
    return changes.length === 0 ? [] : [{ id, site: title, changes }];
  });
};

/** The names that rows will show, by site. */
export const namesAfter = ({ rows }: AnonymizationChanges): ReadonlyMap<number, string> =>
  new Map(
    rows.first.flatMap(({ site, changes }) => {
      const name =
        changes.find(({ field }) => field === 'displayName') ?? changes.find(({ field }) => field === 'fullName');
      return site === null || typeof name?.after !== 'string' ? [] : [[site.id, name.after] as const];
    }),
  );

/** The names under which contributions keep standing, each once. */
export const namesShown = ({ stays }: AnonymizationChanges): readonly string[] => {
  const all = Object.values(stays).flatMap(({ first }) => first.map(({ shownAs }) => shownAs));
  return [...new Set(all)].filter((name) => name !== null);
};
