import type { JSX } from 'preact';
import { t } from '../words/index.ts';

/** Ways to the page before and after this one. */
export const Turning = ({
  page,
  pageCount,
  onTurn,
}: {
  readonly page: number;
  readonly pageCount: number;
  readonly onTurn: (page: number) => void;
}): JSX.Element | null => {
  const ways = [
    [page - 1, 'list.before'],
    [page + 1, 'list.next'],
  ] as const;
  if (pageCount < 2) return null;
  return (
    <p class="buttons">
      {ways.map(([to, word]) => {
        const isNone = to < 0 || to >= pageCount;
        return (
          <button
            key={word}
            type="button"
            class={`nl-button nl-button--secondary${isNone ? ' nl-button--disabled' : ''}`}
            aria-disabled={isNone}
            onClick={() => {
              if (!isNone) onTurn(to);
            }}
          >
            {t(word)}
          </button>
        );
      })}
      <span class="quiet">{t('list.page', { page: page + 1, pages: pageCount })}</span>
    </p>
  );
};
