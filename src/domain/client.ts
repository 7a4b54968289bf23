/** What a back office or platform may ask for; each includes the ones before it. Source: management-api.md §1. */
export const scopes = ['public', 'authentication', 'admin'] as const;
export type Scope = (typeof scopes)[number];

export const isScope = (word: string): word is Scope => scopes.some((scope) => scope === word);

/** How many sites a client may have: the list of people asks each of them in one statement, and SQLite takes no more than 250. */
export const maxSites = 100;

/** Whether what was granted is enough. */
export const includes = (granted: readonly Scope[], needed: Scope): boolean =>
  granted.some((scope) => scopes.indexOf(scope) >= scopes.indexOf(needed));

/** A management client (their "application"): who may manage the people of some sites by program. */
export interface Client {
  readonly id: number;
  readonly name: string;
  /** Its public id, `civ_…`. */
  readonly key: string;
  /** The most it may ask for. */
  readonly scopes: readonly Scope[];
  readonly siteIds: readonly number[];
  /** The OAuth server of all its sites: with it an external id names one person. */
  readonly issuer: string;
  readonly createdAt: Date;
  readonly lastUsedAt: Date | null;
}

/** A client as it acts: with what its token (or its bare key) was granted. */
export interface ActingClient extends Pick<Client, 'id' | 'issuer' | 'siteIds'> {
  readonly scopes: readonly Scope[];
}
