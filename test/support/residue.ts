import { createHash } from 'node:crypto';
import { wordsIn } from '../../src/domain/users/personal-text.ts';

/** Where a value was found, and written how: never the value's surroundings, which are somebody's too. */
export interface Trace {
  readonly value: string;
  readonly written: string;
}

/**
 * Every value that a text still holds: in any case, plain, URL-, HTML- or JSON-encoded, in hex, in base64 (whatever stood before
 * it), hashed, or as the words that search compares. Source: anonymization.md §5 "The residue test".
 */
export const tracesOf = (values: readonly string[], text: string): readonly Trace[] => {
  const folded = text.toLowerCase();
  return values.flatMap((value) =>
    Object.entries(writings)
      .filter(([, write]) => write(value).some((form) => text.includes(form) || folded.includes(form.toLowerCase())))
      .map(([written]) => ({ value, written })),
  );
};

const hashed = (algorithm: string) => (value: string) =>
  [value, value.toLowerCase()].flatMap((form) =>
    (['hex', 'base64', 'base64url'] as const).map((digest) => createHash(algorithm).update(form).digest(digest)),
  );

const writings: Readonly<Record<string, (value: string) => readonly string[]>> = {
  plain: (value) => [value],
  'URL-encoded': (value) => [encodeURIComponent(value), new URLSearchParams({ x: value }).toString().slice(2)],
  'HTML-encoded': (value) => [value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')],
  'JSON-escaped': (value) => {
    const once = JSON.stringify(value).slice(1, -1);
    const ascii = once.replace(/[^ -~]/g, (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`);
    return [once, ascii, JSON.stringify(once).slice(1, -1)];
  },
  hex: (value) => [Buffer.from(value).toString('hex')],
  base64: (value) => [0, 1, 2].flatMap((before) => base64At(value, before)),
  'SHA-256': hashed('sha256'),
  'SHA-1': hashed('sha1'),
  MD5: hashed('md5'),
  // Short words are everybody's.
  folded: (value) => wordsIn(value).filter((word) => word.length >= 8),
};

/** The letters that stand for the value alone, when so many bytes stand before it. */
const base64At = (value: string, before: number): readonly string[] => {
  const bytes = Buffer.concat([Buffer.alloc(before), Buffer.from(value)]);
  const whole = bytes.toString('base64').replaceAll('=', '');
  const own = whole.slice(before === 0 ? 0 : before + 1, Math.floor((bytes.length * 8) / 6));
  return [own, own.replaceAll('+', '-').replaceAll('/', '_')];
};
