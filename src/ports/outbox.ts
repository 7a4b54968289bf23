/** Wishes that leave the database after its commit, by topic. */
export interface Messages {
  /** Remove the person at the OAuth server if nobody needs them any more. `clients`: the OAuth clients of the rows just removed. */
  'person.remove': {
    readonly personId: number;
    readonly siteIds: readonly number[];
    readonly clients: readonly string[];
    readonly operations: Operations;
    readonly whom: Whom;
    readonly writtenAt: WrittenAt;
  };
  /** Withdraw the person's values for these sites at the OAuth server. */
  'person.withdraw-values': {
    readonly personId: number;
    readonly siteIds: readonly number[];
    readonly operations: Operations;
    readonly whom: Whom;
    readonly writtenAt: WrittenAt;
    /** The person row stays although nobody is left, until an operator has looked. */
    readonly isLeftBehind?: boolean;
  };
  /** Read the person anew: an update may have stopped between the OAuth server and our rows. */
  'person.refresh': {
    readonly personId: number;
    /** Whose refresh took this person's old address: it is not taken back. */
    readonly freedBy?: readonly number[];
    /** Only an update that is under way asked for it, and may call it off. Who asks for it meanwhile takes this away. */
    readonly byUpdate?: true;
  };
  /** Write to the OAuth server what only rows of an adopted database hold of the five per-site fields. */
  'person.say-unsaid': { readonly personId: number };
  /** Finish a creation that may have stopped half-way; `sealed` holds the intent, as it names an address. */
  'user.create': { readonly sealed: string };
}
/** Which calls wait for the outcome, as the audit names them; none where nobody's rows went (a creation that came to nothing, an operator's word). */
type Operations = readonly string[];
/** Who the person is at the OAuth server, as a fingerprint: their row may be made somebody else's by whoever writes the database. */
type Whom = string;
/** A moment (ISO 8601). Where no outcome in the audit can say that a message was carried out, its age does (use-cases/outbox/identity-cleanup.ts). */
type WrittenAt = string;
export const topics = [
  'person.remove',
  'person.withdraw-values',
  'person.refresh',
  'person.say-unsaid',
  'user.create',
] as const satisfies readonly (keyof Messages)[];
export type Topic = (typeof topics)[number];
export interface NewMessage<T extends Topic = Topic> {
  readonly topic: T;
  /** One message per topic and key; adding again replaces payload and due time, and ends a running claim. */
  readonly key: string;
  readonly payload: Messages[T];
}
export interface Message<T extends Topic = Topic> extends NewMessage<T> {
  readonly id: number;
  /** Tries so far; of a removal or withdrawal they also choose whose credentials are taken next. */
  readonly attempts: number;
  readonly createdAt: Date;
  /** Who holds the claim; settle and postpone need it. */
  readonly claim: string;
  /** Whoever holds it wrote it a moment ago and has not read it: so it cannot be an old row that was put back. */
  readonly isJustWritten?: true;
}
/** `claimed`: whoever adds the message delivers it right after the commit; `free`: whoever comes. */
export type AddedAs = 'claimed' | 'free';
/** The payload that waits now, and the message itself for who has claimed it. */
export interface Added<T extends Topic> {
  readonly payload: Messages[T];
  readonly claimed: Message<T> | null;
}
export interface WaitingMessage {
  readonly id: number;
  readonly topic: string;
  readonly key: string;
  readonly attempts: number;
  readonly dueAt: Date;
  readonly createdAt: Date;
  readonly lastError: string | null;
}
/** One with what it holds, for who says what it is about; null: we did not write it, so nothing of it counts. */
export interface ReadMessage extends WaitingMessage {
  readonly payload: Messages[Topic] | null;
}
export interface OutboxPage {
  /** null: of every topic. */
  readonly topic: Topic | null;
  /** Behind this id; null: from the first on. */
  readonly after: number | null;
  readonly limit: number;
}

export interface Outbox {
  /** In the transaction of what it belongs to. Due at once unless said otherwise. */
  add(message: NewMessage, dueAt?: Date): Promise<void>;
  /**
   * Adds, or where one waits under this key already adds what `merged` makes of its payload: what it knew must not get lost.
   * In a transaction; one statement where none was waiting. What is `claimed` is theirs as after `claim`, unless one was waiting.
   * Due at once unless said otherwise.
   */
  addMerged<T extends Topic>(
    message: NewMessage<T>,
    merged: (earlier: Messages[T]) => Messages[T],
    addedAs: AddedAs,
    dueAt?: Date,
  ): Promise<Added<T>>;
  /**
   * Takes one due message (or the one named, due or not) by a conditional UPDATE, with a lease; null when there is none to take.
   * One that we did not write is taken by nobody, and an error is logged.
   */
  claim(named?: { readonly topic: Topic; readonly key: string }): Promise<Message | null>;
  /**
   * In the transaction behind which something is done that should be done once: from its commit on the message is nobody else's for so
   * long. Throws `ClaimLost` as `settle` does. One statement.
   */
  holdOn(message: Message, forMs: number): Promise<void>;
  /** Deletes a carried-out message. Throws `ClaimLost` when it is no longer ours: another took it, replaced it or ended it. */
  settle(message: Message): Promise<void>;
  /** Gives the claim back, to be tried again at `dueAt`. `error` is a code, never another server's words. */
  postpone(message: Message, dueAt: Date, error: string): Promise<void>;
  /** The payload of a waiting message, which stays locked to the end of the transaction; under the lock or lease that guards its key. */
  findLocked<T extends Topic>(topic: T, key: string): Promise<Messages[T] | null>;
  /** Forgets a message that is no longer wanted. */
  cancel(topic: Topic, key: string): Promise<void>;
  /** The same, while it is as it was written: false where it is gone, or says something else by now. One statement. */
  cancelUnchanged(message: NewMessage): Promise<boolean>;
  /** Which calls wait for an outcome, by messages that we wrote. */
  awaitedOperations(): Promise<ReadonlySet<string>>;
  /** Up to a thousand of them, the longest due first. */
  waiting(): Promise<readonly WaitingMessage[]>;
  /** In the order of ids, which does not change with each try as due times do. One statement. */
  page(wanted: OutboxPage): Promise<readonly ReadMessage[]>;
  /** One that waits, or null. */
  one(id: number): Promise<ReadMessage | null>;
  /** Makes one message, or all, due now; answers how many. */
  retry(id?: number): Promise<number>;
}

export class ClaimLost extends Error {
  constructor() {
    super('what was claimed is ours no longer');
    this.name = 'ClaimLost';
  }
}
