/** What MySQL's general collation makes of a text: case, accents and trailing spaces do not count. */
export const collated = (text: string): string =>
  text
    .normalize('NFD')
    .replace(/\p{Mn}/gu, '')
    .toLowerCase()
    .replace(/ +$/, '');

/** utf8mb3: nothing beyond U+FFFF. */
export const isStorable = (text: string): boolean => !/[\u{10000}-\u{10FFFF}\p{Surrogate}]/u.test(text);
