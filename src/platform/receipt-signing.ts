import { sign, verify, createHash, createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';

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

/** What a text that is said to be a receipt is, measured by some keys. */
export type ReceiptVerdict =
  | { readonly kind: 'genuine'; readonly keyId: string; readonly claims: unknown }
  | { readonly kind: 'malformed'; readonly what: string }
  | { readonly kind: 'unknown-key' | 'wrong-signature'; readonly keyId: string };

/** `keySet`: a JWK set, whoever gives it. Only Ed25519 counts, whatever the text says of itself. */
export const verifyReceipt = (text: string, keySet: unknown): ReceiptVerdict => {
  const [header = '', claims = '', signature = '', ...more] = text.trim().split('.');
  const isWhole = more.length === 0 && [header, claims, signature].every((part) => /^[\w-]+$/.test(part));
  if (!isWhole) return { kind: 'malformed', what: 'it is not three parts of base64url with dots between' };
  const said = jsonIn(header);
  if (typeof said !== 'object' || said === null || !('alg' in said) || said.alg !== 'EdDSA')
    return { kind: 'malformed', what: 'its header names another way of signing than EdDSA' };
  const keyId = 'kid' in said && typeof said.kid === 'string' ? said.kid.slice(0, 64) : '';
  const key = publicKeyIn(keySet, keyId);
  if (key === null) return { kind: 'unknown-key', keyId };
  const isSigned = verify(null, Buffer.from(`${header}.${claims}`), key, Buffer.from(signature, 'base64url'));
  if (!isSigned) return { kind: 'wrong-signature', keyId };
  const read = jsonIn(claims);
  return read === undefined
    ? { kind: 'malformed', what: 'what it signs is not JSON' }
    : { kind: 'genuine', keyId, claims: read };
};

/** The Ed25519 key of this name; null where there is none. */
const publicKeyIn = (keySet: unknown, keyId: string): KeyObject | null => {
  const keys: unknown = typeof keySet === 'object' && keySet !== null && 'keys' in keySet ? keySet.keys : null;
  if (!Array.isArray(keys)) return null;
  const named = (keys as readonly unknown[]).find(
    (key): key is { readonly x: string } =>
      typeof key === 'object' &&
      key !== null &&
      'kid' in key &&
      key.kid === keyId &&
      'x' in key &&
      typeof key.x === 'string',
  );
  if (named === undefined) return null;
  return read(() => createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: named.x }, format: 'jwk' }));
};

const jsonIn = (part: string): unknown => {
  try {
    return JSON.parse(Buffer.from(part, 'base64url').toString());
  } catch {
    return undefined;
  }
};
