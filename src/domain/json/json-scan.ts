export interface JsonBounds {
  readonly maxDepth: number;
  /** Keys and list items. */
  readonly maxEntries: number;
}

/**
 * Looks through a JSON text once, before it is parsed: three hundred bytes of gzip can hold a hundred thousand values, each of which
 * costs more to make than to count. Answers which bound it goes beyond, if any; what is no JSON is left to the parser.
 */
export const exceededBound = (text: string, { maxDepth, maxEntries }: JsonBounds): keyof JsonBounds | null => {
  let depth = 0;
  let entries = 0;
  /** Behind a bracket that nothing has followed yet. */
  let isOpened = false;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === space || code === tab || code === newline || code === carriageReturn) continue;
    const isClosing = code === closingBrace || code === closingBracket;
    if (code === comma || (isOpened && !isClosing)) entries += 1;
    isOpened = code === brace || code === bracket;
    if (isOpened) depth += 1;
    else if (isClosing) depth -= 1;
    else if (code === quote) at = endOfText(text, at);
    if (depth > maxDepth) return 'maxDepth';
    if (entries > maxEntries) return 'maxEntries';
  }
  return null;
};

/** Where the quote stands that ends a text; the end of everything where there is none. */
const endOfText = (text: string, begin: number): number => {
  for (let at = begin + 1; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === quote) return at;
    if (code === backslash) at += 1;
  }
  return text.length;
};

const [space, tab, newline, carriageReturn] = [0x20, 0x09, 0x0a, 0x0d];
const [quote, backslash, comma] = [0x22, 0x5c, 0x2c];
const [brace, closingBrace, bracket, closingBracket] = [0x7b, 0x7d, 0x5b, 0x5d];
