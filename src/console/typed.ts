import type { RefObject } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { useLocation } from 'preact-iso';
import { isSignedOut } from './session.ts';
import { locale } from './words/index.ts';

/** What stands in a field of a form. */
export const typedIn = (form: HTMLFormElement, name: string): string => {
  const value = new FormData(form).get(name);
  return typeof value === 'string' ? value.trim() : '';
};

/** Goes to the field that is wrong: there its reason is read out. */
export const goTo = (form: HTMLFormElement, name: string): void => {
  const field = form.elements.namedItem(name);
  if (field instanceof HTMLElement) field.focus();
};

/**
 * Whether somebody typed what they were asked to. White space, case, and how accents are written do not count: it is typed to think,
 * and not to be examined.
 */
export const isSameText = (typed: string, asked: string): boolean => {
  const plain = (text: string): string => text.normalize('NFC').replace(/\s+/g, ' ').trim();
  return new Intl.Collator(locale.value, { sensitivity: 'accent' }).compare(plain(typed), plain(asked)) === 0;
};

/**
 * What a page is searched by, and a way to search it by something else. It stands in the address, so that one can come back to it. But
 * what holds an `@` is somebody's own: that stays with this tab, which has it where one goes back or loads the page anew, and is in
 * no history and no log.
 */
export const useWords = (path: string): readonly [words: string, search: (words: string) => void] => {
  const { query, route } = useLocation();
  const words = query['kept'] === undefined ? (query['q'] ?? '') : keptWords();
  const search = (typed: string): void => {
    const isKept = typed.includes('@');
    const said: Record<string, string> =
      typed === '' ? {} : isKept ? { kept: crypto.randomUUID().slice(0, 8) } : { q: typed };
    route(typed === '' ? path : `${path}?${new URLSearchParams(said).toString()}`);
    if (isKept) history.replaceState({ words: typed }, '');
  };
  return [words.trim(), search];
};
const keptWords = (): string => {
  const state: unknown = history.state;
  const isOurs = typeof state === 'object' && state !== null && 'words' in state;
  return isOurs && typeof state.words === 'string' ? state.words : '';
};
isSignedOut.subscribe((isOver) => {
  if (isOver && keptWords() !== '') history.replaceState(null, '');
});

/** A form that shows what the address says, and stays the same form when that changes: whoever submits it keeps their place. */
export const useFilled = (values: Readonly<Record<string, string>>): RefObject<HTMLFormElement | null> => {
  const form = useRef<HTMLFormElement>(null);
  useLayoutEffect(() => {
    for (const field of form.current?.elements ?? [])
      if (field instanceof HTMLInputElement || field instanceof HTMLSelectElement)
        field.value = values[field.name] ?? '';
  }, [JSON.stringify(values)]);
  return form;
};
