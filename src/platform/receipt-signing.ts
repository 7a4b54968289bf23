import { sign } from 'node:crypto';
import { receiptKeyOf, type ReceiptKey } from './receipt-keys.ts';

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
