/**
 * The values of some keys of a JSON object, read chunk by chunk: what is not picked is passed over and kept nowhere, whatever its
 * size. `text` is the object of those alone; null: what came is no whole object. What is passed over is not checked any further.
 */
export interface Picker {
  take(chunk: Uint8Array): void;
  text(): string | null;
}

/** So much is kept of a key at most, and of all that is picked. */
const maxKey = 64;
const maxPicked = 1024 * 1024;

export const pickerOf = (keys: readonly string[]): Picker => {
  const wanted = new Set(keys.map((key) => JSON.stringify(key)));
  const picked: string[] = [];
  let depth = 0;
  let state: 'before' | 'inside' | 'after' | 'broken' = 'before';
  let isText = false;
  let isEscaped = false;
  /** Of the top level: the key as it stands there, and whether its value goes on. */
  let key: number[] = [];
  let value: number[] | null = null;
  let isKey = true;
  let size = 0;

  const endOfValue = (): void => {
    if (value !== null) picked.push(`${textOf(key)}:${textOf(value)}`);
    key = [];
    value = null;
    isKey = true;
  };
  const keep = (code: number): void => {
    if (isKey) {
      if (key.length <= maxKey) key.push(code);
    } else if (value !== null) {
      value.push(code);
      size += 1;
      if (size > maxPicked) state = 'broken';
    }
  };
  const sign = (code: number): void => {
    if (isText) {
      keep(code);
      if (isEscaped) isEscaped = false;
      else if (code === backslash) isEscaped = true;
      else if (code === quote) isText = false;
      return;
    }
    if (isSpace(code)) return;
    if (state === 'before') {
      state = code === brace ? 'inside' : 'broken';
      depth = 1;
      return;
    }
    if (state === 'after') {
      state = 'broken';
      return;
    }
    if (code === quote) isText = true;
    if (code === brace || code === bracket) depth += 1;
    if (code === closingBrace || code === closingBracket) depth -= 1;
    if (depth === 0) {
      endOfValue();
      state = 'after';
    } else if (depth === 1 && code === comma) endOfValue();
    else if (depth === 1 && isKey && code === colon) {
      isKey = false;
      value = wanted.has(textOf(key)) ? [] : null;
    } else keep(code);
  };
  return {
    take: (chunk) => {
      for (const code of chunk) if (state !== 'broken') sign(code);
    },
    text: () => (state === 'after' ? `{${picked.join(',')}}` : null),
  };
};

const textOf = (codes: readonly number[]): string => Buffer.from(codes).toString('utf8');
const isSpace = (code: number): boolean => code === 0x20 || code === 0x09 || code === 0x0a || code === 0x0d;
const [quote, backslash, comma, colon] = [0x22, 0x5c, 0x2c, 0x3a];
const [brace, closingBrace, bracket, closingBracket] = [0x7b, 0x7d, 0x5b, 0x5d];
