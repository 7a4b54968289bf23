import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { useLocation } from 'preact-iso';
import type { FoundPerson, PeopleWalk } from '../../client/index.ts';
import { api } from '../api.ts';
import { useFilled, useWords, typedIn } from '../typed.ts';
import { Page } from '../parts/page.tsx';
import { titlesOf, way } from '../session.ts';
import { WalkedList } from '../parts/walked.tsx';
import { useWalk } from '../walking.ts';
import { dayOf, t, type WordName } from '../words/index.ts';

/** One field, and who is found. One can come back to what was asked for. */
export const FindPage = (): JSX.Element => {
  const [asked, search] = useWords('/console');
  const form = useFilled({ q: asked });
  return (
    <Page title={t('find.title')} step="find">
      <Led />
      <form
        class="search"
        role="search"
        ref={form}
        onSubmit={(event) => {
          event.preventDefault();
          search(typedIn(event.currentTarget, 'q'));
        }}
      >
        <div class="field">
          <label for="q">{t('find.field')}</label>
          <p class="quiet" id="q-hint">
            {t('find.hint')}
          </p>
          <input
            class="utrecht-textbox utrecht-textbox--html-input"
            type="search"
            id="q"
            name="q"
            aria-describedby="q-hint"
            autocomplete="off"
            spellcheck={false}
          />
        </div>
        <button type="submit" class="nl-button nl-button--primary">
          {t('find.button')}
        </button>
      </form>
      {asked === '' ? null : <Found key={asked} asked={asked} />}
    </Page>
  );
};

/** Where somebody was led to a page from elsewhere: nothing is asked there in their name before they say so. */
const Led = (): JSX.Element | null => {
  const { query, route } = useLocation();
  const to = query['to'] ?? '';
  const isAsked = to.startsWith('/console/');
  const isBack = isAsked && way.isTo(to);
  useEffect(() => {
    if (isBack) route(to, true);
  }, [isBack]);
  if (!isAsked || isBack) return null;
  return (
    <div class="utrecht-alert utrecht-alert--info" role="status">
      <div>
        <p>{t('led.text')}</p>
        <p>
          <a class="nl-link" href={to}>
            {t('led.open')}
          </a>
        </p>
      </div>
    </div>
  );
};

const Found = ({ asked }: { readonly asked: string }): JSX.Element => {
  const walked = useWalk((cursor, signal) => find(asked, cursor, signal), asked);
  return (
    <WalkedList
      walked={walked}
      asking={t('find.asking', { words: asked })}
      count={t(walked.more === undefined ? 'find.found' : 'find.foundMore', { n: walked.records.length })}
      none={`${t('find.found', { n: 0 })} ${t('find.nobody')}`}
    >
      <ol class="people">
        {walked.records.map((person) => (
          <Entry key={person.users[0]?.id} person={person} />
        ))}
      </ol>
    </WalkedList>
  );
};

/** What looks like a whole address is one; anything else are beginnings of words. */
const find = (asked: string, cursor: string | undefined, signal: AbortSignal): Promise<PeopleWalk> =>
  api.people.find(/^\S+@\S+\.\S+$/.test(asked) ? { email: asked, cursor } : { q: asked, cursor }, { signal });

const Entry = ({
  person: { displayName, email, lastLogin, users },
}: {
  readonly person: FoundPerson;
}): JSX.Element | null => {
  const [first] = users;
  if (first === undefined) return null;
  const titles = titlesOf(users.map(({ site }) => site));
  return (
    <li>
      <h2 class="nl-heading nl-heading--level-3">
        <a class="nl-link" href={`/console/person/${first.site.id}/${first.id}`}>
          {displayName ?? t('person.nameless')}
        </a>
      </h2>
      <p>
        {email === null ? <span class="quiet">{t('find.notShown')}</span> : <bdi>{email}</bdi>}
        {lastLogin === null ? null : <span class="quiet"> · {t('find.lastLogin', { date: dayOf(lastLogin) })}</span>}
      </p>
      <ul class="quiet">
        {users.slice(0, mostSites).map(({ id, site, role }) => (
          <li key={id}>
            <bdi>{titles.get(site.id)}</bdi>
            {role === undefined ? null : ` (${t(`role.${role}` satisfies WordName)})`}
          </li>
        ))}
        {users.length > mostSites ? <li>{t('find.moreSites', { n: users.length - mostSites })}</li> : null}
      </ul>
    </li>
  );
};
/** So many tell two people of one name apart; their page names all. */
const mostSites = 6;
