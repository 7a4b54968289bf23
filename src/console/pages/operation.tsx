import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { Operation } from '../../client/index.ts';
import { api } from '../api.ts';
import { Failure, Waiting } from '../asking.tsx';
import { outcome } from '../looking.ts';
import { Page } from '../parts/page.tsx';
import { timeOf, t } from '../words/index.ts';

/** How far it is, until the OAuth server has settled it, however long that takes: this page may be left, and come back to. */
export const OperationPage = ({ operationId }: { readonly operationId: string }): JSX.Element => {
  const [now, setNow] = useState<{ readonly operation: Operation; readonly askedAt: Date } | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [turn, setTurn] = useState(0);
  const known = outcome.value?.operation === operationId ? outcome.value : null;
  const isNothing = operationId === 'none';
  useEffect(() => {
    if (isNothing) return undefined;
    const leaving = new AbortController();
    const follow = async (): Promise<void> => {
      for await (const operation of api.operation(operationId).progress({ signal: leaving.signal }))
        setNow({ operation, askedAt: new Date() });
    };
    follow().catch((failed: unknown) => {
      if (!leaving.signal.aborted) setError(failed);
    });
    return () => {
      leaving.abort();
    };
  }, [operationId, turn]);
  return (
    <Page
      title={known === null ? t('step.progress') : t('progress.title', { name: known.name })}
      window={t('step.progress')}
      step="progress"
    >
      {isNothing ? <p>{t('progress.nothing')}</p> : null}
      {now === null && error === null && !isNothing ? <Waiting>{t('progress.asking')}</Waiting> : null}
      {now === null ? null : <Stages operation={now.operation} askedAt={now.askedAt} />}
      {error === null ? null : (
        <Failure
          error={error}
          again={() => {
            setError(null);
            setTurn(turn + 1);
          }}
        />
      )}
      <p class="buttons">
        <a class="nl-link" href="/console">
          {t('receipt.another')}
        </a>
      </p>
    </Page>
  );
};

const Stages = ({ operation, askedAt }: { readonly operation: Operation; readonly askedAt: Date }): JSX.Element => {
  const { sites, oauth, receipt } = operation;
  const isWaiting = operation.state === 'running';
  return (
    <ol class="stages">
      <Stage isDone title={t('progress.sites', { sites: t('many.sites', { n: sites.length }) })}>
        <p>{t('progress.sitesText')}</p>
      </Stage>
      <Stage isDone={!isWaiting} title={t('progress.account')}>
        <p role="status">{oauth === undefined ? t('preview.accountUnknown') : t(`progress.${oauth.removal}`)}</p>
        {isWaiting ? <p class="quiet">{t('progress.lastAsked', { time: timeOf(askedAt) })}</p> : null}
      </Stage>
      <Stage isDone title={t('progress.receiptReady')}>
        <p>{t('progress.receiptText')}</p>
        <p class="buttons first">
          <a class="nl-button nl-button--primary" href={`/console/receipt/${receipt.split('/').at(-1) ?? ''}`}>
            {t('progress.show')}
          </a>
        </p>
      </Stage>
    </ol>
  );
};

/** Done or waited for is told by a sign of its own shape, and to a screen reader by a word. */
const Stage = ({
  isDone,
  title,
  children,
}: {
  readonly isDone: boolean;
  readonly title: string;
  readonly children: ComponentChildren;
}): JSX.Element => (
  <li>
    <svg viewBox="0 0 32 32" aria-hidden="true">
      <circle cx={16} cy={16} r={14} class={isDone ? 'okay' : 'waits'} />
      <path d={isDone ? 'M9 16l5 5 9-10' : 'M16 8v8l5 4'} class={isDone ? 'tickmark' : 'hand'} />
    </svg>
    <div>
      <h2 class="nl-heading nl-heading--level-3">
        {title}
        <span class="unseen"> ({t(isDone ? 'progress.isDone' : 'progress.isWaiting')})</span>
      </h2>
      {children}
    </div>
  </li>
);
