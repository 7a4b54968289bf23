const named: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: ' ' };

/** HTML as a line of text: tags gone, entities read, white space one blank. Not made for showing unescaped in HTML. */
export const plainText = (html: string): string =>
  // Most lines of a list hold no markup at all.
  (/[<&]/.test(html) ? withoutMarkup(html) : html).replace(/\s+/g, ' ').trim();

const withoutMarkup = (html: string): string =>
  html
    .replace(/<!--.*?(?:-->|$)/gs, ' ')
    .replace(/<[a-z!?/][^>]*(?:>|$)/gi, ' ')
    .replace(
      /&(?:#(\d{1,7})|#x([\da-f]{1,6})|([a-z]+));/gi,
      (entity, decimal?: string, hex?: string, name?: string) => {
        if (name !== undefined) return named[name.toLowerCase()] ?? entity;
        return characterOf(decimal === undefined ? Number.parseInt(hex ?? '', 16) : Number(decimal)) ?? entity;
      },
    );

const characterOf = (code: number): string | null =>
  code > 0 && code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff) ? String.fromCodePoint(code) : null;
