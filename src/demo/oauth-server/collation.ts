/** What MySQL's general collation makes of a text: case, accents and trailing spaces do not count. */
export const collated = (text: string): string =>
  text
    .normalize('NFD')
    .replace(/\p{Mn}/gu, '')
    .toLowerCase()
    .replace(/(?<! ) +$/, '');

/** utf8mb3, which the program speaks with its database: nothing beyond U+FFFF. */
export const isStorable = (text: string): boolean => !/[\u{10000}-\u{10FFFF}\p{Surrogate}]/u.test(text);

/** What stands in the database all the same is read as question marks. */
export const asRead = (text: string): string => text.replace(/[\u{10000}-\u{10FFFF}]/gu, '?');

/** MySQL compares an id with the number that a text begins with: `1003abc`, `1003.0`, ` 1003` and `1.003e3` are one. */
export const asNumber = (text: string): number => {
  const number = Number.parseFloat(text);
  return Number.isNaN(number) ? 0 : number;
};
