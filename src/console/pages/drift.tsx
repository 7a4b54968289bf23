import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { api } from '../api.ts';
import { Failure, useAsking, Waiting } from '../asking.tsx';
import { NotForYou, Page } from '../parts/page.tsx';
import { Turning } from '../parts/walked.tsx';
import { Wide } from '../parts/wide.tsx';
import { isPlatformAdmin, siteTitle } from '../session.ts';
import { momentOf, numberOf, t, wordOr } from '../words/index.ts';

const kinds = [
  ...(['unknown-there', 'differed', 'does-not-fit', 'address-taken', 'left-behind'] as const),
  ...(['found-anonymized', 'unreadable', 'never-fetched'] as const),
];

/** Where our rows and the OAuth server differ, and how far the walk over all people is. */
export const DriftPage = (): JSX.Element => (isPlatformAdmin() ? <All /> : <NotForYou title={t('drift.title')} />);

const All = (): JSX.Element => {
  const [page, setPage] = useState(0);
  const asked = useAsking((signal) => api.call('listDrift', { query: { page, pageSize: 50 }, signal }), String(page));
  const answer = asked.state === 'answered' ? asked.answer : asked.state === 'asking' ? asked.before : undefined;
  return (
    <Page title={t('drift.title')}>
      <p>{t('drift.text')}</p>
      {asked.state === 'asking' ? <Waiting>{t('drift.asking')}</Waiting> : null}
      {asked.state === 'failed' ? <Failure error={asked.error} again={asked.again} /> : null}
      {answer === undefined ? null : (
        <>
          <p>
            {t('drift.people', { n: answer.summary.people })}{' '}
            {answer.sweep === null
              ? ''
              : t('drift.sweep', { n: answer.sweep.checked, date: momentOf(answer.sweep.beganAt) })}
          </p>
          <table class="facts">
            <tbody>
              {kinds.map((kind) => (
                <tr key={kind}>
                  <th scope="row">{t(`drift.${kind}`)}</th>
                  <td class="number">{numberOf(answer.summary[kind])}</td>
                </tr>
              ))}
            </tbody>
          </table>
          {answer.records.length === 0 ? null : (
            <>
              <h2 class="nl-heading nl-heading--level-2">{t('drift.list')}</h2>
              <Wide label={t('drift.list')}>
                <table>
                  <thead>
                    <tr>
                      <th scope="col">{t('drift.what')}</th>
                      <th scope="col">{t('person.field')}</th>
                      <th scope="col">{t('receipt.at')}</th>
                      <th scope="col">{t('drift.rows')}</th>
                    </tr>
                  </thead>
                  <tbody>
                    {answer.records.map(({ personId, kind, fields, at, users }) => (
                      <tr key={`${personId} ${kind}`}>
                        <td>{t(`drift.${kind}`)}</td>
                        <td>{fields.map((field) => wordOr(`field.${field}`, field)).join(', ')}</td>
                        <td>{at === null ? '' : momentOf(at)}</td>
                        <td>
                          {users.map(({ id, siteId }) => (
                            <a key={id} class="nl-link" href={`/console/person/${siteId}/${id}`}>
                              <bdi>{siteTitle(siteId)}</bdi> {id}{' '}
                            </a>
                          ))}
                        </td>
                      </tr>
                    ))}
                  </tbody>
                </table>
              </Wide>
            </>
          )}
          <Turning page={page} pageCount={answer.metadata.pageCount} onTurn={setPage} />
        </>
      )}
    </Page>
  );
};
