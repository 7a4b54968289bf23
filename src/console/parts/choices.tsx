import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { readSites, unreadSites } from '../api.ts';
import { Failure, Waiting } from '../asking.tsx';
import { areSitesCut, isPlatformAdmin, siteTitle, sitesOfOwn } from '../session.ts';
import { t } from '../words/index.ts';

/** One of several, or all of them. */
export const Choice = ({
  name,
  label,
  options,
}: {
  readonly name: string;
  readonly label: string;
  readonly options: readonly (readonly [value: string, text: string])[];
}): JSX.Element => (
  <div class="field">
    <label for={name}>{label}</label>
    <select class="choice" id={name} name={name}>
      <option value="">{t('audit.all')}</option>
      {options.map(([one, text]) => (
        <option key={one} value={one}>
          {text}
        </option>
      ))}
    </select>
  </div>
);

export const DayField = ({ name, label }: { readonly name: string; readonly label: string }): JSX.Element => (
  <div class="field">
    <label for={name}>{label}</label>
    <input class="utrecht-textbox utrecht-textbox--html-input" type="date" id={name} name={name} />
  </div>
);

/** Where more sites than one's session tells are being read, or cannot be: says so. */
export const AllSites = (): JSX.Element | null => {
  if (!areSitesCut()) return null;
  const known = t('sites.first', { n: sitesOfOwn().length });
  const error = unreadSites.value;
  // Nobody else may have all of them listed.
  if (error === null && isPlatformAdmin()) return <Waiting>{`${known} ${t('sites.asking')}`}</Waiting>;
  return (
    <>
      <p role="status">{known}</p>
      {error === null ? null : <Failure error={error} again={() => void readSites()} />}
    </>
  );
};

type Sites = ReturnType<typeof sitesOfOwn>;
/** So many are shown at once. Of fewer none has to be looked for. */
const mostShown = 100;

/** The sites of which each word that was typed begins a word of the title, or is the number; `chosen`: in any case. */
export const useSites = (
  name: string,
  chosen: ReadonlySet<number> = new Set(),
): { readonly search: JSX.Element; readonly shown: Sites } => {
  const [typed, setTyped] = useState('');
  const all = sitesOfOwn();
  const words = plainWords(typed);
  const found = all
    .filter(({ id, title }) => words.every((word) => beginsOneOf(plainWords(title), word) || String(id) === word))
    .slice(0, mostShown);
  // What is ticked stays where it is as long as it is found.
  const shown = [...all.filter((site) => chosen.has(site.id) && !found.includes(site)), ...found];
  const search = (
    <>
      <AllSites />
      {all.length <= mostShown ? null : (
        <div class="field">
          <label for={name}>{t('sites.search')}</label>
          <input
            class="utrecht-textbox utrecht-textbox--html-input"
            type="search"
            id={name}
            autocomplete="off"
            spellcheck={false}
            aria-describedby={`${name}-found`}
            onInput={(event) => {
              setTyped(event.currentTarget.value);
            }}
            onKeyDown={(event) => {
              // What is typed is found at once; around it may be a form that is not filled in yet.
              if (event.key === 'Enter') event.preventDefault();
            }}
          />
          <p class="quiet" id={`${name}-found`} role="status">
            {t('sites.shown', { n: shown.length, all: all.length })}
          </p>
        </div>
      )}
    </>
  );
  return { search, shown: shown.map(({ id }) => ({ id, title: siteTitle(id) })) };
};

/** Case and accents do not count. */
const plainWords = (text: string): readonly string[] =>
  text
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '');
const beginsOneOf = (words: readonly string[], beginning: string): boolean =>
  words.some((word) => word.startsWith(beginning));
