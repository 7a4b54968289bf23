import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { useLocation } from 'preact-iso';
import { api } from '../api.ts';
import { useFilled, useWords, goTo, typedIn } from '../typed.ts';
import { Failure, Waiting } from '../asking.tsx';
import { useHere } from '../here.ts';
import { Page } from '../parts/page.tsx';
import { isReason, ReasonField, TextField } from '../parts/text-field.tsx';
import { WalkedList } from '../parts/walked.tsx';
import { WholeSite } from '../parts/whole-site.tsx';
import { Wide } from '../parts/wide.tsx';
import { isAdminAt, siteTitle } from '../session.ts';
import { useWalk } from '../walking.ts';
import { dayOf, listOf, t } from '../words/index.ts';

/** The people of a site, found by words; admins of it choose some of them for a run. */
export const SitePage = ({ siteId }: { readonly siteId: string }): JSX.Element => {
  const [words, search] = useWords(`/console/site/${siteId}`);
  const form = useFilled({ q: words });
  // Whoever looks for one more keeps whom they have chosen.
  const [chosen, setChosen] = useState<Chosen>(new Map());
  return (
    <Page title={siteTitle(Number(siteId))}>
      <form
        class="search"
        role="search"
        ref={form}
        onSubmit={(event) => {
          event.preventDefault();
          search(typedIn(event.currentTarget, 'q'));
        }}
      >
        <TextField name="q" label={t('site.words')} wrong={null} />
        <button type="submit" class="nl-button nl-button--primary">
          {t('find.button')}
        </button>
      </form>
      {isAdminAt(Number(siteId)) ? <WholeSite siteId={siteId} /> : null}
      <PeopleOf siteId={siteId} words={words} chosen={chosen} choose={setChosen} key={words} />
    </Page>
  );
};

/** Names by id. */
type Chosen = ReadonlyMap<number, string>;

const PeopleOf = ({
  siteId,
  words,
  chosen,
  choose,
}: {
  readonly siteId: string;
  readonly words: string;
  readonly chosen: Chosen;
  readonly choose: (chosen: Chosen) => void;
}): JSX.Element => {
  const { route } = useLocation();
  const [state, setState] = useState<'idle' | 'planning' | { readonly error: unknown }>('idle');
  const [isWrong, setIsWrong] = useState(false);
  const walked = useWalk(
    (cursor, signal) =>
      api
        .users(siteId)
        .page({ cursor, pageSize: 50, sort: 'lastName_asc', ...(words === '' ? {} : { q: words }) }, { signal }),
    `${siteId} ${words}`,
  );
  const isHere = useHere();
  const plan = async (reason: string): Promise<void> => {
    setState('planning');
    try {
      const run = await api.runs.plan({ users: [...chosen.keys()], ...(reason === '' ? {} : { reason }) });
      if (isHere.current) route(`/console/run/${run.name}`);
    } catch (error) {
      setState({ error });
    }
  };
  const mayPlan = isAdminAt(Number(siteId));
  return (
    <WalkedList
      walked={walked}
      asking={t('site.asking')}
      count={t(walked.more === undefined ? 'find.found' : 'find.foundMore', { n: walked.records.length })}
      none={t('find.found', { n: 0 })}
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          const reason = typedIn(event.currentTarget, 'reason');
          setIsWrong(!isReason(reason));
          if (!isReason(reason)) goTo(event.currentTarget, 'reason');
          else if (chosen.size > 0 && state !== 'planning') void plan(reason);
        }}
      >
        <Wide label={siteTitle(Number(siteId))}>
          <table>
            <thead>
              <tr>
                {mayPlan ? <th scope="col">{t('site.choose')}</th> : null}
                <th scope="col">{t('field.name')}</th>
                <th scope="col">{t('field.email')}</th>
                <th scope="col">{t('field.role')}</th>
                <th scope="col">{t('field.lastLogin')}</th>
              </tr>
            </thead>
            <tbody>
              {walked.records.map(({ id, displayName, email, role, lastLogin }) => (
                <tr key={id}>
                  {mayPlan ? (
                    <td>
                      <label class="tick">
                        <input
                          type="checkbox"
                          checked={chosen.has(id)}
                          onChange={() => {
                            choose(
                              new Map(
                                chosen.has(id)
                                  ? [...chosen].filter(([one]) => one !== id)
                                  : [...chosen, [id, displayName ?? String(id)]],
                              ),
                            );
                          }}
                        />
                        <span class="unseen">{displayName ?? String(id)}</span>
                      </label>
                    </td>
                  ) : null}
                  <th scope="row">
                    <a class="nl-link" href={`/console/person/${siteId}/${id}`}>
                      {displayName ?? t('person.nameless')}
                    </a>
                  </th>
                  <td>{email ?? ''}</td>
                  <td>{role === undefined ? '' : t(`role.${role}`)}</td>
                  <td>{lastLogin === undefined ? '' : dayOf(lastLogin)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </Wide>
        {mayPlan ? (
          <>
            {chosen.size === 0 ? null : <p>{t('site.chosen', { names: listOf([...chosen.values()]) })}</p>}
            <ReasonField isWrong={isWrong} />
            {state === 'planning' ? <Waiting>{t('run.planning')}</Waiting> : null}
            {typeof state === 'object' ? <Failure error={state.error} /> : null}
            <p class="buttons">
              <button
                type="submit"
                class={`nl-button nl-button--primary${chosen.size === 0 ? ' nl-button--disabled' : ''}`}
                aria-disabled={chosen.size === 0}
              >
                {t('site.plan', { n: chosen.size })}
              </button>
              <span class="quiet">{t('site.planHint')}</span>
            </p>
          </>
        ) : null}
      </form>
    </WalkedList>
  );
};
