import type { JsonObject } from '../domain/json.ts';

/** Signs what people keep as proof. Source: anonymization.md §5. */
export interface Receipts {
  /** A compact JWS (EdDSA, Ed25519) over these claims, with the key's id in its header. */
  sign(claims: JsonObject): string;
  /** Every public key, old ones too, as a JWK set. */
  publicKeys(): JsonObject;
}
