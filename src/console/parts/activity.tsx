import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { Activity as Contributed } from '../../client/index.ts';
import { api } from '../api.ts';
import { Failure, useAsking, Waiting } from '../asking.tsx';
import { dayOf, t } from '../words/index.ts';
import { More } from './walked.tsx';

/** So many are shown at once: it is to see with whom one has to do, and not to read all of it. */
const step = 50;

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
  const [shown, setShown] = useState(step);
  // One more tells whether there is more.
  const asked = useAsking(
    (signal) => api.user(siteId, userId).activity({ first: shown + 1 }, { signal }),
    `${siteId}/${userId} ${shown}`,
  );
  const known = asked.state === 'answered' ? asked.answer : asked.state === 'asking' ? asked.before : undefined;
  return (
    <>
      {known === undefined ? null : <Lines activity={known.activity.slice(0, shown)} />}
      {asked.state === 'asking' ? <Waiting>{t('activity.asking')}</Waiting> : null}
      {asked.state === 'failed' ? <Failure error={asked.error} again={asked.again} /> : null}
      {known === undefined ? null : (
        <More
          onMore={
            asked.state === 'answered' && known.activity.length > shown && shown < most
              ? () => {
                  setShown(shown + step);
                }
              : undefined
          }
          isAsking={asked.state === 'asking'}
        />
      )}
    </>
  );
};
/** What the program lists at once, but the one that only tells of more. */
const most = 950;

const Lines = ({ activity }: Pick<Contributed, 'activity'>): JSX.Element =>
  activity.length === 0 ? (
    <p>{t('preview.none')}</p>
  ) : (
    <ol class="activity">
      {activity.map(({ type, description, idea, site, createdAt }, index) => (
        <li key={index}>
          <span class="quiet">
            {dayOf(createdAt)} · <bdi>{site.title}</bdi> · {t(`one.${type.slug}`)}
          </span>
          <br />
          <bdi>{description === '' ? (idea?.title ?? '') : description.slice(0, 300)}</bdi>
        </li>
      ))}
    </ol>
  );
