import { createHmac, randomBytes } from 'node:crypto';
import type { Secrets, StartDigest } from '../../../src/ports/platform.ts';

const mark = 'sealed:';

const fingerprint = (purpose: string, text: string): string =>
  createHmac('sha256', 'a key for tests')
    .update(JSON.stringify([purpose, text]))
    .digest('hex');

const mac = (purpose: string, text: string): string =>
  createHmac('sha256', `a key for ${purpose}`).update(text).digest('base64url');

/** Tells sealed from plain, and one text from another; keeps nothing secret. */
export const fakeSecrets = (): Secrets => ({
  seal: (purpose, text) => `${mark}${purpose}:${Buffer.from(text, 'utf8').toString('base64')}`,
  sealMark: mark,
  open: (purpose, sealed) => {
    const start = `${mark}${purpose}:`;
    return sealed.startsWith(start) ? Buffer.from(sealed.slice(start.length), 'base64').toString('utf8') : null;
  },
  mac,
  macKey: (purpose, text, known) => (mac(purpose, text) === known ? 0 : null),
  newToken: () => randomBytes(32).toString('base64url'),
  fingerprint,
  matches: (purpose, text, known) => fingerprint(purpose, text) === known,
});

export const fakeStartDigest: StartDigest = () => {
  const hmac = createHmac('sha256', 'a key for digests');
  return {
    add: (text) => {
      hmac.update(text, 'utf8');
    },
    result: () => hmac.digest('base64url'),
  };
};
