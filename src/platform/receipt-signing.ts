import { sign, createHash, createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';

type PublicKey = Readonly<Record<string, string>>;
/** Has the shape of the port `Receipts` (src/ports/audit.ts), which platform may not know. */
interface ReceiptSigning {
  sign(claims: object): string;
  publicKeys(): { readonly keys: readonly PublicKey[] };
}

/** The first key signs, all are published. Throws where the first cannot sign, or where one is no Ed25519 key. */
export const receiptSigning = (texts: readonly string[]): ReceiptSigning => {
  const keys = texts.map(known);
  const secret = keys[0]?.secret ?? null;
  if (secret === null) throw new Error('the first receipt key must be a private one');
  const header = encoded({ alg: 'EdDSA', kid: keys[0]?.id, typ: 'anonymization-receipt+jws' });
  return {
    sign: (claims) => {
      const signed = `${header}.${encoded(claims)}`;
      return `${signed}.${sign(null, Buffer.from(signed), secret).toString('base64url')}`;
    },
    publicKeys: () => ({
      keys: keys.map(({ id, x }) => ({ kty: 'OKP', crv: 'Ed25519', x, kid: id, alg: 'EdDSA', use: 'sig' })),
    }),
  };
};

const known = (text: string): ReceiptKey => {
  const key = receiptKeyOf(text);
  if (key === null) throw new Error('a receipt key must be an Ed25519 key');
  return key;
};

const encoded = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** One key of RECEIPT_KEY. */
interface ReceiptKey {
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
