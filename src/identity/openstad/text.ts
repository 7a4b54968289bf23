/** Their columns are utf8mb3: a character beyond U+FFFF, or half a one, makes their database refuse the statement. */
export const refusesText = (text: string): string | null =>
  /[\u{10000}-\u{10FFFF}\p{Surrogate}]/u.test(text)
    ? 'holds a character that the OAuth server cannot store (an emoji, for example)'
    : null;

/** Their ids are decimal row ids. */
export const isExternalId = (text: string): boolean => /^[1-9]\d{0,17}$/.test(text);
