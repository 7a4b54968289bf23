import type { JSX } from 'preact';
import { api } from '../api.ts';
import { Failure, useAsking, Waiting } from '../asking.tsx';
import { NotForYou } from '../parts/not-for-you.tsx';
import { Page } from '../parts/page.tsx';
import { Wide } from '../parts/wide.tsx';
import { isPlatformAdmin, siteTitle } from '../session.ts';
import { listOf, momentOf, t } from '../words/index.ts';

/** The clients of the management API. They are made and revoked at the command line, where their secret is shown once. */
export const ClientsPage = (): JSX.Element => (isPlatformAdmin() ? <All /> : <NotForYou title={t('clients.title')} />);

const All = (): JSX.Element => {
  const asked = useAsking((signal) => api.call('listClients', { signal }), 'clients');
  return (
    <Page title={t('clients.title')}>
      <p>{t('clients.text')}</p>
      {asked.state === 'asking' ? <Waiting>{t('clients.asking')}</Waiting> : null}
      {asked.state === 'failed' ? <Failure error={asked.error} again={asked.again} /> : null}
      {asked.state === 'answered' && asked.answer.length === 0 ? <p>{t('clients.none')}</p> : null}
      {asked.state === 'answered' && asked.answer.length > 0 ? (
        <Wide label={t('clients.title')}>
          <table>
            <thead>
              <tr>
                <th scope="col">{t('field.name')}</th>
                <th scope="col">{t('sites.title')}</th>
                <th scope="col">{t('clients.scopes')}</th>
                <th scope="col">{t('clients.used')}</th>
              </tr>
            </thead>
            <tbody>
              {asked.answer.map(({ id, name, siteIds, scopes, lastUsedAt }) => (
                <tr key={id}>
                  <th scope="row">{name}</th>
                  <td>{listOf(siteIds.map(siteTitle))}</td>
                  <td>{listOf(scopes)}</td>
                  <td>{lastUsedAt === null ? t('clients.never') : momentOf(lastUsedAt)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </Wide>
      ) : null}
    </Page>
  );
};
