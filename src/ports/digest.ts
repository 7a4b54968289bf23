/** A SHA-256 over texts that come one by one; `result` is base64url and ends it. */
export interface Digest {
  add(text: string): void;
  result(): string;
}
export type StartDigest = () => Digest;
