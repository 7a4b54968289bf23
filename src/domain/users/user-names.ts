import { isBlank } from './personal-text.ts';
import type { SiteConfig } from '../sites/site-config.ts';
import type { UserRow } from './user.ts';

type Names = Pick<UserRow, 'firstName' | 'lastName' | 'nickName'>;

/** First and last name, or null when there is neither. */
export const fullName = ({ firstName, lastName }: Names): string | null => joined([firstName, lastName]);

/** Which names a site shows to everybody: `nick-name` is never the real name. Source: user-api.md §2. */
export type Naming = 'full-name' | 'nick-name-or-full-name' | 'nick-name';

export const namingAt = ({ users }: SiteConfig): Naming => {
  if (users.displayName === 'nick') return 'nick-name';
  return users.allowUseOfNicknames ? 'nick-name-or-full-name' : 'full-name';
};

/** Whoever has no nick name where only nick names are shown. */
export const nameless = 'Deelnemer';

/** Whether a word finds those who have no nick name where only nick names are shown, by what stands there instead. */
export const isStandIn = (word: string, naming: Naming): boolean =>
  naming === 'nick-name' && nameless.toLowerCase().startsWith(word);

/** The words of a question whose bearers are everybody who may be meant; what a stand-in finds is kept under no word. */
export const leadingWords = ({
  words,
  naming,
}: {
  readonly words: readonly string[];
  readonly naming: Naming;
}): readonly string[] => words.filter((word) => !isStandIn(word, naming));

/** What everybody sees. An anonymized user shows the replaced name everywhere. Source: user-api.md §2. */
export const displayName = (user: Names & Pick<UserRow, 'anonymizedAt'>, config: SiteConfig): string | null => {
  if (user.anonymizedAt !== null) return fullName(user);
  // Old rows hold nick names of blanks: they are none.
  const nickName = user.nickName === null || isBlank(user.nickName) ? null : user.nickName;
  switch (namingAt(config)) {
    case 'nick-name':
      return nickName ?? nameless;
    case 'nick-name-or-full-name':
      return nickName ?? fullName(user);
    case 'full-name':
      return fullName(user);
  }
};

/** Of the display name, so that initials never tell more than it does: first letters of its first and last word. */
export const initials = (shown: string | null): string => {
  const words = (shown ?? '').split(/\s+/).filter((word) => word !== '');
  const ends = words.length > 1 ? [words[0], words[words.length - 1]] : words;
  return ends.map((word) => firstLetter(word ?? '').toUpperCase()).join('');
};

/** Whole, also where it takes two units of UTF-16. */
const firstLetter = (word: string): string => (word === '' ? '' : String.fromCodePoint(word.codePointAt(0) ?? 0));

const joined = (parts: readonly (string | null)[]): string | null => {
  const said = parts.filter((part) => part !== null && !isBlank(part));
  return said.length === 0 ? null : said.join(' ');
};
