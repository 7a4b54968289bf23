import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { useLocation } from 'preact-iso';
import { CivitasProblem, type OutboxMessage } from '../../client/index.ts';
import { api } from '../api.ts';
import { Failure, Waiting } from '../asking.tsx';
import { useFilled, typedIn } from '../typed.ts';
import { Choice } from '../parts/choices.tsx';
import { NotForYou, Page } from '../parts/page.tsx';
import { WalkedList } from '../parts/walked.tsx';
import { Wide } from '../parts/wide.tsx';
import { isPlatformAdmin, siteTitle } from '../session.ts';
import { useWalk } from '../walking.ts';
import { listOf, momentOf, numberOf, t, wordOr } from '../words/index.ts';

const topics = [
  ...(['person.remove', 'person.withdraw-values', 'person.refresh'] as const),
  ...(['person.say-unsaid', 'user.create'] as const),
];
type Topic = (typeof topics)[number];

/** What still has to reach the login server, since when and why; each can be tried at once. */
export const OutboxPage = (): JSX.Element => (isPlatformAdmin() ? <All /> : <NotForYou title={t('outbox.title')} />);

const All = (): JSX.Element => {
  const { query, route } = useLocation();
  const topic = topics.find((one) => one === query['topic']) ?? null;
  const [turn, setTurn] = useState(0);
  const form = useFilled({ topic: topic ?? '' });
  return (
    <Page title={t('outbox.title')}>
      <p>{t('outbox.text')}</p>
      <form
        class="filters"
        ref={form}
        onSubmit={(event) => {
          event.preventDefault();
          const said = typedIn(event.currentTarget, 'topic');
          route(said === '' ? '/console/outbox' : `/console/outbox?topic=${said}`);
          setTurn(turn + 1);
        }}
      >
        <Choice name="topic" label={t('outbox.what')} options={topics.map((one) => [one, t(`topic.${one}`)])} />
        <button type="submit" class="nl-button nl-button--primary">
          {t('audit.show')}
        </button>
      </form>
      <Messages key={`${topic ?? ''} ${turn}`} topic={topic} />
    </Page>
  );
};

const Messages = ({ topic }: { readonly topic: Topic | null }): JSX.Element => {
  const walked = useWalk(
    (cursor, signal) =>
      api.call('listOutbox', { query: { pageSize: 50, cursor, ...(topic === null ? {} : { topic }) }, signal }),
    'outbox',
  );
  const columns = ['what', 'whom', 'sites', 'since', 'tries', 'next', 'why', 'try'] as const;
  return (
    <WalkedList
      walked={walked}
      asking={t('outbox.asking')}
      count={t('outbox.count', { n: walked.records.length })}
      none={t('outbox.none')}
    >
      <Wide label={t('outbox.title')}>
        <table>
          <thead>
            <tr>
              {columns.map((name) => (
                <th key={name} scope="col">
                  {t(`outbox.${name}`)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {walked.records.map((message) => (
              <Waits key={message.id} listed={message} />
            ))}
          </tbody>
        </table>
      </Wide>
    </WalkedList>
  );
};

/** What was tried here: `waits`: it waits on; `done`: it waits no more, whoever delivered it. */
type Tried = 'no' | 'trying' | 'waits' | 'done' | { readonly error: unknown };

const Waits = ({ listed }: { readonly listed: OutboxMessage }): JSX.Element => {
  const [message, setMessage] = useState(listed);
  const [tried, setTried] = useState<Tried>('no');
  const { id, topic, personId, siteIds, users, since, attempts, dueAt, lastError } = message;
  const what = topic === null ? t('outbox.foreign') : t(`topic.${topic}`);
  const whom = personId === null ? t('outbox.newcomer') : t('outbox.person', { id: String(personId) });
  const retry = async (): Promise<void> => {
    setTried('trying');
    try {
      const { message: left } = await api.call('retryMessage', { path: { messageId: id } });
      if (left !== null) setMessage(left);
      setTried(left === null ? 'done' : 'waits');
    } catch (error) {
      const isGone = error instanceof CivitasProblem && error.status === 404;
      setTried(isGone ? 'done' : { error });
    }
  };
  return (
    <tr>
      <th scope="row">{what}</th>
      <td>
        {users.length === 0
          ? whom
          : users.map((user) => (
              <a key={user.id} class="nl-link" href={`/console/person/${user.siteId}/${user.id}`}>
                <bdi>{siteTitle(user.siteId)}</bdi> {user.id}{' '}
              </a>
            ))}
      </td>
      <td>{listOf(siteIds.map(siteTitle))}</td>
      <td>{momentOf(since)}</td>
      <td class="number">{numberOf(attempts)}</td>
      <td>{tried === 'done' ? '' : momentOf(dueAt)}</td>
      <td>{lastError === null ? t('outbox.untried') : wordOr(`waits.${lastError}`, lastError)}</td>
      <td>
        {tried === 'done' ? <Done /> : null}
        {tried === 'done' || lastError === 'not-written-by-us' ? null : (
          <button
            type="button"
            class="nl-button nl-button--secondary"
            onClick={() => {
              if (tried !== 'trying') void retry();
            }}
          >
            {t('outbox.now')}
            <span class="unseen">
              {' '}
              ({what}, {whom})
            </span>
          </button>
        )}
        {tried === 'trying' ? <Waiting>{t('outbox.trying')}</Waiting> : null}
        {tried === 'waits' ? <p role="status">{t('outbox.waits')}</p> : null}
        {typeof tried === 'object' ? <Failure error={tried.error} /> : null}
      </td>
    </tr>
  );
};

/** In place of the button, and of its focus. */
const Done = (): JSX.Element => {
  const said = useRef<HTMLParagraphElement>(null);
  useEffect(() => {
    said.current?.focus();
  }, []);
  return (
    <p tabIndex={-1} ref={said}>
      {t('outbox.done')}
    </p>
  );
};
