import type { Level } from '../domain/people/person-facts.ts';
import type { GlobalOauthClient } from '../domain/sites/oauth-client.ts';

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
