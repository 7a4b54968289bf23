import { useEffect, useRef, useState } from 'preact/hooks';
import type { ComponentChildren, JSX } from 'preact';
import { CivitasProblem, CivitasUnreachable } from '../client/index.ts';
import { signedOut } from './session.ts';
import { t, wordOr } from './words/index.ts';

/** What became of a question: it is being asked, was answered, or failed. `before`: what was answered the last time. */
export type Asked<T> =
  | { readonly state: 'asking'; readonly before: T | undefined }
  | { readonly state: 'answered'; readonly answer: T }
  | { readonly state: 'failed'; readonly error: unknown };

/** Asks whenever `key` changes; an answer to what is not asked any more is heard by nobody. `again` asks once more. */
export const useAsking = <T,>(
  ask: (signal: AbortSignal) => Promise<T>,
  key: string,
): Asked<T> & { readonly again: () => void } => {
  const [asked, setAsked] = useState<Asked<T>>({ state: 'asking', before: undefined });
  const [turn, setTurn] = useState(0);
  const before = useRef<T>(undefined);
  useEffect(() => {
    const leaving = new AbortController();
    setAsked({ state: 'asking', before: before.current });
    ask(leaving.signal).then(
      (answer) => {
        if (leaving.signal.aborted) return;
        before.current = answer;
        setAsked({ state: 'answered', answer });
      },
      (error: unknown) => {
        if (leaving.signal.aborted) return;
        if (error instanceof CivitasProblem && error.type === '/problems/unauthenticated') signedOut();
        setAsked({ state: 'failed', error });
      },
    );
    return () => {
      leaving.abort();
    };
  }, [key, turn]);
  return {
    ...asked,
    again: () => {
      setTurn((last) => last + 1);
    },
  };
};

/** Says what is waited for, to everybody, from the first moment. There is nothing that turns round without words. */
export const Waiting = ({ children }: { readonly children: ComponentChildren }): JSX.Element => (
  <p class="waiting" role="status">
    {children}
  </p>
);

/** What went wrong, in words, and a way to try once more. */
export const Failure = ({
  error,
  again,
}: {
  readonly error: unknown;
  readonly again?: (() => void) | undefined;
}): JSX.Element => (
  <div class="utrecht-alert utrecht-alert--error" role="alert">
    <div>
      <p>{failureText(error)}</p>
      {again === undefined ? null : (
        <button type="button" class="nl-button nl-button--secondary" onClick={again}>
          {t('failure.again')}
        </button>
      )}
    </div>
  </div>
);

/** By its rule, else by its type, else as the answer says it, which is English. */
export const failureText = (error: unknown): string => {
  if (error instanceof CivitasUnreachable) return t('failure.unreachable');
  if (!(error instanceof CivitasProblem)) throw error;
  const { problem } = error;
  const byType = wordOr(`problem.${problem.type.split('/').at(-1) ?? ''}`, problem.detail);
  return 'rule' in problem ? wordOr(`rule.${problem.rule}`, byType) : byType;
};
