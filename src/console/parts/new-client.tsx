import type { JSX } from 'preact';
import { useRef, useState } from 'preact/hooks';
import { CivitasProblem, CivitasUnreachable, type NewClient } from '../../client/index.ts';
import { api } from '../api.ts';
import { Failure, Waiting } from '../asking.tsx';
import { typedIn } from '../typed.ts';
import { t } from '../words/index.ts';
import { useSites } from './choices.tsx';
import { TextField } from './text-field.tsx';

type Scope = NewClient['scopes'][number];
/** Each scope there is, by its place from the least to the most; each includes the ones before it. */
const placeOf = { public: 0, authentication: 1, admin: 2 } as const satisfies Record<Scope, number>;
const scopes = (Object.keys(placeOf) as Scope[]).sort((one, other) => placeOf[one] - placeOf[other]);
/** As the API has it (`maxSites`): its types say no numbers. */
const mostSites = 100;

/** What is wrong with what was filled in; `apart`: the sites have no OAuth server in common. */
type Wrong = 'name' | 'none' | 'many' | 'apart';
type State = 'idle' | 'making' | { readonly error: unknown };

/** Makes a client; `made` is told of it with its secret, `failed` that nobody knows whether there is one now. */
export const MakeClient = ({
  made,
  failed,
}: {
  readonly made: (client: NewClient) => void;
  readonly failed: () => void;
}): JSX.Element => {
  const [wrong, setWrong] = useState<ReadonlySet<Wrong>>(new Set());
  const [state, setState] = useState<State>('idle');
  const [chosen, setChosen] = useState<ReadonlySet<number>>(new Set());
  const { search, shown } = useSites('site-words', chosen);
  const form = useRef<HTMLFormElement>(null);
  const refuse = (faults: ReadonlySet<Wrong>): void => {
    setWrong(faults);
    form.current?.querySelector<HTMLInputElement>(faults.has('name') ? '[name=name]' : '[name=site]')?.focus();
  };
  const make = async (client: { name: string; scopes: Scope[]; siteIds: number[] }): Promise<void> => {
    setState('making');
    try {
      made(await api.call('createClient', { body: client }));
      form.current?.reset();
      setChosen(new Set());
      setState('idle');
    } catch (error) {
      if (isAboutSites(error)) {
        setState('idle');
        refuse(new Set(['apart']));
        return;
      }
      setState({ error });
      failed();
    }
  };
  const submit = (filled: HTMLFormElement): void => {
    const [name, scope] = [typedIn(filled, 'name'), typedIn(filled, 'scope')];
    const siteIds = [...chosen];
    const faults = new Set<Wrong>([
      ...(name === '' || name.length > 255 ? (['name'] as const) : []),
      ...(siteIds.length === 0 ? (['none'] as const) : []),
      ...(siteIds.length > mostSites ? (['many'] as const) : []),
    ]);
    if (faults.size > 0) refuse(faults);
    else {
      setWrong(faults);
      const most = scopes.findIndex((one) => one === scope);
      void make({ name, scopes: scopes.slice(0, most + 1), siteIds });
    }
  };
  const ofSites = (['none', 'many', 'apart'] as const).find((one) => wrong.has(one));
  return (
    <form
      ref={form}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (state !== 'making') submit(event.currentTarget);
      }}
    >
      <TextField
        name="name"
        label={t('field.name')}
        hint={t('clients.nameHint')}
        wrong={wrong.has('name') ? t('clients.nameWrong') : null}
      />
      <fieldset class="field">
        <legend>{t('clients.scopes')}</legend>
        {scopes.map((scope) => (
          <label key={scope} class="tick">
            <input type="radio" name="scope" value={scope} defaultChecked={scope === 'authentication'} />
            {t(`scope.${scope}`)}
          </label>
        ))}
      </fieldset>
      <fieldset class="field" aria-describedby={ofSites === undefined ? undefined : 'sites-wrong'}>
        <legend>{t('sites.title')}</legend>
        <p class="quiet">{t('clients.sitesHint')}</p>
        {search}
        <div class="many">
          {shown.map(({ id, title }) => (
            <label key={id} class="tick">
              <input
                type="checkbox"
                name="site"
                value={id}
                checked={chosen.has(id)}
                onChange={() => {
                  setChosen(new Set(chosen.has(id) ? [...chosen].filter((one) => one !== id) : [...chosen, id]));
                }}
              />
              <bdi>{title}</bdi>
            </label>
          ))}
        </div>
        {ofSites === undefined ? null : (
          <p class="wrong" id="sites-wrong">
            {t(`clients.${ofSites}-chosen`, { n: mostSites })}
          </p>
        )}
      </fieldset>
      {state === 'making' ? <Waiting>{t('run.working')}</Waiting> : null}
      {typeof state === 'object' ? <Failure error={state.error} /> : null}
      {typeof state === 'object' && state.error instanceof CivitasUnreachable ? <p>{t('clients.unsureMade')}</p> : null}
      <p class="buttons">
        <button type="submit" class="nl-button nl-button--primary">
          {t('clients.makeNow')}
        </button>
      </p>
    </form>
  );
};

const isAboutSites = (error: unknown): boolean =>
  error instanceof CivitasProblem &&
  error.problem.type === '/problems/invalid-values' &&
  error.problem.errors.some(({ pointer }) => pointer.startsWith('/siteIds'));
