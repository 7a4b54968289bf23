import type { Actor, ActingClient, Client, Scope } from '../../domain/actor.ts';

/** What callers of the management API hand to its use cases, and what comes back. Source: management-api.md. */

/** A client that acts. */
export interface ClientActor extends Actor {
  readonly client: ActingClient;
}

export interface Credentials {
  readonly key: string;
  readonly secret: string;
}

export interface GrantedToken {
  /** Shown this once. */
  readonly token: string;
  readonly scopes: readonly Scope[];
  readonly createdAt: Date;
  readonly expiresAt: Date;
}

export interface KnownToken {
  readonly key: string;
  readonly scopes: readonly Scope[];
  readonly createdAt: Date;
  readonly expiresAt: Date;
}

export interface CreateClientCommand {
  readonly actor: Actor;
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly siteIds: readonly number[];
}

export interface CreatedClient {
  readonly client: Client;
  /** Shown this once. */
  readonly secret: string;
}

export interface OneClient {
  readonly actor: Actor;
  readonly clientId: number;
}

export interface RotatedClient {
  readonly secret: string;
  /** Until when the old secret counts as well. */
  readonly previousExpiresAt: Date;
}
