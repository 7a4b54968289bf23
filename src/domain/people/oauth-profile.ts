import type { JsonObject } from '../json.ts';
import type { UserRole } from '../actor.ts';

/** What the OAuth server says of a person's plain fields; these have the same name there and here. */
export const profileFields = [
  'email',
  'firstName',
  'lastName',
  'phoneNumber',
  'streetName',
  'houseNumber',
  'suffix',
  'postcode',
  'city',
] as const;
export type ProfileField = (typeof profileFields)[number];

/** A person as the OAuth server knows them. A field that is absent was not said; null is explicitly nothing. */
export interface Profile extends Readonly<Partial<Record<ProfileField, string | null>>> {
  readonly externalId: string;
  /** Raw: the values of every site. Absent: not said. */
  readonly extraData?: JsonObject;
  /**
   * Role per OAuth client id, for the clients that were asked for; null = no role there.
   * Absent clients (or an absent record): not said.
   */
  readonly roles?: Readonly<Record<string, UserRole | null>>;
  /**
   * The highest role at clients that were not named, ours or anybody's; null: there is none. A role that we have no name for may be
   * the highest, and counts as it. Said where roles are.
   */
  readonly roleElsewhere?: UserRole | null;
}

/** What shall change at the OAuth server: absent leaves, null clears; extraData is replaced whole. */
export interface ProfileChange extends Readonly<Partial<Record<ProfileField, string | null>>> {
  readonly extraData?: JsonObject;
  /** Role per OAuth client id. */
  readonly roles?: Readonly<Record<string, UserRole>>;
}
