import type { JSX } from 'preact';
import type { AnonymizationChanges, AnonymizationSummary } from '../../client/index.ts';
import { dispositions, figuresOf, kinds, sumOf, togetherOf } from '../figures.ts';
import { valueText } from '../values.ts';
import { numberOf, t, wordOr } from '../words/index.ts';
import { Wide } from './wide.tsx';

/** Every figure of the picture, by site, kind and what becomes of it. */
export const AllFigures = ({ summary }: { readonly summary: AnonymizationSummary }): JSX.Element => {
  const lines = [
    ...summary.sites.map((site) => ({ key: String(site.id), title: site.title, figures: figuresOf(site) })),
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
      <Wide key={id} label={`${site?.title ?? t('preview.noSite')} ${id}`}>
        <table class="before-after">
          <caption>
            {site?.title ?? t('preview.noSite')} <span class="quiet">({t('preview.row', { id: String(id) })})</span>
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
                <th scope="row">{wordOr(`field.${key ?? field}`, key ?? field)}</th>
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
export const WhichContributions = ({
  changes: { stays, votes },
}: {
  readonly changes: AnonymizationChanges;
}): JSX.Element | null => {
  const lists = [
    ...(['ideas', 'articles', 'arguments'] as const).map((kind) => ({
      key: kind,
      title: `${t(`kind.${kind}`)}: ${t('preview.disposition.renames', { n: stays[kind].number })}`,
      number: stays[kind].number,
      items: stays[kind].first.map((one) => ({
        id: one.id,
        site: one.site,
        text: 'title' in one ? one.title : one.idea === null ? null : t('preview.on', { idea: one.idea.title }),
      })),
    })),
    ...(['stays', 'goes'] as const).map((disposition) => ({
      key: disposition,
      title: `${t('kind.votes')}: ${t(disposition === 'goes' ? 'preview.disposition.goes' : 'preview.disposition.strips', { n: votes[disposition].number })}`,
      number: votes[disposition].number,
      items: votes[disposition].first.map(({ id, site, idea }) => ({ id, site, text: idea?.title ?? null })),
    })),
  ].filter(({ number }) => number > 0);
  if (lists.length === 0) return null;
  return (
    <details>
      <summary>{t('preview.lists')}</summary>
      {lists.map(({ key, title, number, items }) => (
        <section key={key}>
          <h3 class="nl-heading nl-heading--level-3">{title}</h3>
          <ul>
            {items.map(({ id, site, text }) => (
              <li key={id}>
                {text ?? t('preview.untitled', { id: String(id) })}{' '}
                <span class="quiet">{site?.title ?? t('preview.noSite')}</span>
              </li>
            ))}
          </ul>
          <AndMore number={number} shown={items.length} />
        </section>
      ))}
    </details>
  );
};

const AndMore = ({ number, shown: listed }: { readonly number: number; readonly shown: number }): JSX.Element | null =>
  number > listed ? <p>{t('preview.andMore', { n: number - listed })}</p> : null;
