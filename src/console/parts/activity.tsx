import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { api } from '../api.ts';
import { Failure, useAsking, Waiting } from '../asking.tsx';
import { dayOf, t } from '../words/index.ts';

/** So many are shown: it is to see with whom one has to do, and not to read all of it. */
const shown = 50;

/** What somebody contributed, newest first; asked for when somebody opens it. */
export const ActivityOf = ({ siteId, userId }: { readonly siteId: string; readonly userId: string }): JSX.Element => {
  const [isOpen, setIsOpen] = useState(false);
  return (
    <details
      class="no-print"
      onToggle={(event) => {
        if (event.currentTarget.open) setIsOpen(true);
      }}
    >
      <summary>{t('activity.title')}</summary>
      {isOpen ? <Activity siteId={siteId} userId={userId} /> : null}
    </details>
  );
};

const Activity = ({ siteId, userId }: { readonly siteId: string; readonly userId: string }): JSX.Element => {
  const asked = useAsking((signal) => api.user(siteId, userId).activity({}, { signal }), `${siteId}/${userId}`);
  if (asked.state === 'asking') return <Waiting>{t('activity.asking')}</Waiting>;
  if (asked.state === 'failed') return <Failure error={asked.error} again={asked.again} />;
  const { activity } = asked.answer;
  if (activity.length === 0) return <p>{t('preview.none')}</p>;
  return (
    <>
      <ol class="activity">
        {activity.slice(0, shown).map(({ type, description, idea, site, createdAt }, index) => (
          <li key={index}>
            <span class="quiet">
              {dayOf(createdAt)} · {site.title} · {t(`one.${type.slug}`)}
            </span>
            <br />
            {description === '' ? (idea?.title ?? '') : description.slice(0, 300)}
          </li>
        ))}
      </ol>
      {activity.length > shown ? <p>{t('preview.andMore', { n: activity.length - shown })}</p> : null}
    </>
  );
};
