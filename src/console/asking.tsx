import { useEffect, useRef, useState } from 'preact/hooks';
import type { ComponentChildren, JSX } from 'preact';
import { CivitasProblem, CivitasUnreachable } from '../client/index.ts';
import { isWord, t, wordOr } from './words/index.ts';

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
  const [heard, setHeard] = useState<{ readonly question: string; readonly asked: Asked<T> } | null>(null);
  const [turn, setTurn] = useState(0);
  const before = useRef<T>(undefined);
  const question = `${turn} ${key}`;
  useEffect(() => {
    const leaving = new AbortController();
    ask(leaving.signal).then(
      (answer) => {
        if (leaving.signal.aborted) return;
        before.current = answer;
        setHeard({ question, asked: { state: 'answered', answer } });
      },
      (error: unknown) => {
        if (leaving.signal.aborted) return;
        if (!isFailure(error)) reportError(error);
        setHeard({ question, asked: { state: 'failed', error } });
      },
    );
    return () => {
      leaving.abort();
    };
  }, [question]);
  // From the moment that something else is asked: not one frame shows the last answer as the one to it.
  const asked: Asked<T> = heard?.question === question ? heard.asked : { state: 'asking', before: before.current };
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

/** What a call may come to; anything else is a mistake of ours. */
const isFailure = (error: unknown): error is CivitasProblem | CivitasUnreachable =>
  error instanceof CivitasProblem || error instanceof CivitasUnreachable;

/** By its rule, else by its type, else as the answer says it, which is English. */
export const failureText = (error: unknown): string => {
  if (!isFailure(error)) return t('failure.unknown');
  if (error instanceof CivitasUnreachable) return t('failure.unreachable');
  const { problem } = error;
  // Of a proxy on the way, whose page is not for reading here.
  if (problem.type === 'about:blank') return t('failure.foreign', { status: problem.status });
  const name = `problem.${problem.type.split('/').at(-1) ?? ''}`;
  const byType = isWord(name) ? t(name, { detail: problem.detail }) : problem.detail;
  return 'rule' in problem ? wordOr(`rule.${problem.rule}`, byType) : byType;
};
