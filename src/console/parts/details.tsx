import type { JSX } from 'preact';
import type { AnonymizationChanges, AnonymizationSummary } from '../../client/index.ts';
import { dispositions, figuresOf, kinds, sumOf, togetherOf, type Disposition, type Kind } from '../figures.ts';
import { titlesOf } from '../session.ts';
import { valueText } from '../values.ts';
import { isolated, numberOf, t, wordOr } from '../words/index.ts';
import { OwnField } from './rows.tsx';
import { Wide } from './wide.tsx';

/** Every figure of the picture, by site, kind and what becomes of it. */
export const AllFigures = ({ summary }: { readonly summary: AnonymizationSummary }): JSX.Element => {
  const titles = titlesOf(summary.sites);
  const lines = [
    ...summary.sites.map((site) => ({
      key: String(site.id),
      title: titles.get(site.id) ?? '',
      figures: figuresOf(site),
    })),
    { key: 'together', title: t('preview.total'), figures: togetherOf(summary) },
  ];
  return (
    <details>
      <summary>{t('preview.table')}</summary>
      <Wide label={t('preview.table')}>
        <table class="figures">
          <thead>
            <tr>
              <th scope="col">{t('preview.site')}</th>
              <th scope="col">{t('preview.kind')}</th>
              {dispositions.map((disposition) => (
                <th key={disposition} scope="col" class="number">
                  {t(`preview.col.${disposition}`)}
                </th>
              ))}
            </tr>
          </thead>
          {lines.map(({ key, title, figures }) => {
            const present = kinds.filter((kind) => figures.some((figure) => figure.kind === kind));
            return (
              <tbody key={key}>
                {present.map((kind, index) => (
                  <tr key={kind}>
                    {index === 0 ? (
                      <th scope="rowgroup" rowSpan={present.length}>
                        {title}
                      </th>
                    ) : null}
                    <th scope="row">{t(`kind.${kind}`)}</th>
                    {dispositions.map((disposition) => (
                      <td key={disposition} class="number">
                        {numberOf(
                          sumOf(
                            figures.filter((figure) => figure.kind === kind),
                            disposition,
                          ),
                        )}
                      </td>
                    ))}
                  </tr>
                ))}
              </tbody>
            );
          })}
        </table>
      </Wide>
    </details>
  );
};

/** Each field that changes, row by row. */
export const BeforeAndAfter = ({ changes: { rows } }: { readonly changes: AnonymizationChanges }): JSX.Element => (
  <details>
    <summary>{t('preview.beforeAfter')}</summary>
    {rows.first.map(({ id, site, changes }) => (
      <Wide key={id} label={`${isolated(site?.title ?? t('preview.noSite'))} ${id}`}>
        <table class="before-after">
          <caption>
            <bdi>{site?.title ?? t('preview.noSite')}</bdi>{' '}
            <span class="quiet">({t('preview.row', { id: String(id) })})</span>
          </caption>
          <thead>
            <tr>
              <th scope="col">{t('person.field')}</th>
              <th scope="col">{t('preview.before')}</th>
              <th scope="col">{t('preview.after')}</th>
            </tr>
          </thead>
          <tbody>
            {changes.map(({ field, key, before, after }) => (
              <tr key={`${field} ${key ?? ''}`}>
                <th scope="row">
                  {key === undefined ? wordOr(`field.${field}`, field) : <OwnField name={key} isAlone />}
                </th>
                <td>{shown(field, before)}</td>
                <td>{shown(field, after)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Wide>
    ))}
    <AndMore number={rows.number} shown={rows.first.length} />
  </details>
);

const shown = (field: string, value: unknown): JSX.Element | string => {
  const text = valueText(value);
  if (text === '') return <span class="quiet">{t('person.empty')}</span>;
  return /role$/i.test(field) ? wordOr(`role.${text}`, text) : text;
};

/** The contributions themselves, by what becomes of them. */
export const WhichContributions = ({ changes }: { readonly changes: AnonymizationChanges }): JSX.Element | null => {
  const lists = [...Object.values(listsOfStaying(changes)), ...Object.values(listsOfLeaving(changes)).flat()].filter(
    ({ number }) => number > 0,
  );
  if (lists.length === 0) return null;
  return (
    <details>
      <summary>{t('preview.lists')}</summary>
      {lists.map(({ title, number, items }) => (
        <section key={title}>
          <h3 class="nl-heading nl-heading--level-3">{title}</h3>
          <ul>
            {items.map(({ id, site, text }) => (
              <li key={id}>
                <bdi>{text ?? t('preview.untitled', { id: String(id) })}</bdi>{' '}
                <bdi class="quiet">{site?.title ?? t('preview.noSite')}</bdi>
              </li>
            ))}
          </ul>
          <AndMore number={number} shown={items.length} />
        </section>
      ))}
    </details>
  );
};

interface ListedContribution {
  readonly id: number;
  readonly site: { readonly title: string } | null;
}
/** How many there are, and the first of them. */
interface FirstOf<T> {
  readonly number: number;
  readonly first: readonly T[];
}
interface List {
  readonly title: string;
  readonly number: number;
  readonly items: readonly (ListedContribution & { readonly text: string | null })[];
}
type Staying = AnonymizationChanges['stays'];
/** Kinds that may go stand beside those that stay, each by itself. */
type MayLeave = Omit<AnonymizationChanges, 'digest' | 'users' | 'sites' | 'rows' | 'stays' | 'oauth' | 'late'>;

/** This list and the next are complete: a kind that the API learns of does not compile until it is in one of them. */
const listsOfStaying = ({
  stays: { ideas, articles, arguments: replies },
}: AnonymizationChanges): Readonly<Record<keyof Staying, List>> => ({
  ideas: listOf('ideas', 'renames', ideas, ({ title }) => title),
  articles: listOf('articles', 'renames', articles, ({ title }) => title),
  arguments: listOf('arguments', 'renames', replies, ({ idea }) =>
    idea === null ? null : t('preview.on', { idea: idea.title }),
  ),
});

const listsOfLeaving = ({ votes }: AnonymizationChanges): Readonly<Record<keyof MayLeave, readonly List[]>> => ({
  votes: [
    listOf('votes', 'strips', votes.stays, ({ idea }) => idea?.title ?? null),
    listOf('votes', 'goes', votes.goes, ({ idea }) => idea?.title ?? null),
  ],
});

const listOf = <T extends ListedContribution>(
  kind: Kind,
  disposition: Disposition,
  { number, first }: FirstOf<T>,
  textOf: (one: T) => string | null,
): List => ({
  title: `${t(`kind.${kind}`)}: ${t(`preview.disposition.${disposition}`, { n: number })}`,
  number,
  items: first.map((one) => ({ id: one.id, site: one.site, text: textOf(one) })),
});

const AndMore = ({ number, shown: listed }: { readonly number: number; readonly shown: number }): JSX.Element | null =>
  number > listed ? <p>{t('preview.andMore', { n: number - listed })}</p> : null;
