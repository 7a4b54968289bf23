import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { useLocation } from 'preact-iso';
import type { SiteSummaryOfAnonymization } from '../../client/index.ts';
import { api } from '../api.ts';
import { Failure, useAsking, Waiting } from '../asking.tsx';
import { mostOf } from '../figures.ts';
import { useHere } from '../here.ts';
import { goTo, isSameText, typedIn } from '../typed.ts';
import { t, wordOr } from '../words/index.ts';
import { Kinds } from './picture.tsx';
import { isReason, ReasonField, TextField } from './text-field.tsx';

/** For admins of a site that has ended: everybody at it can be anonymized. What that would do is asked for when somebody opens it. */
export const WholeSite = ({ siteId }: { readonly siteId: string }): JSX.Element | null => {
  const site = useAsking((signal) => api.sites.get(siteId, { signal }), siteId);
  const [isOpen, setIsOpen] = useState(false);
  if (site.state === 'failed') return <Failure error={site.error} again={site.again} />;
  if (site.state !== 'answered' || !hasEnded(site.answer.config)) return null;
  return (
    <details
      onToggle={(event) => {
        if (event.currentTarget.open) setIsOpen(true);
      }}
    >
      <summary>{t('whole.title')}</summary>
      {isOpen ? <Plan siteId={Number(siteId)} title={site.answer.title} /> : null}
    </details>
  );
};

const hasEnded = (config: Readonly<Record<string, unknown>> | undefined): boolean => {
  const project = config?.['project'];
  return (
    typeof project === 'object' && project !== null && 'projectHasEnded' in project && project.projectHasEnded === true
  );
};

const Plan = ({ siteId, title }: { readonly siteId: number; readonly title: string }): JSX.Element => {
  const { route } = useLocation();
  const asked = useAsking((signal) => api.call('willAnonymizeSite', { path: { siteId }, signal }), String(siteId));
  const [isDoing, setIsDoing] = useState(false);
  const [wrong, setWrong] = useState<'title' | 'reason' | null>(null);
  const isHere = useHere();
  const [error, setError] = useState<unknown>(null);
  if (asked.state === 'asking') return <Waiting>{t('preview.counting')}</Waiting>;
  if (asked.state === 'failed') return <Failure error={asked.error} again={asked.again} />;
  const plan = asked.answer;
  const start = async (reason: string): Promise<void> => {
    setIsDoing(true);
    setError(null);
    try {
      const run = await api.call('doAnonymizeSite', {
        path: { siteId },
        headers: { 'If-Match': `"${plan.digest}"` },
        body: reason === '' ? {} : { reason },
      });
      if (isHere.current) route(`/console/run/${run.id}`);
    } catch (failed) {
      setError(failed);
      setIsDoing(false);
    }
  };
  return (
    <>
      <Figures plan={plan} title={title} />
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          const form = event.currentTarget;
          const reason = typedIn(form, 'reason');
          const first = !isSameText(typedIn(form, 'title'), title) ? 'title' : isReason(reason) ? null : 'reason';
          setWrong(first);
          if (first !== null) goTo(form, first);
          else if (!isDoing) void start(reason);
        }}
      >
        <p>
          <strong>{t('confirm.final')}</strong>
        </p>
        <TextField
          name="title"
          label={t('confirm.name', { name: title })}
          wrong={wrong === 'title' ? t('confirm.nameWrong', { name: title }) : null}
        />
        <ReasonField isWrong={wrong === 'reason'} />
        {isDoing ? <Waiting>{t('run.working')}</Waiting> : null}
        {error === null ? null : (
          <Failure
            error={error}
            again={() => {
              setError(null);
              asked.again();
            }}
          />
        )}
        <p class="buttons">
          <button type="submit" class="nl-button nl-button--primary nl-button--negative">
            {t('run.start', { n: plan.persons })}
          </button>
        </p>
      </form>
    </>
  );
};

const Figures = ({
  plan,
  title,
}: {
  readonly plan: SiteSummaryOfAnonymization;
  readonly title: string;
}): JSX.Element => {
  const [site] = plan.sites;
  return (
    <>
      <p class="lead">
        {t('whole.sentence', { persons: plan.persons, removed: plan.oauth.removed, kept: plan.oauth.kept })}
      </p>
      <ul>
        {Object.entries(plan.leftOut).map(([rule, n]) => (
          <li key={rule}>{`${t('run.leftOut', { why: wordOr(`rule.${rule}`, rule) })}: ${n}`}</li>
        ))}
      </ul>
      {site === undefined ? null : (
        <Kinds title={title} site={site} most={mostOf({ digest: '', users: 0, sites: [site] })} />
      )}
    </>
  );
};
