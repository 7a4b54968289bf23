import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { useLocation } from 'preact-iso';
import { api } from '../api.ts';
import { useFilled } from '../typed.ts';
import { AuditFile } from '../parts/audit-file.tsx';
import { AllSites, Choice, DayField } from '../parts/choices.tsx';
import { Page, NotForYou } from '../parts/page.tsx';
import { WalkedList } from '../parts/walked.tsx';
import { Wide } from '../parts/wide.tsx';
import { isAdminSomewhere, siteTitle, sitesOfOwn } from '../session.ts';
import { useWalk } from '../walking.ts';
import { isolated, momentOf, t, wordOr } from '../words/index.ts';

const deeds = ['do-anonymize', 'do-anonymizeall', 'do-anonymize-all-users', 'delete', 'found anonymized'] as const;
const calls = [...deeds, 'read-person', 'export'] as const;
const outcomes = ['pending', 'removed', 'kept', 'unknown', 'none'] as const;
const filters = ['from', 'before', 'siteId', 'call', 'outcome'] as const;

/** What was done and looked at. What it is filtered by stands in the address. */
export const AuditPage = (): JSX.Element => {
  const { query, route } = useLocation();
  const asked = Object.fromEntries(filters.flatMap((name) => (query[name] ? [[name, query[name]]] : [])));
  const form = useFilled(asked);
  const [turn, setTurn] = useState(0);
  if (!isAdminSomewhere()) return <NotForYou title={t('audit.title')} />;
  return (
    <Page title={t('audit.title')}>
      <AllSites />
      <form
        class="filters"
        ref={form}
        onSubmit={(event) => {
          event.preventDefault();
          const said = [...new FormData(event.currentTarget)].flatMap(([name, value]) =>
            typeof value === 'string' && value !== '' ? [[name, value]] : [],
          );
          route(`/console/audit?${new URLSearchParams(said).toString()}`);
          // What is asked once more may have another answer.
          setTurn(turn + 1);
        }}
      >
        <DayField name="from" label={t('audit.from')} />
        <DayField name="before" label={t('audit.before')} />
        <Choice
          name="siteId"
          label={t('preview.site')}
          options={sitesOfOwn().map(({ id }) => [String(id), isolated(siteTitle(id))])}
        />
        <Choice name="call" label={t('receipt.what')} options={calls.map((call) => [call, t(`call.${call}`)])} />
        <Choice
          name="outcome"
          label={t('progress.account')}
          options={outcomes.map((outcome) => [outcome, t(`removal.${outcome}`)])}
        />
        <button type="submit" class="nl-button nl-button--primary">
          {t('audit.show')}
        </button>
      </form>
      <AuditFile key={`file ${JSON.stringify(asked)}`} asked={asked} />
      <Records key={turn} asked={asked} />
    </Page>
  );
};

const Records = ({ asked }: { readonly asked: Readonly<Record<string, string>> }): JSX.Element => {
  const walked = useWalk(
    (cursor, signal) => api.audit.list({ ...asked, cursor, pageSize: 50 }, { signal }),
    JSON.stringify(asked),
  );
  return (
    <WalkedList
      walked={walked}
      asking={t('audit.asking')}
      count={t('audit.count', { n: walked.records.length })}
      none={t('audit.none')}
    >
      <Wide label={t('audit.title')}>
        <table>
          <thead>
            <tr>
              {(
                ['receipt.at', 'receipt.what', 'preview.site', 'audit.user', 'receipt.by', 'progress.account'] as const
              ).map((name) => (
                <th key={name} scope="col">
                  {t(name)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {walked.records.map(({ at, call, siteId, userId, actor, outcome, reason, operation }, index) => (
              <tr key={index}>
                <td>{momentOf(at)}</td>
                <td>
                  {operation === undefined || call === 'read-person' || call === 'export' ? (
                    wordOr(`call.${call}`, call)
                  ) : (
                    <a class="nl-link" href={`/console/operation/${operation}`}>
                      {wordOr(`call.${call}`, call)}
                    </a>
                  )}
                  {reason === null || reason === undefined ? null : <span class="quiet"> {reason}</span>}
                </td>
                <td>{siteId === null ? t('preview.noSite') : siteTitle(siteId)}</td>
                <td class="number">{userId}</td>
                <td>
                  {wordOr(`by.${actor.kind}`, actor.kind)}
                  {(actor.name ?? actor.id ?? null) ? <bdi class="quiet"> {actor.name ?? actor.id}</bdi> : null}
                </td>
                <td>{outcome === null ? '' : wordOr(`removal.${outcome.removal}`, outcome.removal)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Wide>
    </WalkedList>
  );
};
