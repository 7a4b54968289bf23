/** A text as it stands in HTML, between tags and in quoted attributes. */
export const escaped = (text: string): string => text.replace(/[&<>"']/g, (sign) => escapes[sign] ?? '');

/**
 * What somebody wrote, as it stands in HTML, between tags only: whatever turns the writing round in it ends with it. The page's
 * style makes a box of each, as a character in a text would end what Unicode alone keeps apart.
 */
export const isolated = (text: string): string => `<bdi>${escaped(text)}</bdi>`;

const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
