import { createHash } from 'node:crypto';

/** Has the shape of the port `StartDigest` (src/ports/digest.ts), which platform may not know. */
export const startDigest = (): { add(text: string): void; result(): string } => {
  const hash = createHash('sha256');
  return {
    add: (text) => {
      hash.update(text, 'utf8');
    },
    result: () => hash.digest('base64url'),
  };
};
