import { askedWords, maxWordLength } from '../../domain/search-words.ts';
import { malformed } from './malformed.ts';

const maxWords = 10;
/** Characters of a whole question. */
export const maxSearchLength = 1000;

/**
 * What `q` and the filter's `q` ask for, word by word; empty where they are absent or blank. Fault `malformed-request` naming
 * `q` when they differ, hold no letter or digit, or too many or too long words, or nothing but single letters where
 * those are not the actor's to ask by: too many people bear them. Source: user-api.md §3 "List".
 */
export const soughtWords = (
  q: string | undefined,
  filtered: string | undefined,
  mayUseLetters: boolean,
): readonly string[] => {
  if (q !== undefined && filtered !== undefined && q !== filtered)
    throw malformed('q', 'differs from the q of the filter');
  const text = q ?? filtered ?? '';
  if (text.length > maxSearchLength) throw malformed('q', `is longer than ${maxSearchLength} characters`);
  const words = askedWords(text);
  if (words.length === 0 && text.trim() !== '') throw malformed('q', 'holds no letter and no digit');
  if (words.length > maxWords) throw malformed('q', `holds more than ${maxWords} words`);
  if (words.some((word) => Array.from(word).length > maxWordLength))
    throw malformed('q', `holds a word of more than ${maxWordLength} letters`);
  if (words.length > 0 && !mayUseLetters && words.every(isLetter))
    throw malformed('q', 'must hold a word of at least two letters');
  return words;
};

/** What is a whole word to those who write it is none. */
const isLetter = (word: string): boolean =>
  Array.from(word).length === 1 && !/\p{Script=Han}|\p{Script=Hiragana}|\p{Script=Katakana}/u.test(word);
