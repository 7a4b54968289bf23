import type { Shape } from './user-fields.ts';
import { isLive, type UserRow } from './user.ts';

/** A text of a person: a name, an e-mail address, or a line of their address. */
export type TextKind = Extract<Shape, { readonly maxLength: number }>['kind'];

export interface ReadText {
  /** What is kept; null where nothing is left to see. */
  readonly value: string | null;
  /** What a body may not hold, in words; null where there is none of it. */
  readonly refused: string | null;
}

/**
 * THE rule for what people are called and where they live, for bodies, profiles and claims alike: white space at the ends goes,
 * names lose their tags, a text of which nothing can be seen is nothing. What can never be meant is left out of `value` and named
 * in `refused`: a body is refused for it, a profile is shown without it and listed by drift. Linear in the length of the text.
 * Source: user-api.md §2 "Text".
 */
export const readText = (kind: TextKind, written: string): ReadText => {
  const text = written.trim();
  // Most texts are plain letters, which need no second look.
  if (plain[kind].test(text)) return { value: text, refused: null };
  const unmeant = kind === 'email' ? neverInAddresses : neverInLines;
  const meant = text.replace(unmeant.characters, '');
  const { text: untagged, isUnclosed } = kind === 'name' ? withoutTags(meant) : { text: meant, isUnclosed: false };
  const shown = untagged.trim();
  const isVisible = !isBlank(shown);
  // Invisible characters alone are nothing; a control character is a mistake that somebody should hear of.
  const isRefused = meant !== text && (isVisible || !isBlank(text));
  const refused = isRefused ? unmeant.words : isUnclosed ? unclosed : null;
  return { value: isVisible ? shown : null, refused };
};

/** Whether there is nothing to see: white space and invisible characters at most. */
export const isBlank = (text: string): boolean => !visible.test(text);

/** What keeps a line from being read as it stands, in words; null: nothing does. */
export const unreadable = (line: string): string | null =>
  isBlank(line)
    ? 'holds nothing that can be seen'
    : line.search(neverInLines.characters) >= 0
      ? neverInLines.words
      : null;

/** At least one character, none of which any rule looks at. */
const plain: Readonly<Record<TextKind, RegExp>> = {
  name: /^[\w.@+ '-]+$/,
  text: /^[\w.@+ '-]+$/,
  email: /^[\w.@+-]+$/,
};

/** U+2800 is drawn as an empty cell. Control characters count as seen: they stand there by mistake. */
const visible = /[^\s\p{Cf}\p{Default_Ignorable_Code_Point}\u2800]/u;

/** Half characters and U+0000 cannot be stored; the others would turn, hide or break the line that they stand in. */
const neverInLines = {
  characters: /[\p{Cc}\p{Bidi_Control}\u2028\u2029\p{Surrogate}]/gu,
  words: 'holds a control character (U+0000, a tab or a line break, for example) or one that turns the writing round',
} as const;
/** It takes the rest of the name along. */
const unclosed = 'holds a tag that nothing closes';
/** Two addresses that look alike would be two people. */
const neverInAddresses = {
  characters: /[\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}\s\u2800\p{Surrogate}]/gu,
  words: 'holds a character that cannot be seen',
} as const;

/**
 * A name without tags, closing tags, comments and declarations, also those that never end; what is left when one is taken out makes
 * no new one (`<<b>script>`). `1 < 2` and `<3` are none.
 */
export const withoutTags = (text: string): { readonly text: string; readonly isUnclosed: boolean } => {
  if (!text.includes('<')) return { text, isUnclosed: false };
  const kept: string[] = [];
  let isInside = false;
  for (const character of text) {
    if (isInside) isInside = character !== '>';
    else if (kept.at(-1) === '<' && beginsTag.test(character)) {
      kept.pop();
      isInside = true;
    } else kept.push(character);
  }
  return { text: kept.join(''), isUnclosed: isInside };
};
const beginsTag = /[a-z!?/]/i;

/** The fields that search looks into, and under which their words are kept. */
type WordSource = 'nickName' | 'firstName' | 'lastName' | 'email';
const sources: readonly WordSource[] = ['nickName', 'firstName', 'lastName', 'email'];

export interface SearchWord {
  readonly source: WordSource;
  readonly word: string;
}

/** Characters of a word that are kept; a longer word cannot be searched for. */
export const maxWordLength = 64;

/**
 * The words of a text as search compares them, each once: without case and accents, split at whatever is no letter or digit.
 * What is kept and what is asked go through this same function: whoever changes it adds a migration that empties
 * `civitas_user_words`, as `npm run migrate` then writes them anew.
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

/** As many words of an address are looked up, the longest; what they find is compared as a whole. */
const mostOfAddress = 10;

/** The words that are kept of whoever has this address, by which they are looked up. None: nobody has it. */
export const wordsOfAddress = (address: string): readonly string[] =>
  keptWords('email', address)
    .map(({ word }) => word)
    .sort((one, other) => other.length - one.length)
    .slice(0, mostOfAddress);

/** But for case, white space at the ends and how accents are written. Databases take é for e, and some tell the two ways apart. */
export const isSameAddress = (one: string, other: string): boolean => comparable(one) === comparable(other);
const comparable = (address: string): string => address.trim().normalize('NFC').toLowerCase();

/** What is kept of a text. Whoever changes it adds the migration that `wordsIn` tells of. */
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
