import type { ByActivity } from '../../activity-types/index.ts';
import type { Json, JsonObject } from '../../domain/json.ts';
import type { Level } from '../../domain/people/person-facts.ts';
import type { PersonFacts } from '../../domain/people/person-facts.ts';
import type { InTurn } from '../commands.ts';
import type { ClientActor } from '../clients/commands.ts';
import type { OauthOutcome } from '../outbox/deliver-message.ts';

export interface ListPeopleCommand {
  readonly actor: ClientActor;
  /** From 1. */
  readonly page: number;
  readonly perPage: number;
  readonly isExpert?: boolean;
  readonly isSelected?: boolean;
  /** The name of one of the client's sites: only its people. */
  readonly siteName?: string;
  /** Only who has this external id at the client's issuer. */
  readonly uid?: string;
  /** Only who has this address at one of those sites. */
  readonly email?: string;
  /** Absent: at once. */
  readonly inTurn?: InTurn;
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
export interface GetPersonCommand extends OnePerson {
  /** Absent: at once. */
  readonly inTurn?: InTurn;
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
  readonly stillMatches?: (digest: string) => boolean;
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
export interface SetFactsCommand extends GetPersonCommand {
  readonly facts: Partial<PersonFacts>;
}
export interface ExportOptions {
  /** Ends before the first part is told: nobody is looked at. */
  readonly tellsNothing?: boolean;
  /** Absent: at once. */
  readonly inTurn?: InTurn;
}
/** Some rows of one kind; several parts of one kind follow each other. */
export interface ExportPart {
  readonly of: string;
  readonly rows: readonly Readonly<Record<string, Json | Date | undefined>>[];
}
