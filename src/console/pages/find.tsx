import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { useLocation } from 'preact-iso';
import type { FoundPerson, PeopleWalk } from '../../client/index.ts';
import { api } from '../api.ts';
import { Failure, useAsking, Waiting } from '../asking.tsx';
import { Page } from '../parts/page.tsx';
import { dayOf, t } from '../words/index.ts';
import type { WordName } from '../words/words.ts';

/** One field, and who is found. What was asked for stands in the address, so that one can come back to it. */
export const FindPage = (): JSX.Element => {
  const { query, route } = useLocation();
  const asked = (query['q'] ?? '').trim();
  return (
    <Page title={t('find.title')} step="find">
      <form
        class="search"
        role="search"
        key={asked}
        onSubmit={(event) => {
          event.preventDefault();
          const words = new FormData(event.currentTarget).get('q');
          route(
            typeof words === 'string' && words.trim() !== ''
              ? `/console?${new URLSearchParams({ q: words.trim() })}`
              : '/console',
          );
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
            defaultValue={asked}
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

const Found = ({ asked }: { readonly asked: string }): JSX.Element => {
  const [cursor, setCursor] = useState<string>();
  const [earlier, setEarlier] = useState<readonly FoundPerson[]>([]);
  const found = useAsking((signal) => find(asked, cursor, signal), cursor ?? '');
  const people = [...earlier, ...(found.state === 'answered' ? found.answer.records : [])];
  const next = found.state === 'answered' ? found.answer.metadata.cursor : undefined;
  useEffect(() => {
    // A page may be empty and not be the last.
    if (next !== undefined && people.length === 0) setCursor(next);
  }, [next, people.length]);
  return (
    <>
      {found.state === 'asking' ? <Waiting>{t('find.asking', { words: asked })}</Waiting> : null}
      {found.state === 'failed' ? <Failure error={found.error} again={found.again} /> : null}
      {found.state === 'answered' ? (
        <p class="waiting" role="status">
          {t(next === undefined ? 'find.found' : 'find.foundMore', { n: people.length })}
        </p>
      ) : null}
      {found.state === 'answered' && people.length === 0 && next === undefined ? <p>{t('find.nobody')}</p> : null}
      <ol class="people">
        {people.map((person) => (
          <Entry key={person.users[0]?.id} person={person} />
        ))}
      </ol>
      {next === undefined ? null : (
        <button
          type="button"
          class="nl-button nl-button--secondary"
          onClick={() => {
            setEarlier(people);
            setCursor(next);
          }}
        >
          {t('find.more')}
        </button>
      )}
    </>
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
  return (
    <li>
      <h2 class="nl-heading nl-heading--level-3">
        <a class="nl-link" href={`/console/person/${first.site.id}/${first.id}`}>
          {displayName ?? t('person.nameless')}
        </a>
      </h2>
      <p>
        {email ?? <span class="quiet">{t('find.notShown')}</span>}
        {lastLogin === null ? null : <span class="quiet"> · {t('find.lastLogin', { date: dayOf(lastLogin) })}</span>}
      </p>
      <ul class="quiet">
        {users.map(({ id, site, role }) => (
          <li key={id}>
            {site.title}
            {role === undefined ? null : ` (${t(`role.${role}` satisfies WordName)})`}
          </li>
        ))}
      </ul>
    </li>
  );
};
