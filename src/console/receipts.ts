import type { Operation } from '../client/index.ts';
import { api } from './api.ts';

/** What a receipt says: what is told of the operation, and when and under which seal it was written. */
export type Claims = Omit<Operation, 'id' | 'state' | 'receipt'> & {
  readonly operation: string;
  readonly sealedAs: string | null;
  readonly issuedAt: string;
};
/** `unable`: this browser cannot check it. */
export type Verdict = 'good' | 'bad' | 'unable';
export interface ReadReceipt {
  readonly signed: string;
  readonly claims: Claims;
  readonly verdict: Verdict;
}

/** A receipt as it is signed, what it says, and whether one of the published keys signed just that. */
export const readReceipt = async (token: string, signal: AbortSignal): Promise<ReadReceipt> => {
  const [signed, { keys }] = await Promise.all([api.receipts.read(token, { signal }), api.receipts.keys({ signal })]);
  const [head = '', body = ''] = signed.split('.');
  const { kid } = jsonOf(head) as { readonly kid?: string };
  const key = keys.find((one) => one['kid'] === kid);
  return { signed, claims: jsonOf(body) as Claims, verdict: key === undefined ? 'bad' : await check(signed, key) };
};

const check = async (signed: string, key: JsonWebKey): Promise<Verdict> => {
  // Only pages over https, and of this machine, have it; older browsers do not know Ed25519.
  if (!isSecureContext) return 'unable';
  let own: CryptoKey;
  try {
    own = await crypto.subtle.importKey('jwk', key, { name: 'Ed25519' }, false, ['verify']);
  } catch {
    return 'unable';
  }
  const [head = '', body = '', signature = ''] = signed.split('.');
  const isGood = await crypto.subtle.verify(
    'Ed25519',
    own,
    bytesOf(signature),
    new TextEncoder().encode(`${head}.${body}`),
  );
  return isGood ? 'good' : 'bad';
};

const bytesOf = (base64url: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(atob(base64url.replaceAll('-', '+').replaceAll('_', '/')), (letter) => letter.charCodeAt(0));
const jsonOf = (base64url: string): unknown => JSON.parse(new TextDecoder().decode(bytesOf(base64url)));
