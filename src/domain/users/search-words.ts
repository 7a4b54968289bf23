import { isBlank } from './personal-text.ts';
import { isLive, type UserRow } from './user.ts';

/** The fields that search looks into, and under which their words are kept. */
export type WordSource = 'nickName' | 'firstName' | 'lastName' | 'email';
const sources: readonly WordSource[] = ['nickName', 'firstName', 'lastName', 'email'];

export interface SearchWord {
  readonly source: WordSource;
  readonly word: string;
}

/** Characters of a word that are kept; a longer word cannot be searched for. */
export const maxWordLength = 64;

/**
 * The words of a text as search compares them, each once: without case and accents, split at whatever is no letter or digit.
 * What is kept and what is asked go through this same function.
 */
export const wordsIn = (text: string): readonly string[] => [...new Set(folded(text).match(/[\p{L}\p{N}]+/gu) ?? [])];

/** The words of a question. A word that begins another one asks for nothing more: what the other finds, it finds. */
export const askedWords = (text: string): readonly string[] =>
  wordsIn(text).filter((word, _at, all) => !all.some((other) => other !== word && other.startsWith(word)));

/**
 * What a row can be found by. Nothing for rows that no list holds, and for anonymized ones, in whom nobody is to be looked for.
 * Which of them count for whom depends on the site and the actor. Source: user-api.md §3 "List"; docs/adr/0014.
 */
export const searchWords = (
  row: Pick<UserRow, WordSource | 'siteId' | 'deletedAt' | 'anonymizedAt'>,
): readonly SearchWord[] =>
  isLive(row) && row.anonymizedAt === null
    ? [
        ...(isUnseen(row.nickName) ? [unseenNickName] : []),
        ...sources.flatMap((source) => keptWords(source, row[source])),
      ]
    : [];

/**
 * Kept for whoever has a nick name of which nothing can be seen, and is shown as if there were none. Which characters can be seen is
 * known to code alone, so SQL is told here. No question holds an empty word.
 */
export const unseenNickName: SearchWord = { source: 'nickName', word: '' };
const isUnseen = (nickName: string | null): boolean => nickName !== null && nickName !== '' && isBlank(nickName);

const keptWords = (source: WordSource, text: string | null): readonly SearchWord[] =>
  [...new Set(wordsIn(text ?? '').map(cut))].map((word) => ({ source, word }));

const cut = (word: string): string =>
  word.length <= maxWordLength ? word : Array.from(word).slice(0, maxWordLength).join('');

/** Letters that Unicode does not take apart, as they are written without them. */
const plainLetters: Readonly<Record<string, string>> = {
  ß: 'ss',
  æ: 'ae',
  œ: 'oe',
  ø: 'o',
  đ: 'd',
  ð: 'd',
  ħ: 'h',
  ı: 'i',
  ł: 'l',
  ŧ: 't',
  þ: 'th',
  ς: 'σ',
};

/** Taken apart once more behind the change of case, which joins some letters with their marks. */
const folded = (text: string): string =>
  text
    .normalize('NFKD')
    .toLowerCase()
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .replace(/[ßæœøđðħıłŧþς]/g, (letter) => plainLetters[letter] ?? letter);
