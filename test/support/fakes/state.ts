import { AsyncLocalStorage } from 'node:async_hooks';
import type { ActivityRow } from '../../../src/activity-types/definition.ts';
import type { PersonFacts } from '../../../src/domain/people/person-facts.ts';
import type { Person, UserRow } from '../../../src/domain/users/user.ts';
import type { Client } from '../../../src/domain/actor.ts';
import type { Finding } from '../../../src/domain/people/finding.ts';
import type { Session } from '../../../src/domain/session.ts';
import type { Site } from '../../../src/domain/sites/site.ts';
import type { AuditRow } from '../../../src/ports/audit.ts';
import type { Sweep } from '../../../src/ports/people.ts';
import type { Seal } from '../../../src/ports/audit.ts';
import type { ClientSecrets, NewClientToken } from '../../../src/ports/credentials.ts';
import type { RememberedAnswer } from '../../../src/ports/unit-of-work.ts';
import type { PersonRecord, AnonymizationRun } from '../../../src/ports/runs.ts';
import type { NewMessage } from '../../../src/ports/outbox.ts';

export type StoredMessage = NewMessage & {
  readonly id: number;
  readonly attempts: number;
  readonly dueAt: Date;
  readonly createdAt: Date;
  readonly lastError: string | null;
  readonly claim: string | null;
  readonly claimedUntil: Date;
};

export type StoredClient = Client & ClientSecrets & { readonly revokedAt: Date | null };

/** The whole database, in memory. Values are never edited, so copying the maps copies everything. */
export interface State {
  readonly users: Map<number, UserRow>;
  readonly persons: Map<number, Person>;
  readonly sites: Map<number, Site>;
  /** The soft-deleted ones. */
  readonly pastSites: Map<number, Site>;
  /** Fingerprint → until when, in milliseconds. */
  readonly tombstones: Map<string, number>;
  /** By table, then by id. */
  readonly activities: Map<string, Map<number, ActivityRow>>;
  /** By person. */
  readonly findings: Map<number, readonly (Finding & { readonly at: Date })[]>;
  /** By name. */
  readonly sweeps: Map<string, { readonly sweep: Sweep; readonly holder: string; readonly heldUntil: number }>;
  /** By jti. */
  readonly sessions: Map<string, Session>;
  readonly clients: Map<number, StoredClient>;
  /** By fingerprint. */
  readonly clientTokens: Map<string, NewClientToken>;
  /** By person. */
  /** By the ids of person and client. */
  readonly facts: Map<string, PersonFacts>;
  readonly outbox: Map<number, StoredMessage>;
  /** By scope. */
  readonly replays: Map<string, RememberedAnswer & { readonly expiresAt: number }>;
  readonly audit: Map<number, AuditRow>;
  /** By seq. */
  readonly auditSeals: Map<number, Seal>;
  readonly runs: Map<number, StoredRun>;
  /** By run and user id. */
  readonly siteRunPeople: Map<string, StoredPerson>;
}
export type StoredRun = AnonymizationRun & {
  readonly claim: string | null;
  readonly claimedUntil: Date;
  readonly isForgotten?: true;
};
export interface StoredPerson extends PersonRecord {
  readonly runId: number;
  readonly dueAt: Date | null;
  /** Of somebody who was written down. */
  readonly rank?: number;
  readonly siteId?: number;
  readonly digest?: string;
}

const emptyState = (): State => ({
  users: new Map(),
  persons: new Map(),
  sites: new Map(),
  pastSites: new Map(),
  tombstones: new Map(),
  activities: new Map(),
  findings: new Map(),
  sweeps: new Map(),
  sessions: new Map(),
  clients: new Map(),
  clientTokens: new Map(),
  facts: new Map(),
  outbox: new Map(),
  replays: new Map(),
  audit: new Map(),
  auditSeals: new Map(),
  runs: new Map(),
  siteRunPeople: new Map(),
});

const copyOf = (state: State): State => ({
  users: new Map(state.users),
  persons: new Map(state.persons),
  sites: new Map(state.sites),
  pastSites: new Map(state.pastSites),
  tombstones: new Map(state.tombstones),
  activities: new Map([...state.activities].map(([table, rows]) => [table, new Map(rows)])),
  findings: new Map(state.findings),
  sweeps: new Map(state.sweeps),
  sessions: new Map(state.sessions),
  clients: new Map(state.clients),
  clientTokens: new Map(state.clientTokens),
  facts: new Map(state.facts),
  outbox: new Map(state.outbox),
  replays: new Map(state.replays),
  audit: new Map(state.audit),
  auditSeals: new Map(state.auditSeals),
  runs: new Map(state.runs),
  siteRunPeople: new Map(state.siteRunPeople),
});

/** What runs at the moment: the state it sees, and whether it may write. */
interface Running {
  readonly kind: 'transaction' | 'snapshot';
  readonly state: State;
}

/** One writer at a time, readers see what was committed: as the embedded database has it. */
export class FakeDatabase {
  #committed = emptyState();
  #lastId = 1_000_000;
  #queue: Promise<unknown> = Promise.resolve();
  readonly #running = new AsyncLocalStorage<Running>();

  get state(): State {
    return this.#running.getStore()?.state ?? this.#committed;
  }

  get isInTransaction(): boolean {
    return this.#running.getStore()?.kind === 'transaction';
  }

  get isInside(): boolean {
    return this.#running.getStore() !== undefined;
  }

  nextId(): number {
    return ++this.#lastId;
  }

  /** One statement: inside a transaction on its state, else a transaction of its own. */
  async write<T>(change: (state: State) => T): Promise<T> {
    const running = this.#running.getStore();
    if (running?.kind === 'snapshot') throw new Error('a snapshot is for reading');
    return running === undefined ? this.transaction(async () => change(this.state)) : change(running.state);
  }

  /** What `work` wrote is there for everybody after it, or for nobody when it throws. */
  async transaction<T>(work: () => Promise<T>): Promise<T> {
    const run = async (): Promise<T> => {
      const state = copyOf(this.#committed);
      const answer = await this.#running.run({ kind: 'transaction', state }, work);
      this.#committed = state;
      return answer;
    };
    const mine = this.#queue.then(run);
    this.#queue = mine.catch(() => undefined);
    return mine;
  }

  async snapshot<T>(work: () => Promise<T>): Promise<T> {
    return this.#running.run({ kind: 'snapshot', state: copyOf(this.#committed) }, work);
  }
}
