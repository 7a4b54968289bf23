import { askedWords, longestWord } from '../../domain/search-words.ts';
import { malformed } from './malformed.ts';

const mostWords = 10;
/** Characters of a whole question. */
export const longestQuestion = 1000;

/**
 * What `q` and the filter's `q` ask for, word by word; empty where they are absent or blank. Fault `malformed-request` naming
 * `q` when they differ, hold no letter or digit, or too many or too long words. Source: user-api.md §3 "List".
 */
export const soughtWords = (q: string | undefined, filtered: string | undefined): readonly string[] => {
  if (q !== undefined && filtered !== undefined && q !== filtered)
    throw malformed('q', 'differs from the q of the filter');
  const text = q ?? filtered ?? '';
  if (text.length > longestQuestion) throw malformed('q', `is longer than ${longestQuestion} characters`);
  const words = askedWords(text);
  if (words.length === 0 && text.trim() !== '') throw malformed('q', 'holds no letter and no digit');
  if (words.length > mostWords) throw malformed('q', `holds more than ${mostWords} words`);
  if (words.some((word) => Array.from(word).length > longestWord))
    throw malformed('q', `holds a word of more than ${longestWord} letters`);
  return words;
};
