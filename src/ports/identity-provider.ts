import type { OauthClient } from '../domain/oauth-client.ts';
import type { Profile, ProfileChange } from '../domain/oauth-profile.ts';

/**
 * An OAuth server, in our words. Every call ends within the time limit (default 3 s, retries included) or throws a typed Fault:
 * `oauth-unreachable`, `oauth-refused`, `oauth-too-slow` (with `mayHaveHappened`), `oauth-circuit-open`, `oauth-cannot`.
 * None of its words reach a Fault. `client` says which server, and who we are there.
 */
export interface IdentityProvider {
  /** Null: the server is well and does not know the person. `clientIds`: for which of our OAuth clients roles are asked. */
  find(client: OauthClient, externalId: string, clientIds: readonly string[]): Promise<Profile | null>;
  /** Null unless exactly one person has this address (after trim and lower case). Never asks with an empty one. */
  findByEmail(client: OauthClient, email: string, clientIds: readonly string[]): Promise<Profile | null>;
  create(client: OauthClient, person: ProfileChange & { readonly email: string }): Promise<Profile>;
  /** Answers the person as they are afterwards (roles not said). Fault `oauth-refused` for somebody unknown. */
  update(client: OauthClient, externalId: string, change: ProfileChange): Promise<Profile>;
  /** Safe to ask twice: somebody who is gone already counts as removed. */
  remove(client: OauthClient, externalId: string): Promise<void>;
  /** Whether the person has a role at an OAuth client that is none of these, or above member at one that is not in `leaving`. */
  isNeededElsewhere(
    client: OauthClient,
    externalId: string,
    ours: readonly string[],
    leaving: readonly string[],
  ): Promise<boolean>;
  /** Why the server cannot hold this text, or null when it can. */
  refusesText(text: string): string | null;
}
