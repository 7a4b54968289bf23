import type { Actor } from '../domain/actor.ts';
import type { ActingClient, Client, Scope } from '../domain/client.ts';
import type { Json, JsonObject } from '../domain/json.ts';
import type { Level } from '../domain/level.ts';
import type { PersonFacts } from '../domain/person-facts.ts';
import type { ByActivity } from '../activity-types/index.ts';
import type { OauthOutcome } from '../users/commands.ts';

/** What callers of the management API hand to its stories, and what comes back. Source: management-api.md. */

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
  readonly until: Date;
}
export interface KnownToken {
  readonly key: string;
  readonly scopes: readonly Scope[];
  readonly createdAt: Date;
  readonly until: Date;
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
  readonly previousUntil: Date;
}

export interface ListPeopleCommand {
  readonly actor: ClientActor;
  /** From 1. */
  readonly page: number;
  readonly perPage: number;
  readonly isExpert?: boolean;
  readonly isSelected?: boolean;
  /** The name of one of the client's sites: only its people. */
  readonly siteName?: string;
}
export interface ListedPeople {
  readonly people: readonly PersonView[];
  readonly total: number;
}
export interface OnePerson {
  readonly actor: ClientActor;
  /** The person's external id at the client's issuer. */
  readonly uid: string;
}
/** A person as this client may see them; what is not theirs to see is absent, what nobody said is null. */
export interface PersonView extends PersonFacts {
  /** Of their first row at these sites. */
  readonly id: number;
  readonly uid?: string | null;
  readonly imageUrl: string | null;
  readonly fullName: string | null;
  readonly level: Level | null;
  readonly slug: string;
  readonly description: string | null;
  readonly createdAt: Date;
  readonly messages: number;
  readonly votes: number;
  readonly details?: {
    readonly email: string | null;
    readonly age: number | null;
    readonly city: string | null;
    readonly occupation: string | null;
    readonly interests: string | null;
  };
}

export interface AnonymizePersonCommand extends OnePerson {
  /** The number of a ticket. */
  readonly reason?: string;
  /** `If-Match`, as for users. */
  readonly seen?: (digest: string) => boolean;
}
export interface AnonymizedPerson {
  readonly digest: string;
  /** As answers show it. */
  readonly summary: JsonObject;
  readonly oauth: OauthOutcome | null;
  readonly receipt: string | null;
}
export interface DeletedPerson {
  readonly users: number;
  readonly removed: ByActivity<number>;
  readonly oauth: OauthOutcome | null;
  readonly receipt: string | null;
}
export interface SetFactsCommand extends OnePerson {
  readonly facts: Partial<PersonFacts>;
}
/** Some rows of one kind; several parts of one kind follow each other. */
export interface ExportPart {
  readonly of: string;
  readonly rows: readonly Readonly<Record<string, Json | Date | undefined>>[];
}

/** Every story of the management API, as http calls it. */
export interface ManagementStories {
  /** Who a token, or a bare key, speaks for; null: nobody (any more). */
  readonly clientByToken: (token: string) => Promise<ClientActor | null>;
  readonly clientByKey: (key: string) => Promise<ClientActor | null>;
  readonly grantToken: (command: Credentials & { readonly scopes: readonly string[] }) => Promise<GrantedToken>;
  readonly revokeToken: (command: Credentials & { readonly token: string }) => Promise<void>;
  /** null: not a token of this client that counts. */
  readonly introspectToken: (command: Credentials & { readonly token: string }) => Promise<KnownToken | null>;
  readonly createClient: (command: CreateClientCommand) => Promise<CreatedClient>;
  readonly listClients: (command: { readonly actor: Actor }) => Promise<readonly Client[]>;
  readonly rotateClient: (command: OneClient) => Promise<RotatedClient>;
  readonly revokeClient: (command: OneClient) => Promise<void>;
  readonly listPeople: (command: ListPeopleCommand) => Promise<ListedPeople>;
  readonly getPerson: (command: OnePerson) => Promise<PersonView>;
  readonly exportPerson: (command: OnePerson) => AsyncIterable<ExportPart>;
  readonly setFacts: (command: SetFactsCommand) => Promise<PersonView>;
  readonly anonymizePerson: (command: AnonymizePersonCommand) => Promise<AnonymizedPerson>;
  readonly deletePerson: (command: OnePerson) => Promise<DeletedPerson>;
}
