import type { JSX } from 'preact';
import type { AnonymizationChanges, AnonymizationSummary } from '../../client/index.ts';
import { figuresOf } from '../figures.ts';
import { isolated, numberOf, t } from '../words/index.ts';
import { Bar, One } from './bar.tsx';

/** What would happen at one site: the name that rows show, and a line for each kind, in words, in figures and as a bar. */
export const SitePicture = ({
  title,
  isTaken,
  because,
  onTick,
  from,
  to,
  site,
  most,
}: {
  readonly title: string;
  readonly isTaken: boolean;
  /** Why it is not, where it is not. */
  readonly because: string;
  /** Absent where there is nothing to choose. */
  readonly onTick: (() => void) | undefined;
  readonly from: string;
  /** The name afterwards; null: not told. */
  readonly to: string | null;
  /** Absent where the site is left out. */
  readonly site: AnonymizationSummary['sites'][number] | undefined;
  readonly most: number;
}): JSX.Element => (
  <li class={isTaken ? 'site' : 'site out'}>
    <h2 class="nl-heading nl-heading--level-3">
      {onTick === undefined ? (
        <bdi>{title}</bdi>
      ) : (
        <label class="tick">
          <input type="checkbox" checked={isTaken} onChange={onTick} />
          <span>
            <span class="unseen">{t('preview.take')} </span>
            <bdi>{title}</bdi>
          </span>
        </label>
      )}
    </h2>
    {isTaken ? <Rename from={from} to={to} /> : <p class="rename">{because}</p>}
    {isTaken && site !== undefined ? <Kinds title={title} site={site} most={most} /> : null}
  </li>
);

const Rename = ({ from, to }: { readonly from: string; readonly to: string | null }): JSX.Element | null =>
  to === null ? null : (
    <p class="rename">
      <s>
        <bdi>{from}</bdi>
      </s>{' '}
      <span aria-hidden="true">→</span>
      <span class="unseen">{t('preview.becomes')}</span>{' '}
      <strong>
        <bdi>{to}</bdi>
      </strong>
    </p>
  );

/** The roles are written out, as its lines are laid out as a grid. */
export const Kinds = ({
  title,
  site,
  most,
}: {
  readonly title: string;
  readonly site: AnonymizationSummary['sites'][number];
  readonly most: number;
}): JSX.Element => {
  const figures = figuresOf(site);
  if (figures.length === 0) return <p class="quiet">{t('preview.none')}</p>;
  return (
    <table class="kinds" role="table" aria-label={isolated(title)}>
      <tbody role="rowgroup">
        {figures.map(({ kind, disposition, n }) => (
          <tr key={`${kind} ${disposition}`} role="row">
            <th role="rowheader" scope="row">
              {t(`kind.${kind}`)}
            </th>
            <td role="cell" class="number">
              {numberOf(n)}
            </td>
            <td role="cell" class="disposition">
              {t(`preview.disposition.${disposition}`, { n })}
            </td>
            <td class="bar" aria-hidden="true">
              <Bar n={n} most={most} disposition={disposition} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
};

/** What becomes of the account, drawn as everything else that stays or goes. */
export const Account = ({
  disposition,
  isNothingLeft,
}: {
  readonly disposition: AnonymizationChanges['oauth']['fate'];
  readonly isNothingLeft: boolean;
}): JSX.Element => (
  <li class="site">
    <h2 class="nl-heading nl-heading--level-3">{t('preview.account')}</h2>
    <p class="rename account">
      {disposition === null || isNothingLeft ? null : (
        <One disposition={disposition === 'removed' ? 'goes' : 'renames'} />
      )}
      {t(
        isNothingLeft
          ? 'preview.accountNotSaid'
          : disposition === null
            ? 'preview.accountUnknown'
            : disposition === 'removed'
              ? 'preview.accountRemoved'
              : 'preview.accountKept',
      )}
    </p>
  </li>
);
