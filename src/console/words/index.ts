import { computed, signal } from '@preact/signals';
import { en, type WordName, type Words } from './en.ts';
import { message, type Values } from './message.ts';
import { nl } from './nl.ts';

export type { WordName } from './en.ts';
export type Language = 'nl' | 'en';

const languages: Readonly<Record<Language, Words>> = { nl, en };
/** How English and Dutch write dates and numbers here. */
const locales: Readonly<Record<Language, string>> = { nl: 'nl-NL', en: 'en-GB' };
const kept = 'civitas-console-language';

/** What somebody chose here before; else the first of the browser's languages that there is; else English. */
const first = (): Language => {
  const chosen = stored()?.getItem(kept) ?? null;
  const wanted = [...(chosen === null ? [] : [chosen]), ...navigator.languages].map((name) => name.slice(0, 2));
  return wanted.find(isLanguage) ?? 'en';
};
/** Null: this browser keeps nothing for us. */
const stored = (): Storage | null => {
  try {
    return localStorage;
  } catch {
    return null;
  }
};
const isLanguage = (name: string): name is Language => name in languages;

export const language = signal<Language>(first());
export const otherLanguage = computed<Language>(() => (language.value === 'nl' ? 'en' : 'nl'));
export const locale = computed(() => locales[language.value]);

/** Kept in this browser; that it is told apart from what the browser says is the only thing that the console keeps there. */
export const speak = (chosen: Language): void => {
  stored()?.setItem(kept, chosen);
  language.value = chosen;
};

const formats = new Map<string, ReturnType<typeof message>>();

/** A message in the language that is spoken now; whoever reads it in a component is told when that changes. */
export const t = (name: WordName, values?: Values): string => {
  const spoken = language.value;
  const key = `${spoken} ${name}`;
  const format = formats.get(key) ?? message(languages[spoken][name], locales[spoken]);
  formats.set(key, format);
  return format(eachIsolated(values));
};

/**
 * A text of somebody among others, where there is no element to put it into: what is written from right to left, or says that it is,
 * ends where it ends. Characters that say so go, as one of them would end it early.
 */
export const isolated = (text: string): string =>
  turns.test(text) ? `\u2068${text.replace(controls, '')}\u2069` : text;
const turns = /[\u0590-\u08FF\uFB1D-\uFDFF\uFE70-\uFEFC\u{10800}-\u{10FFF}\u{1E800}-\u{1EFFF}]|\p{Bidi_Control}/u;
const controls = /[\u202A-\u202E\u2066-\u2069]/g;
const eachIsolated = (values: Values = {}): Values =>
  Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, typeof value === 'string' ? isolated(value) : value]),
  );

/** Whether there is a message by this name: names that come from answers may have none. */
export const isWord = (name: string): name is WordName => name in en;
/** The word for something that answers name, or the name itself. */
export const wordOr = (name: string, otherwise: string): string => (isWord(name) ? t(name) : otherwise);

/** Made once for each language: to make one takes longer than to use it a hundred times. */
const inEach = <T>(make: (locale: string) => T): (() => T) => {
  const made = new Map<string, T>();
  return () => {
    const one = made.get(locale.value) ?? make(locale.value);
    made.set(locale.value, one);
    return one;
  };
};
const lists = inEach((name) => new Intl.ListFormat(name));
const numbers = inEach((name) => new Intl.NumberFormat(name));
const days = inEach((name) => new Intl.DateTimeFormat(name, { dateStyle: 'long' }));
const moments = inEach((name) => new Intl.DateTimeFormat(name, { dateStyle: 'long', timeStyle: 'short' }));
const times = inEach((name) => new Intl.DateTimeFormat(name, { timeStyle: 'medium' }));

export const listOf = (parts: readonly string[]): string => lists().format(parts.map(isolated));
export const numberOf = (n: number): string => numbers().format(n);
export const dayOf = (moment: string): string => days().format(new Date(moment));
export const momentOf = (moment: string): string => moments().format(new Date(moment));
export const timeOf = (moment: Date): string => times().format(moment);
