import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { api } from '../api.ts';
import { Failure, useAsking, Waiting } from '../asking.tsx';
import { keepFocus } from '../here.ts';
import { Page } from '../parts/page.tsx';
import { Wide } from '../parts/wide.tsx';
import { titlesOf } from '../session.ts';
import { momentOf, t } from '../words/index.ts';

/** Who one is here, at which sites as what, and where one is logged in; each of one's sessions can be ended. */
export const SessionsPage = (): JSX.Element => {
  const asked = useAsking((signal) => api.call('listSessions', { signal }), 'sessions');
  const [error, setError] = useState<unknown>(null);
  const [ending, setEnding] = useState<string | null>(null);
  const [said, setSaid] = useState('');
  const end = async (sessionId: string, createdAt: string): Promise<void> => {
    if (ending !== null) return;
    setEnding(sessionId);
    setError(null);
    setSaid('');
    try {
      await api.call('endSession', { path: { sessionId } });
      setSaid(t('sessions.ended', { date: momentOf(createdAt) }));
      asked.again();
    } catch (failed) {
      setError(failed);
    }
    setEnding(null);
  };
  useEffect(() => {
    // The button that was pressed is gone with its session.
    if (asked.state === 'answered' && said !== '') keepFocus();
  }, [asked.state]);
  const own = asked.state === 'answered' ? asked.answer : asked.state === 'asking' ? asked.before : undefined;
  return (
    <Page title={t('sessions.title')}>
      {own === undefined && asked.state === 'asking' ? <Waiting>{t('sessions.asking')}</Waiting> : null}
      {asked.state === 'failed' ? <Failure error={asked.error} again={asked.again} /> : null}
      {error === null ? null : <Failure error={error} />}
      <p class="waiting" role="status">
        {ending === null ? said : t('sessions.ending')}
      </p>
      {own === undefined ? null : (
        <>
          <p>
            <bdi>{own.displayName ?? ''}</bdi> {own.email === null ? null : <bdi class="quiet">{own.email}</bdi>}
          </p>
          {own.platformAdmin ? <p>{t('sessions.platformAdmin')}</p> : null}
          <ul>
            {own.users.map(({ id, site, role }) => (
              <li key={id}>
                <bdi>{titlesOf(own.users.map((user) => user.site)).get(site.id)}</bdi> ({t(`role.${role}`)})
              </li>
            ))}
          </ul>
          <h2 class="nl-heading nl-heading--level-2">{t('sessions.list')}</h2>
          <Wide label={t('sessions.list')}>
            <table>
              <thead>
                <tr>
                  <th scope="col">{t('sessions.where')}</th>
                  <th scope="col">{t('sessions.since')}</th>
                  <th scope="col">{t('sessions.until')}</th>
                  <th scope="col">{t('sessions.end')}</th>
                </tr>
              </thead>
              <tbody>
                {own.sessions.map(({ id, kind, site, createdAt, expiresAt, current }) => (
                  <tr key={id}>
                    <th scope="row">
                      <bdi>{kind === 'console' ? t('sessions.console') : (site?.title ?? t('preview.noSite'))}</bdi>
                      {current ? ` (${t('sessions.current')})` : ''}
                    </th>
                    <td>{momentOf(createdAt)}</td>
                    <td>{momentOf(expiresAt)}</td>
                    <td>
                      <button
                        type="button"
                        class="nl-button nl-button--secondary"
                        onClick={() => void end(id, createdAt)}
                      >
                        {t('sessions.end')}
                        <span class="unseen"> {t('sessions.endThis', { date: momentOf(createdAt) })}</span>
                      </button>
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </Wide>
        </>
      )}
    </Page>
  );
};
