import type { UserField } from '../users/user-fields.ts';

/**
 * What may be wrong between a person here and at the OAuth server. `unknown-there`: the server no longer knows them. `differed`:
 * a check found rows that said something else, and mended them. `does-not-fit`: values that our columns cannot hold are cut, or
 * left out. `address-taken`: the address stands at a site with somebody else, and may stand there once. `left-behind`: no live row is left here, and
 * nobody asked for them to be removed there. `unreadable`: what it says of them is too large, malformed or odd.
 * `never-fetched`: nobody has asked yet. `found-anonymized`: a row looks as an OpenStad API leaves whom it anonymized, and
 * there should be none beside us: nothing was done. Source: oauth-server.md §3, user-api.md "drift".
 */
export const findingKinds = [
  'unknown-there',
  'differed',
  'does-not-fit',
  'address-taken',
  'left-behind',
  'found-anonymized',
  'unreadable',
  'never-fetched',
] as const;
export type FindingKind = (typeof findingKinds)[number];
/** What a check can find; that nobody has checked is no finding of one. */
export type NotedKind = Exclude<FindingKind, 'never-fetched'>;

/** Names of fields, never their values. */
export interface Finding {
  readonly kind: NotedKind;
  readonly fields: readonly UserField[];
}

export const isFindingKind = (value: unknown): value is FindingKind => findingKinds.some((kind) => kind === value);
