import type { OperationCall } from './audit.ts';
import type { Topic } from './outbox.ts';
import type { Level } from '../domain/people/person-facts.ts';
import type { GlobalOauthClient } from '../domain/sites/oauth-client.ts';

export interface Clock {
  now(): Date;
  /**
   * What the promise gives within `ms`, else undefined; the promise itself goes on, and its later failure is not lost (logged
   * by the caller's own handler).
   */
  within<T>(promise: Promise<T>, ms: number): Promise<T | undefined>;
  /** A fraction in [0, 1) for spreading pauses. */
  spread(): number;
  /** When others have had their turn: for who computes for milliseconds on end. */
  nextTurn(): Promise<void>;
}

/** One line a colleague on call would thank you for; never a person, only ids. `error` means come now. */
export interface Log {
  info(facts: Readonly<Record<string, unknown>>, line: string): void;
  warn(facts: Readonly<Record<string, unknown>>, line: string): void;
  error(facts: Readonly<Record<string, unknown>>, line: string): void;
}

/** What executing a message came to, in a closed set of words: they are labels of metrics. `later`: it did not succeed yet. */
export type DeliveryOutcome =
  | 'done'
  | 'kept;reason=rows-elsewhere'
  | 'kept;reason=other-clients'
  | 'kept;reason=not-ours'
  | 'kept;reason=unsupported'
  | 'refreshed'
  | 'unknown-there'
  | 'gone'
  | 'created'
  | 'not-needed'
  | 'unsupported'
  | 'later';

/** Counts for the metrics what has happened: after the commit, as a unit of work may run more than once. */
export interface Metrics {
  delivered(topic: Topic, outcome: DeliveryOutcome): void;
  /** A call that anonymized or deleted at least one row. */
  did(call: OperationCall): void;
}

/** What use cases need of the configuration. */
export interface Settings {
  readonly anonymize: { readonly firstName: string; readonly lastName: string; readonly maxListed: number };
  readonly timeZone: string;
  /** How long a fetched profile counts as fresh. */
  readonly freshSeconds: number;
  /** How long what is known of an actor counts while the OAuth server does not answer. */
  readonly maxStaleSeconds: number;
  readonly globalOauthClient: GlobalOauthClient;
  /** Hosts (with port) that a site's config may name as OAuth server, beside the global one's. */
  readonly allowedOauthHosts: readonly string[];
  /** How long a call to the OAuth server, and so a request that waits for one, may take. */
  readonly oauthTimeLimitMs: number;
  /** From which age on a message that cannot be delivered is an alarm. */
  readonly outboxAlarmSeconds: number;
  /** The platform's own site: who is admin there is platform admin at the console; null: nobody is. */
  readonly platformSiteId: number | null;
  /** Users that fixed tokens act as: they cannot be anonymized or deleted. */
  readonly fixedTokenUserIds: readonly number[];
  /** How long a session lasts, by the role of its user. */
  readonly sessionSeconds: { readonly staff: number; readonly others: number };
  /** An OpenStad API beside us reads the access token from the user row, in clear, and what it writes into the rows is taken as said. */
  readonly isBesideOpenstad: boolean;
  readonly management: {
    /** How long the secret before a rotation still counts. */
    readonly rotationOverlapSeconds: number;
    /** What people reach by their points. */
    readonly levels: readonly Level[];
  };
}

/** What a text is sealed for; opened for anything else it is not ours. Source: oauth-server.md §4. */
type SealPurpose =
  | 'audit cursor'
  | 'console login'
  | 'console session'
  | 'cursor'
  | 'intent'
  | 'login'
  | 'people'
  | 'repeat'
  | 'run cursor'
  | 'outbox cursor'
  | 'session';

/** What a text is authenticated for; each has a key of its own. Source: docs/adr/0006. */
type MacPurpose = 'audit row' | 'outbox message' | 'site run' | 'people run' | 'run person';

/**
 * What a fingerprint stands for: a value in one column is never the value of another, whoever copies it there. A text that a caller
 * chooses is told apart by this alone.
 */
type FingerprintPurpose =
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
  | 'people list'
  | 'person lease'
  | 'receipt address'
  | 'repeat'
  | 'repeated body'
  | 'run lists'
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
