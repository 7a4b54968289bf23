import type { JSX } from 'preact';
import { api } from '../api.ts';
import { Failure, useAsking, Waiting } from '../asking.tsx';
import { sitesOf } from '../looking.ts';
import { ActivityOf } from '../parts/activity.tsx';
import { Page } from '../parts/page.tsx';
import { Rows } from '../parts/rows.tsx';
import { dayOf, t } from '../words/index.ts';

/** A person: their rows side by side, and the way to what anonymizing would do. */
export const PersonPage = ({ siteId, userId }: { readonly siteId: string; readonly userId: string }): JSX.Element => {
  const asked = useAsking((signal) => api.user(siteId, userId).person({ signal }), `${siteId}/${userId}`);
  if (asked.state === 'failed')
    return (
      <Page title={t('step.person')} step="person" key="failed">
        <Failure error={asked.error} again={asked.again} />
      </Page>
    );
  if (asked.state === 'asking')
    return (
      <Page title={t('step.person')} step="person" key="asking">
        <Waiting>{t('person.asking')}</Waiting>
      </Page>
    );
  const { displayName, email, lastLogin, users } = asked.answer;
  return (
    <Page title={displayName ?? t('person.nameless')} window={t('step.person')} step="person" key="person">
      <p>
        {email === null ? <span class="quiet">{t('find.notShown')}</span> : <bdi>{email}</bdi>}
        {lastLogin === null ? null : <span class="quiet"> · {t('find.lastLogin', { date: dayOf(lastLogin) })}</span>}
      </p>
      {!sitesOf(asked.answer).some(({ may }) => may) ? null : (
        <p class="buttons first no-print">
          <a class="nl-button nl-button--primary" href={`/console/person/${siteId}/${userId}/anonymize`}>
            {t('person.preview')}
          </a>
          <span class="quiet">{t('person.previewHint')}</span>
        </p>
      )}
      <h2 class="nl-heading nl-heading--level-2" id="rows">
        {t('person.rows')}
      </h2>
      <Rows users={users} labelledBy="rows" />
      <ActivityOf siteId={siteId} userId={userId} />
      <p class="quiet">{t('person.lookIsWritten')}</p>
    </Page>
  );
};
