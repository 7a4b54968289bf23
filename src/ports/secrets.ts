/** What a text is sealed for; opened for anything else it is not ours. Source: oauth-server.md §4. */
export type SealPurpose = 'cursor' | 'login' | 'session' | 'intent';

/** Our own sealing (AES-256-GCM under DATA_KEY, key id inside) and keyed fingerprints. */
export interface Secrets {
  seal(purpose: SealPurpose, text: string): string;
  /** What everything begins with that the key of today seals. */
  readonly sealMark: string;
  /** Null when the text is not ours, was changed, or was sealed for something else. */
  open(purpose: SealPurpose, sealed: string): string | null;
  /** HMAC-SHA-256, hex: the same text gives the same fingerprint, and nobody without the key can test a guess. */
  fingerprint(text: string): string;
  /** Unguessable: 32 random bytes in base64url. */
  newToken(): string;
  /** Whether this is the text that a fingerprint was made of; takes the same time however near it comes. */
  matches(text: string, fingerprint: string): boolean;
}
