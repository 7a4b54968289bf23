/** The human behind all user rows that share an issuer (an OAuth server) and an external id. Source: user-api.md, "Three words". */
export interface Person {
  readonly id: number;
  /** The OAuth server's normalised address. */
  readonly issuer: string;
  /** The person's id at the issuer, as text: a number at OpenStad, anything elsewhere. */
  readonly externalId: string;
  /** When the profile was last read from the issuer; null = never. */
  readonly fetchedAt: Date | null;
  /** `removing`: the outbox is removing the person at the issuer; no row may come any more. */
  readonly state: 'active' | 'removing';
  /** Whether the person is ours to remove: created by us, or has logged in here. Source: anonymization.md §3. */
  readonly createdByUs: boolean;
  /** Made by a POST of ours, and nobody has logged in here as them since: theirs, and still in the hands of who made them. */
  readonly isUnclaimed: boolean;
  /**
   * Sites that vouch for by what they log in, since somebody set it through us; null: nobody did, or a platform admin gave them a
   * role all the same. Elsewhere they are given none above member. See login-set.ts.
   */
  readonly loginSetAt: readonly number[] | null;
  /**
   * Came from an adopted database, whose rows may hold per-site fields that the issuer has never heard of: until they are written
   * there, what is absent there is not said.
   */
  readonly hasUnsaidFields: boolean;
}
