import type { AnonymizationChanges, AnonymizationSummary } from '../client/index.ts';

type SiteSummary = AnonymizationSummary['sites'][number];
export const kinds = ['ideas', 'articles', 'arguments', 'votes', 'hidden'] as const;
export type Kind = (typeof kinds)[number];
/** What becomes of contributions: they stay and show another name, they stay without IP address, they go, or nobody saw them anyway. */
export const dispositions = ['renames', 'strips', 'goes', 'hides'] as const;
export type Disposition = (typeof dispositions)[number];

export interface Figure {
  readonly kind: Kind;
  readonly disposition: Disposition;
  readonly n: number;
}

/** Where in a summary each figure of a site stands: the one place that knows both. */
const places = [
  ['ideas', 'renames', 'ideas'],
  ['articles', 'renames', 'articles'],
  ['arguments', 'renames', 'arguments'],
  ['votes', 'strips', 'votesKept'],
  ['votes', 'goes', 'votesRemoved'],
  ['hidden', 'hides', 'hidden'],
] as const satisfies readonly (readonly [Kind, Disposition, keyof SiteSummary])[];

/** What there is at a site, kind by kind; none of what there is none of. */
export const figuresOf = (site: SiteSummary): readonly Figure[] =>
  places.flatMap(([kind, disposition, key]) => (site[key] === 0 ? [] : [{ kind, disposition, n: site[key] }]));

/** The longest bar of a picture. */
export const mostOf = ({ sites }: AnonymizationSummary): number =>
  Math.max(0, ...sites.flatMap((site) => figuresOf(site).map(({ n }) => n)));

/** Of all sites together, as a site. */
export const togetherOf = ({ sites }: AnonymizationSummary): readonly Figure[] =>
  places.flatMap(([kind, disposition, key]) => {
    const n = sites.reduce((sum, site) => sum + site[key], 0);
    return n === 0 ? [] : [{ kind, disposition, n }];
  });

export const sumOf = (figures: readonly Figure[], disposition: Disposition): number =>
  figures.reduce((sum, figure) => sum + (figure.disposition === disposition ? figure.n : 0), 0);

export interface Difference {
  readonly site: string;
  /** By kind, and of the person’s own rows (`users`): so many more, or fewer. */
  readonly changes: readonly { readonly kind: Kind | 'users'; readonly by: number }[];
}

/** What of one summary is otherwise in another, site by site. */
export const differenceOf = (before: AnonymizationSummary, now: AnonymizationSummary): readonly Difference[] => {
  const sites = new Map([...before.sites, ...now.sites].map(({ id, title }) => [id, title]));
  return [...sites].flatMap(([id, title]) => {
    const [old, young] = [before, now].map((summary) => summary.sites.find((site) => site.id === id));
    const count = (kind: Kind | 'users'): number => countOf(young, kind) - countOf(old, kind);
    const changes = (['users', ...kinds] as const).flatMap((kind) =>
      count(kind) === 0 ? [] : [{ kind, by: count(kind) }],
    );
    return changes.length === 0 ? [] : [{ site: title, changes }];
  });
};

const countOf = (site: SiteSummary | undefined, kind: Kind | 'users'): number => {
  if (site === undefined) return 0;
  if (kind === 'users') return site.users;
  return figuresOf(site).reduce((sum, figure) => sum + (figure.kind === kind ? figure.n : 0), 0);
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
export const namesShown = ({
  stays: { ideas, articles, arguments: replies },
}: AnonymizationChanges): readonly string[] => {
  const all = [...ideas.first, ...articles.first, ...replies.first].map(({ shownAs }) => shownAs);
  return [...new Set(all)].filter((name) => name !== null);
};
