import { locale } from './words/index.ts';

/**
 * Whether somebody typed what they were asked to. White space, case, and how accents are written do not count: it is typed to think,
 * and not to be examined.
 */
export const isSameText = (typed: string, asked: string): boolean => {
  const plain = (text: string): string => text.normalize('NFC').replace(/\s+/g, ' ').trim();
  return new Intl.Collator(locale.value, { sensitivity: 'accent' }).compare(plain(typed), plain(asked)) === 0;
};
