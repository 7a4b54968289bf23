/** The first key that one object of a JSON text holds twice, or null. The text is JSON. Linear in its length. */
export const repeatedKey = (text: string): string | null => {
  const open: Set<string>[] = [];
  for (const [token, , colon] of text.matchAll(tokens)) {
    if (token === '{' || token === '[') open.push(new Set());
    else if (token === '}' || token === ']') open.pop();
    else if (colon !== undefined) {
      const key = JSON.parse(token.slice(0, -colon.length)) as string;
      const keys = open.at(-1);
      if (keys?.has(key) === true) return key;
      keys?.add(key);
    }
  }
  return null;
};

/** Brackets, and texts with the colon that makes a key of them. */
const tokens = /("[^"\\]*(?:\\[^][^"\\]*)*")(\s*:)?|[{}[\]]/g;
