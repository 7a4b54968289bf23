import { createHash, createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';

/** One key of RECEIPT_KEY. */
export interface ReceiptKey {
  /** The thumbprint of the public key (RFC 7638): the same key has the same name everywhere. */
  readonly id: string;
  /** The public key's 32 bytes in base64url. */
  readonly x: string;
  /** null for a key that only verifies any more. */
  readonly secret: KeyObject | null;
}

/**
 * An Ed25519 key: PKCS#8 DER in base64, or PEM (also with `\n` written out). A public one (SPKI) verifies but cannot sign: so an
 * old private key can be destroyed. Null for anything else.
 */
export const receiptKeyOf = (text: string): ReceiptKey | null => {
  const secret = read(() => createPrivateKey(sourceOf(text, 'pkcs8')));
  const open = secret === null ? read(() => createPublicKey(sourceOf(text, 'spki'))) : createPublicKey(secret);
  if (open?.asymmetricKeyType !== 'ed25519') return null;
  const { x = '' } = open.export({ format: 'jwk' });
  const thumbprint = createHash('sha256').update(JSON.stringify({ crv: 'Ed25519', kty: 'OKP', x }));
  return { id: thumbprint.digest('base64url'), x, secret };
};

type Source<T> = { readonly key: string; readonly format: 'pem' } | { key: Buffer; format: 'der'; type: T };

const sourceOf = <T extends 'pkcs8' | 'spki'>(text: string, type: T): Source<T> =>
  text.includes('-----BEGIN')
    ? { key: text.replaceAll('\\n', '\n'), format: 'pem' }
    : { key: Buffer.from(text, 'base64'), format: 'der', type };

const read = (parse: () => KeyObject): KeyObject | null => {
  try {
    return parse();
  } catch {
    return null;
  }
};
