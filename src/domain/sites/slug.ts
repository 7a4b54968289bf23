/**
 * A name for addresses: `Jean Dupont`, 21 → `jean-dupont-21`. The id makes it unique and keeps it so without a table of its own; it follows
 * the name, and with the name it goes. Source: management-api.md §2, docs/adr/0012.
 */
export const slugOf = (name: string | null, id: number): string => {
  const words = (name ?? '')
    .normalize('NFKD')
    .replace(/\p{Mark}+/gu, '')
    .toLowerCase()
    .replace(/[^\p{Letter}\p{Number}]+/gu, '-')
    .replace(/^-|-$/g, '')
    .slice(0, 80);
  return words === '' ? String(id) : `${words}-${id}`;
};

/** A path or address without the slashes at its end. `/\/+$/` would look at a long run of them from each of its slashes. */
export const withoutTrailingSlashes = (text: string): string => {
  let end = text.length;
  while (text[end - 1] === '/') end -= 1;
  return text.slice(0, end);
};
