import type { JSX } from 'preact';
import { api } from '../api.ts';
import { NotForYou, Page } from '../parts/page.tsx';
import { WalkedList } from '../parts/walked.tsx';
import { Wide } from '../parts/wide.tsx';
import { isAdminSomewhere, siteTitle } from '../session.ts';
import { useWalk } from '../walking.ts';
import { momentOf, numberOf, t } from '../words/index.ts';

/** Anonymizations of many people, newest first. */
export const RunsPage = (): JSX.Element => (isAdminSomewhere() ? <All /> : <NotForYou title={t('runs.title')} />);

const All = (): JSX.Element => {
  const walked = useWalk(
    (cursor, signal) => api.call('listAnonymizationRuns', { query: { cursor, pageSize: 50 }, signal }),
    'runs',
  );
  return (
    <Page title={t('runs.title')}>
      <p>{t('runs.text')}</p>
      <WalkedList
        walked={walked}
        asking={t('runs.asking')}
        count={t('runs.count', { n: walked.records.length })}
        none={t('runs.none')}
      >
        <Wide label={t('runs.title')}>
          <table>
            <thead>
              <tr>
                <th scope="col">{t('runs.planned')}</th>
                <th scope="col">{t('preview.site')}</th>
                <th scope="col">{t('confirm.reason')}</th>
                <th scope="col" class="number">
                  {t('runs.people')}
                </th>
                <th scope="col">{t('runs.state')}</th>
              </tr>
            </thead>
            <tbody>
              {walked.records.map(({ id, plannedAt, siteId, statedReason, planned, state }) => (
                <tr key={id}>
                  <th scope="row">
                    <a class="nl-link" href={`/console/run/${id}`}>
                      {momentOf(plannedAt)}
                    </a>
                  </th>
                  <td>{siteId === null ? t('runs.platform') : siteTitle(siteId)}</td>
                  <td>{statedReason ?? ''}</td>
                  <td class="number">{numberOf(planned)}</td>
                  <td>{t(`run.${state}`)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </Wide>
      </WalkedList>
    </Page>
  );
};
