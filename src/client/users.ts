import type { Answer, CallOptions, Calls, Input } from './calls.ts';
import { planOf, type Extent, type Plan, type UserAddress } from './plan.ts';
import type {
  Activity,
  AnonymizationStatus,
  PersonAcrossSites,
  User,
  UserExport,
  UserPage,
  UserWalk,
} from './types.gen.ts';

type QueryOf<N extends 'listUsers' | 'listActivity'> = NonNullable<Input<N>['query']>;
type BodyOf<N extends 'createUser' | 'updateUser'> = NonNullable<Input<N>['body']>;
/** Whom a list shows, and in which order: `{ filter: { role: 'moderator' }, sort: 'lastName_desc', q: 'ver' }`. */
export type Selection = Omit<QueryOf<'listUsers'>, 'page' | 'pageSize' | 'cursor'>;
export interface PageSize {
  readonly pageSize?: number | undefined;
}
interface ByNumber {
  readonly page?: number | undefined;
}

/** The users of a site. */
export class Users {
  readonly #calls: Calls;
  readonly #siteId: string | number;
  constructor(calls: Calls, siteId: string | number) {
    this.#calls = calls;
    this.#siteId = siteId;
  }

  /** Everybody, in one answer that is as long as the site is large. */
  list(selection?: Selection, options?: CallOptions): Promise<User[]>;
  list(selection: Selection = {}, options: CallOptions = {}): Promise<Answer<'listUsers'>> {
    return this.#calls.call('listUsers', { ...options, path: { siteId: this.#siteId }, query: selection });
  }

  /** One page: by cursor, with everything else as it was asked for before; else by its number (from 0), with the total. */
  page(query: Selection & PageSize & { readonly cursor: string }, options?: CallOptions): Promise<UserWalk>;
  page(
    query?: Selection & PageSize & ByNumber & { readonly cursor?: undefined },
    options?: CallOptions,
  ): Promise<UserPage>;
  page(
    query: Selection & PageSize & { readonly cursor?: string | undefined },
    options?: CallOptions,
  ): Promise<UserPage | UserWalk>;
  page(
    { cursor, page, ...query }: Selection & PageSize & ByNumber & { readonly cursor?: string | undefined } = {},
    options: CallOptions = {},
  ): Promise<Answer<'listUsers'>> {
    const part = cursor === undefined ? { page: page ?? 0 } : { cursor, page };
    return this.#calls.call('listUsers', { ...options, path: { siteId: this.#siteId }, query: { ...query, ...part } });
  }

  /** Everybody, page by page while they are read: `for await (const user of client.users(1).all())`. */
  all(
    { pageSize = 100, ...selection }: Selection & PageSize = {},
    options: CallOptions = {},
  ): AsyncGenerator<User, void> {
    return walk((cursor) => this.page({ ...selection, pageSize, cursor }, options));
  }

  create(user: BodyOf<'createUser'>, options: CallOptions = {}): Promise<User> {
    return this.#calls.call('createUser', { ...options, path: { siteId: this.#siteId }, body: user });
  }
}

/** One user: one row at one site. */
export class OneUser {
  readonly #calls: Calls;
  readonly #path: UserAddress;
  constructor(calls: Calls, path: UserAddress) {
    this.#calls = calls;
    this.#path = path;
  }

  get(options: CallOptions = {}): Promise<User> {
    return this.#calls.call('viewUser', { ...options, path: this.#path });
  }

  /**
   * `seen`: what `get`, `me`, `create` or `update` of this client answered; the change is made only where the user is still so, else it
   * is a problem (412). TypeError for anything else, as what stands in a list, which has no ETag of its own.
   */
  async update(
    change: BodyOf<'updateUser'>,
    { seen, ...options }: CallOptions & { readonly seen?: User | undefined } = {},
  ): Promise<User> {
    return this.#calls.call('updateUser', {
      ...options,
      ...this.#calls.ifStill(seen),
      path: this.#path,
      body: change,
    });
  }

  /** Deletes the user with all they contributed at this site. */
  async delete(options: CallOptions = {}): Promise<void> {
    await this.#calls.call('deleteUser', { ...options, path: this.#path });
  }

  activity(query: QueryOf<'listActivity'> = {}, options: CallOptions = {}): Promise<Activity> {
    return this.#calls.call('listActivity', { ...options, path: this.#path, query });
  }

  /** The person behind the user, with their rows at all sites where the caller is moderator. It is written into the audit. */
  person(options: CallOptions = {}): Promise<PersonAcrossSites> {
    return this.#calls.call('readPerson', { ...options, path: this.#path });
  }

  /** Everything that is kept of the person. */
  export(options: CallOptions = {}): Promise<UserExport> {
    return this.#calls.call('exportUser', { ...options, path: this.#path });
  }

  /** What anonymizing would do, and the way to have it done. Nothing is changed by asking. */
  anonymization(extent: Extent & CallOptions = {}): Promise<Plan> {
    return planOf(this.#calls, this.#path, extent);
  }

  /** How the user was anonymized, and how far their removal at the OAuth server is. */
  anonymizationStatus(options: CallOptions = {}): Promise<AnonymizationStatus> {
    return this.#calls.call('anonymizationStatus', { ...options, path: this.#path });
  }
}

interface Part<T> {
  readonly metadata: { readonly cursor?: string };
  readonly records: readonly T[];
}
/** Page after page, while somebody reads on. */
export async function* walk<T>(page: (cursor: string | undefined) => Promise<Part<T>>): AsyncGenerator<T, void> {
  let cursor: string | undefined;
  do {
    const { metadata, records } = await page(cursor);
    yield* records;
    cursor = metadata.cursor;
  } while (cursor !== undefined);
}
