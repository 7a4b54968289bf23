import type { ComponentChildren, JSX } from 'preact';
import { Failure, Waiting } from '../asking.tsx';
import type { Walked } from '../walking.ts';
import { t } from '../words/index.ts';

/** What stands around a list that is read page by page: what is waited for, how many there are, what failed, and a way to more. */
export const WalkedList = <T,>({
  walked,
  asking,
  count,
  none,
  children,
}: {
  readonly walked: Walked<T>;
  readonly asking: string;
  readonly count: string;
  readonly none: string;
  readonly children: ComponentChildren;
}): JSX.Element => {
  const { records, state, error, again, more } = walked;
  const isNone = state === 'answered' && records.length === 0 && more === undefined;
  return (
    <>
      {state === 'answered' ? (
        <p class="waiting" role="status">
          {isNone ? none : count}
        </p>
      ) : null}
      {records.length === 0 ? null : children}
      {state === 'asking' ? <Waiting>{asking}</Waiting> : null}
      {state === 'failed' ? <Failure error={error} again={again} /> : null}
      {more === undefined ? null : (
        <p class="buttons">
          <button type="button" class="nl-button nl-button--secondary" onClick={more}>
            {t('find.more')}
          </button>
        </p>
      )}
    </>
  );
};

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
