import type { Json } from '../../../../src/domain/json.ts';

/**
 * The table of user-api.md §2, copied by hand, so that a slip in domain/users/user-fields.ts is not its own proof.
 * View: who sees it. Write: who may set it. `mod`: moderator and above; `editor`: editor and above.
 */
interface Line {
  readonly view: 'all' | 'mod, owner' | 'admin';
  readonly create: 'mod' | 'editor' | '–';
  readonly update: 'mod, owner' | 'editor' | 'editor, owner' | '–';
  /** Values that differ from what a test's person has. */
  readonly values?: readonly [Json, Json];
}
const shown: Line = { view: 'all', create: '–', update: '–' };
const detail: Line = { view: 'mod, owner', create: '–', update: '–' };
const profile: Line = { view: 'mod, owner', create: 'mod', update: 'mod, owner', values: ['Een', 'Twee'] };

export const contractFields: Readonly<Record<string, Line>> = {
  id: shown,
  siteId: shown,
  displayName: shown,
  initials: shown,
  createdAt: shown,
  updatedAt: shown,
  deletedAt: shown,
  complete: shown,
  site: shown,
  // Key by key: site-specific-data.test.ts.
  extraData: shown,
  // Who may give which: roles.test.ts.
  role: detail,
  externalUserId: { ...shown, view: 'admin' },
  email: { ...profile, update: 'editor', values: ['een@example.org', 'twee@example.org'] },
  firstName: profile,
  lastName: profile,
  streetName: profile,
  houseNumber: { ...profile, values: ['11', '12'] },
  suffix: { ...profile, values: ['X', 'Y'] },
  postcode: { ...profile, values: ['1111AA', '2222BB'] },
  zipCode: { ...profile, values: ['3333CC', '4444DD'] },
  city: profile,
  phoneNumber: { ...profile, create: 'editor', update: 'editor, owner', values: ['0101010101', '0202020202'] },
  nickName: profile,
  gender: { ...profile, values: ['male', 'female'] },
  signedUpForNewsletter: { ...profile, values: [true, false] },
  listableByRole: { ...profile, values: ['editor', 'member'] },
  // Higher ones would hide the answer from the moderator who set them.
  detailsViewableByRole: { ...profile, values: ['moderator', 'editor'] },
  lastLogin: detail,
  isNotifiedAboutAnonymization: detail,
  anonymizedAt: detail,
  fullName: detail,
};

/** Columns that are in no answer to anybody. */
export const hiddenColumns = ['personId', 'slot', 'externalAccessToken', 'profileWithheld', 'addressWritten'] as const;
