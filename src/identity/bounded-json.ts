/** What a record of a person or a list of roles never comes near; values beyond cost more to make than to count. */
const maxEntries = 20_000;
const maxDepth = 500;

/** Parsed, or undefined: no JSON, or more keys, list items or levels of it than are read. Linear, and cheap before it is parsed. */
export const jsonOf = (text: string): unknown => {
  if (!isBounded(text)) return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
};

export const isBounded = (text: string): boolean => {
  let depth = 0;
  let entries = 0;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === quote) at = endOfText(text, at);
    else if (code === comma) entries += 1;
    else if (code === brace || code === bracket) {
      depth += 1;
      entries += 1;
    } else if (code === closingBrace || code === closingBracket) depth -= 1;
    if (depth > maxDepth || entries > maxEntries) return false;
  }
  return true;
};

/** Where the quote stands that ends a text. */
const endOfText = (text: string, begin: number): number => {
  for (let at = begin + 1; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === quote) return at;
    if (code === backslash) at += 1;
  }
  return text.length;
};

const [quote, backslash, comma] = [0x22, 0x5c, 0x2c];
const [brace, closingBrace, bracket, closingBracket] = [0x7b, 0x7d, 0x5b, 0x5d];
