import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
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
  const isReadingOn = records.length > 0;
  return (
    <>
      <p class="waiting" role="status">
        {state === 'answered' ? (isNone ? none : count) : state === 'asking' && !isReadingOn ? asking : ''}
      </p>
      {isReadingOn ? children : null}
      {state === 'asking' && isReadingOn ? <Waiting>{asking}</Waiting> : null}
      {state === 'failed' ? <Failure error={error} again={isReadingOn ? undefined : again} /> : null}
      {isReadingOn ? <More onMore={state === 'failed' ? again : more} isAsking={state === 'asking'} /> : null}
    </>
  );
};

/** A way to more, which stays where it is while that is read. Once there is no more, that is said in its place, and has its focus. */
export const More = ({
  onMore,
  isAsking,
}: {
  /** Absent: that is all. */
  readonly onMore: (() => void) | undefined;
  readonly isAsking: boolean;
}): JSX.Element | null => {
  const end = useRef<HTMLParagraphElement>(null);
  const wasMore = useRef(false);
  const isMore = onMore !== undefined || isAsking;
  useEffect(() => {
    if (isMore) wasMore.current = true;
    else if (document.activeElement === document.body) end.current?.focus();
  }, [isMore]);
  if (isMore)
    return (
      <p class="buttons">
        <button
          type="button"
          class={`nl-button nl-button--secondary${isAsking ? ' nl-button--disabled' : ''}`}
          aria-disabled={isAsking}
          onClick={() => {
            if (!isAsking) onMore?.();
          }}
        >
          {t('find.more')}
        </button>
      </p>
    );
  return wasMore.current ? (
    <p class="buttons quiet" tabIndex={-1} ref={end}>
      {t('list.all')}
    </p>
  ) : null;
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
