import type { Answer, CallOptions, Calls, Input, OneOf } from './calls.ts';
import { wait } from './send.ts';
import type { Audit, FoundPerson, JwkSet, Operation, PeoplePage, PeopleWalk, Site } from './types.gen.ts';
import { walk, type PageSize } from './users.ts';

type QueryOf<N extends 'findPeople' | 'listAudit'> = NonNullable<Input<N>['query']>;
type BodyOf<N extends 'createSite' | 'updateSite'> = NonNullable<Input<N>['body']>;
type Questions = Omit<QueryOf<'findPeople'>, 'page' | 'pageSize' | 'cursor'>;
/** By words, by address or by id at the OAuth server: one of them. */
export type PeopleQuestion =
  | OneOf<Questions, 'q', 'email' | 'externalUserId'>
  | OneOf<Questions, 'email', 'q' | 'externalUserId'>
  | OneOf<Questions, 'externalUserId', 'q' | 'email'>;
/** What is asked for, as the answer shows it. */
export type AuditFilter = Omit<QueryOf<'listAudit'>, 'pageSize' | 'cursor'>;

/** People across sites, for moderators and above. */
export class People {
  readonly #calls: Calls;
  constructor(calls: Calls) {
    this.#calls = calls;
  }

  /** One page: by number where `page` is said, with a total; else of a walk, which may be short and go on. */
  find(query: PeopleQuestion & PageSize & { readonly page: number }, options?: CallOptions): Promise<PeoplePage>;
  find(
    query: PeopleQuestion & PageSize & { readonly cursor?: string | undefined },
    options?: CallOptions,
  ): Promise<PeopleWalk>;
  find(query: QueryOf<'findPeople'>, options: CallOptions = {}): Promise<Answer<'findPeople'>> {
    return this.#calls.call('findPeople', { ...options, query });
  }

  /** All who are found, page by page while they are read. */
  all(
    { pageSize = 100, ...question }: PeopleQuestion & PageSize,
    options: CallOptions = {},
  ): AsyncGenerator<FoundPerson, void> {
    return walk((cursor) => this.find({ ...question, pageSize, cursor }, options));
  }
}

/** What was anonymized, deleted and looked at, newest first. */
export class AuditList {
  readonly #calls: Calls;
  constructor(calls: Calls) {
    this.#calls = calls;
  }

  list(query: QueryOf<'listAudit'> = {}, options: CallOptions = {}): Promise<Audit> {
    return this.#calls.call('listAudit', { ...options, query });
  }

  /** All of it, page by page while it is read. */
  all(
    { pageSize = 100, ...filter }: AuditFilter & PageSize = {},
    options: CallOptions = {},
  ): AsyncGenerator<Audit['records'][number], void> {
    return walk((cursor) => this.list({ ...filter, pageSize, cursor }, options));
  }
}

/** Proofs of what was done. */
export class Receipts {
  readonly #calls: Calls;
  constructor(calls: Calls) {
    this.#calls = calls;
  }

  /** The signed text (a compact JWS) behind the address that an anonymization answered; a browser that is led there gets a page. */
  async read(address: string, options: CallOptions = {}): Promise<string> {
    return this.#calls.call('readReceipt', { ...options, path: { token: lastOf(address) } });
  }

  /** The public keys that receipts are verified with, old ones too. */
  keys(options: CallOptions = {}): Promise<JwkSet> {
    return this.#calls.call('receiptKeys', options);
  }
}

/** An anonymization that was asked for. */
export class OneOperation {
  readonly #calls: Calls;
  readonly #operationId: string;
  constructor(calls: Calls, address: string) {
    this.#calls = calls;
    this.#operationId = lastOf(address);
  }

  get(options: CallOptions = {}): Promise<Operation> {
    return this.#calls.call('readOperation', { ...options, path: { operationId: this.#operationId } });
  }

  /** How far it is, again and again, until the OAuth server has settled it: `for await (const now of operation.progress())`. */
  progress(options: Following = {}): AsyncGenerator<Operation, void> {
    return follow(
      () => this.get(options),
      ({ state }) => state !== 'running',
      options,
    );
  }
}

export type Following = CallOptions & { readonly everyMs?: number | undefined };
/** Asks again and again, less and less often, while somebody reads on, until it is over. */
export async function* follow<T>(
  look: () => Promise<T>,
  isOver: (now: T) => boolean,
  { everyMs = 1000, signal }: Following,
): AsyncGenerator<T, void> {
  for (let pauseMs = everyMs; ; pauseMs = Math.min(pauseMs * 1.5, 15_000)) {
    const now = await look();
    yield now;
    if (isOver(now)) return;
    await wait(pauseMs, signal);
  }
}

/** The sites; one by its id or domain. */
export class Sites {
  readonly #calls: Calls;
  constructor(calls: Calls) {
    this.#calls = calls;
  }

  list(options: CallOptions = {}): Promise<Site[]> {
    return this.#calls.call('listSites', options);
  }

  get(siteId: string | number, options: CallOptions = {}): Promise<Site> {
    return this.#calls.call('viewSite', { ...options, path: { siteId } });
  }

  create(site: BodyOf<'createSite'>, options: CallOptions = {}): Promise<Site> {
    return this.#calls.call('createSite', { ...options, body: site });
  }

  /**
   * `seen`: what `get`, `create` or `update` of this client answered; the change is made only where the site is still so, else it is a
   * problem (412). TypeError for anything else.
   */
  async update(
    siteId: string | number,
    change: BodyOf<'updateSite'>,
    { seen, ...options }: CallOptions & { readonly seen?: Site | undefined } = {},
  ): Promise<Site> {
    return this.#calls.call('updateSite', {
      ...options,
      ...this.#calls.ifStill(seen),
      path: { siteId },
      body: change,
    });
  }

  async delete(siteId: string | number, options: CallOptions = {}): Promise<void> {
    await this.#calls.call('deleteSite', { ...options, path: { siteId } });
  }
}

/** Of an address what names it; a name stays as it is. */
const lastOf = (address: string): string => address.split('/').at(-1) ?? '';
