/** What a text is sealed for; opened for anything else it is not ours. Source: oauth-server.md §4. */
export type SealPurpose = 'cursor' | 'login' | 'session' | 'intent' | 'repeat';

/** What a text is authenticated for; each has a key of its own. Source: docs/adr/0006. */
export type MacPurpose = 'audit row' | 'outbox message' | 'site run';

/**
 * What a fingerprint stands for: a value in one column is never the value of another, whoever copies it there. A text that a caller
 * chooses is told apart by this alone.
 */
export type FingerprintPurpose =
  | 'address lease'
  | 'audit row'
  | 'audit seal'
  | 'client secret'
  | 'client token'
  | 'ended creation'
  | 'ended login'
  | 'limit'
  | 'login code verifier'
  | 'login name'
  | 'login nonce'
  | 'login set'
  | 'person lease'
  | 'receipt address'
  | 'repeat'
  | 'repeated body'
  | 'site domain lease'
  | 'tombstone'
  | 'used login'
  | 'whom'
  | 'written address';

/** Our own sealing (AES-256-GCM under DATA_KEY, key id inside) and keyed fingerprints. */
export interface Secrets {
  seal(purpose: SealPurpose, text: string): string;
  /** What everything begins with that the key of today seals. */
  readonly sealMark: string;
  /** Null when the text is not ours, was changed, or was sealed for something else. */
  open(purpose: SealPurpose, sealed: string): string | null;
  /** HMAC-SHA-256 over purpose and text, hex: the same two give the same fingerprint, and nobody without the key can test a guess. */
  fingerprint(purpose: FingerprintPurpose, text: string): string;
  /** HMAC-SHA-256 under a key for this purpose, of today's key and with its id: whoever writes the database cannot make one. */
  mac(purpose: MacPurpose, text: string): string;
  /** Which of our keys, from the newest, this text's `mac` was made with: 0, 1 …; null: with none. Takes the same time however near it comes. */
  macKey(purpose: MacPurpose, text: string, mac: string): number | null;
  /** Unguessable: 32 random bytes in base64url. */
  newToken(): string;
  /** Whether a fingerprint was made of this text, for this purpose; takes the same time however near it comes. */
  matches(purpose: FingerprintPurpose, text: string, fingerprint: string): boolean;
}

/**
 * A fingerprint over texts that come one by one, under a key of its own: who knows ids does not find out by it which others went in.
 * `result` is base64url and ends it.
 */
export interface Digest {
  add(text: string): void;
  result(): string;
}
export type StartDigest = () => Digest;
