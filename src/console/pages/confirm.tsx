import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { useLocation } from 'preact-iso';
import { CivitasProblem, type AnonymizationSummary } from '../../client/index.ts';
import { Failure, failureText, Waiting } from '../asking.tsx';
import { differenceOf } from '../figures.ts';
import { lookAt, news, outcome, seen, type Look, type Whom } from '../looking.ts';
import { useHere } from '../here.ts';
import { Page } from '../parts/page.tsx';
import { isReason, ReasonField, TextField } from '../parts/text-field.tsx';
import { titlesOf } from '../session.ts';
import { accountSentence, byText } from '../sentence.ts';
import { goTo, isSameText, typedIn } from '../typed.ts';
import { listOf, t } from '../words/index.ts';
import { Sentence } from './preview.tsx';

/** What is being done while one waits; `idle`: nothing. */
type Work = 'idle' | 'doing' | 'looking';

/** The last question before it is done. What is done is exactly what was seen, or nothing; then the difference is shown, and asked again. */
export const Confirm = ({
  look,
  whom,
  back,
}: {
  readonly look: Look;
  readonly whom: Whom;
  readonly back: string;
}): JSX.Element => {
  const { route } = useLocation();
  const name = look.person.displayName ?? `#${whom.userId}`;
  const [work, setWork] = useState<Work>('idle');
  const [error, setError] = useState<unknown>(null);
  const [before, setBefore] = useState<AnonymizationSummary | null>(null);
  const [wrong, setWrong] = useState<ReadonlySet<'name' | 'reason'>>(new Set());
  const form = useRef<HTMLFormElement>(null);
  const isHere = useHere();
  const isAway = (): boolean => !isHere.current;

  const anonymize = async (reason: string): Promise<void> => {
    setWork('doing');
    setError(null);
    try {
      const result = await look.plan.do(reason === '' ? {} : { reason });
      if (result.done) {
        outcome.value = { operation: result.operation, name };
        if (seen.peek() === look) seen.value = null;
        if (!isAway()) route(`/console/operation/${result.operation ?? 'none'}`, true);
        else news.value = { name, operation: result.operation, why: null, isSure: true };
        return;
      }
      if (isAway()) {
        news.value = { name, operation: null, why: t('problem.plan-changed'), isSure: true };
        return;
      }
      setWork('looking');
      const now = await lookAt(whom, new AbortController().signal, true);
      // Whoever looks at somebody else by now confirms them, and not this.
      if (isAway()) return;
      setBefore(look.plan.summary);
      seen.value = now;
      form.current?.reset();
    } catch (failed) {
      if (isAway()) news.value = { name, operation: null, why: failureText(failed), isSure: isAnswered(failed) };
      setError(failed);
    }
    setWork('idle');
  };

  const submit = (said: HTMLFormElement): void => {
    const reason = typedIn(said, 'reason');
    const faults = new Set<'name' | 'reason'>([
      ...(isSameText(typedIn(said, 'name'), name) ? [] : (['name'] as const)),
      ...(isReason(reason) ? [] : (['reason'] as const)),
    ]);
    setWrong(faults);
    const [first] = faults;
    if (first === undefined) void anonymize(reason);
    else goTo(said, first);
  };

  return (
    <Page title={t('confirm.title', { name })} window={t('step.confirm')} step="confirm">
      {before === null ? null : <Changed before={before} look={look} />}
      <Sentence look={look} />
      {look.isNothingLeft ? (
        <Another />
      ) : (
        <>
          <p>
            <strong>{t('confirm.final')}</strong>
          </p>
          <form
            ref={form}
            noValidate
            onSubmit={(event) => {
              event.preventDefault();
              if (work === 'idle') submit(event.currentTarget);
            }}
          >
            <TextField
              name="name"
              label={t('confirm.name', { name })}
              wrong={wrong.has('name') ? t('confirm.nameWrong', { name }) : null}
            />
            <ReasonField isWrong={wrong.has('reason')} />
            {error === null ? null : <Failure error={error} />}
            {work === 'idle' ? null : <Waiting>{t(work === 'doing' ? 'confirm.doing' : 'preview.counting')}</Waiting>}
            <p class="buttons">
              <button
                type="submit"
                class={`nl-button nl-button--primary nl-button--negative${work === 'idle' ? '' : ' nl-button--disabled'}`}
                aria-disabled={work !== 'idle'}
              >
                {t('confirm.do')}
              </button>
              <a class="nl-link" href={back}>
                {t('confirm.back')}
              </a>
            </p>
          </form>
        </>
      )}
    </Page>
  );
};

/** Where there is nothing to confirm any more. */
const Another = (): JSX.Element => (
  <p class="buttons">
    <a class="nl-link" href="/console">
      {t('receipt.another')}
    </a>
  </p>
);

/** Else it may have been done all the same. */
const isAnswered = (error: unknown): boolean => error instanceof CivitasProblem && error.status < 500;

/** What is otherwise than it was when one looked: it comes into focus, as it is what is to be read now. */
const Changed = ({
  before,
  look: {
    plan: { summary: now },
    isNothingLeft,
  },
}: {
  readonly before: AnonymizationSummary;
  readonly look: Look;
}): JSX.Element => {
  const alert = useRef<HTMLDivElement>(null);
  useEffect(() => {
    alert.current?.focus();
  }, [now.digest]);
  const differences = differenceOf(before, now);
  const titles = titlesOf([...before.sites, ...now.sites]);
  const account = before.oauth === now.oauth || isNothingLeft ? null : accountSentence(now.oauth ?? null);
  return (
    <div class="utrecht-alert utrecht-alert--warning" role="alert" tabIndex={-1} ref={alert}>
      <div>
        <p>
          <strong>{t('changed.title')}</strong>
        </p>
        {differences.length === 0 && account === null ? (
          <p>{t('changed.same')}</p>
        ) : (
          <ul>
            {differences.map(({ id, site, changes }) => (
              <li key={id}>
                <bdi>{titles.get(id) ?? site}</bdi>: {listOf(changes.map(byText))}
              </li>
            ))}
            {account === null ? null : <li>{account}</li>}
          </ul>
        )}
        {isNothingLeft ? null : <p>{t('changed.text')}</p>}
      </div>
    </div>
  );
};
