import type { JSX } from 'preact';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { Run } from '../../client/index.ts';
import { api } from '../api.ts';
import { Failure, Waiting } from '../asking.tsx';
import { keepFocus } from '../here.ts';
import { Page } from '../parts/page.tsx';
import { RunPeople } from '../parts/run-people.tsx';
import { TextField } from '../parts/text-field.tsx';
import { siteTitle } from '../session.ts';
import { goTo, typedIn } from '../typed.ts';
import { momentOf, numberOf, t, wordOr } from '../words/index.ts';

/** One run: what it would do, and once it was started how far it is. Starting asks for the number of people, as nobody types it unread. */
export const RunPage = ({ name }: { readonly name: string }): JSX.Element => {
  const run = useMemo(() => api.run(name), [name]);
  const [seen, setSeen] = useState<Run | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [turn, setTurn] = useState(0);
  const [isAtWork, setIsAtWork] = useState(false);
  const [isChanged, setIsChanged] = useState(false);
  const [isAsking, setIsAsking] = useState(false);
  /** It was planned only, and cancelled: there is nothing to ask for any more. */
  const [isGone, setIsGone] = useState(false);
  useEffect(() => {
    if (isGone) return undefined;
    const leaving = new AbortController();
    const follow = async (): Promise<void> => {
      for await (const now of run.progress({ signal: leaving.signal })) setSeen(now);
    };
    follow().catch((failed: unknown) => {
      if (!leaving.signal.aborted) setError(failed);
    });
    return () => {
      leaving.abort();
    };
  }, [run, turn]);
  useEffect(() => {
    // What was pressed is not to be pressed any more.
    if (turn > 0) keepFocus();
  }, [seen?.state]);
  /** Does one thing, and follows what comes of it. */
  const steer = async (step: () => Promise<unknown>): Promise<void> => {
    if (isAtWork) return;
    setIsAtWork(true);
    setError(null);
    try {
      await step();
    } catch (failed) {
      setError(failed);
    }
    setIsAtWork(false);
    setTurn((last) => last + 1);
  };
  const start = async (): Promise<void> => {
    const result = await run.start();
    setIsChanged(!result.started);
  };
  return (
    <Page title={t('run.title')}>
      {seen === null && error === null ? <Waiting>{t('progress.asking')}</Waiting> : null}
      {error === null ? null : (
        <Failure
          error={error}
          again={() => {
            setError(null);
            setTurn(turn + 1);
          }}
        />
      )}
      {isChanged ? (
        <div class="utrecht-alert utrecht-alert--warning" role="alert">
          <p>{t('run.changed')}</p>
        </div>
      ) : null}
      {seen === null ? null : (
        <>
          <Facts run={seen} />
          {isAtWork ? <Waiting>{t('run.working')}</Waiting> : null}
          {seen.state === 'planned' ? <Start run={seen} onStart={() => void steer(start)} /> : null}
          {isAsking && (seen.state === 'paused' || seen.state === 'planned') ? (
            <Cancel
              onCancel={() => {
                setIsAsking(false);
                void steer(async () => {
                  setSeen(await run.cancel());
                  setIsGone(seen.state === 'planned');
                });
              }}
              onKeep={() => {
                setIsAsking(false);
                setTimeout(keepFocus);
              }}
            />
          ) : (
            <p class="buttons">
              {seen.state === 'running' ? (
                <Steer word="run.pause" onClick={() => void steer(() => run.pause())} />
              ) : null}
              {seen.state === 'paused' ? (
                <Steer word="run.resume" onClick={() => void steer(() => run.resume())} />
              ) : null}
              {seen.state === 'paused' || seen.state === 'planned' ? (
                <Steer
                  word="run.cancel"
                  onClick={() => {
                    setIsAsking(true);
                  }}
                />
              ) : null}
            </p>
          )}
          {seen.startedAt === null || isGone ? null : <RunPeople run={seen} />}
        </>
      )}
    </Page>
  );
};

/** What cannot be taken back is asked once more. */
const Cancel = ({ onCancel, onKeep }: { readonly onCancel: () => void; readonly onKeep: () => void }): JSX.Element => {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    heading.current?.focus();
  }, []);
  return (
    <section aria-labelledby="cancel">
      <h2 class="nl-heading nl-heading--level-2" id="cancel" tabIndex={-1} ref={heading}>
        {t('run.cancelTitle')}
      </h2>
      <p>{t('run.cancelText')}</p>
      <p class="buttons">
        <button type="button" class="nl-button nl-button--primary nl-button--negative" onClick={onCancel}>
          {t('run.cancel')}
        </button>
        <button type="button" class="nl-button nl-button--secondary" onClick={onKeep}>
          {t('clients.cancel')}
        </button>
      </p>
    </section>
  );
};

const Steer = ({
  word,
  onClick,
}: {
  readonly word: 'run.pause' | 'run.resume' | 'run.cancel';
  readonly onClick: () => void;
}): JSX.Element => (
  <button type="button" class="nl-button nl-button--secondary" onClick={onClick}>
    {t(word)}
  </button>
);

const Facts = ({ run }: { readonly run: Run }): JSX.Element => {
  const { plan, progress } = run;
  const facts: readonly (readonly [string, string | null])[] = [
    [
      t('runs.state'),
      `${t(`run.${run.state}`)}${run.reason === null ? '' : ` (${wordOr(`rule.${run.reason}`, run.reason)})`}`,
    ],
    [t('preview.site'), run.siteId === null ? t('runs.platform') : siteTitle(run.siteId)],
    [t('confirm.reason'), run.statedReason],
    [t('runs.people'), numberOf(plan.persons)],
    [t('receipt.users'), numberOf(plan.users)],
    ...Object.entries(plan.leftOut).map(
      ([rule, n]) => [t('run.leftOut', { why: wordOr(`rule.${rule}`, rule) }), numberOf(n)] as const,
    ),
    [t('progress.account'), t('run.oauth', { removed: plan.oauth.removed, kept: plan.oauth.kept })],
    [t('run.progress'), run.startedAt === null ? null : t('run.of', { done: progress.done, total: progress.total })],
    [t('run.estimate'), run.estimate === null ? null : momentOf(run.estimate)],
    [t('run.awaiting'), run.awaitingRemoval === 0 ? null : numberOf(run.awaitingRemoval)],
  ];
  return (
    <>
      {run.startedAt === null ? null : (
        <progress class="bar" max={Math.max(1, progress.total)} value={progress.done} aria-label={t('run.progress')} />
      )}
      <table class="facts">
        <tbody>
          {facts.map(([name, value]) =>
            value === null ? null : (
              <tr key={name}>
                <th scope="row">{name}</th>
                <td>{value}</td>
              </tr>
            ),
          )}
        </tbody>
      </table>
    </>
  );
};

const Start = ({ run: { plan }, onStart }: { readonly run: Run; readonly onStart: () => void }): JSX.Element => {
  const [isWrong, setIsWrong] = useState(false);
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        const isRight = typedIn(event.currentTarget, 'number').replace(/[\s.,]/g, '') === String(plan.persons);
        setIsWrong(!isRight);
        if (isRight) onStart();
        else goTo(event.currentTarget, 'number');
      }}
    >
      <p>
        <strong>{t('confirm.final')}</strong>
      </p>
      <TextField
        name="number"
        label={t('run.type', { n: plan.persons })}
        wrong={isWrong ? t('run.typeWrong', { n: plan.persons }) : null}
      />
      <p class="buttons">
        <button type="submit" class="nl-button nl-button--primary nl-button--negative">
          {t('run.start', { n: plan.persons })}
        </button>
      </p>
    </form>
  );
};
