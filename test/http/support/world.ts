import { visitor, type Actor } from '../../../src/domain/actor.ts';
import type { JsonObject } from '../../../src/domain/json.ts';
import type { Role, UserRole } from '../../../src/domain/role.ts';
import { siteConfigOf } from '../../../src/domain/site-config.ts';
import type { Site } from '../../../src/domain/site.ts';
import type { User } from '../../../src/domain/user.ts';

const then = new Date('2024-05-01T10:00:00.000Z');

export const aSite = (id: number, rawConfig: JsonObject = {}): Site => ({
  id,
  name: `site-${id}`,
  title: `Site ${id}`,
  domain: `site${id}.example.org`,
  areaId: null,
  createdAt: then,
  updatedAt: then,
  config: siteConfigOf(rawConfig),
  rawConfig,
});

export const aUser = (part: Partial<User> = {}): User => ({
  id: 7,
  siteId: 1,
  personId: null,
  slot: 0,
  externalUserId: null,
  externalAccessToken: 'never-shown',
  role: 'member',
  complete: true,
  extraData: {},
  email: 'niels@example.org',
  nickName: null,
  firstName: 'Niels',
  lastName: 'Vegter',
  listableByRole: null,
  detailsViewableByRole: null,
  phoneNumber: null,
  streetName: null,
  houseNumber: null,
  postcode: null,
  city: null,
  suffix: null,
  gender: null,
  zipCode: null,
  signedUpForNewsletter: null,
  lastLogin: then,
  isNotifiedAboutAnonymization: null,
  anonymizedAt: null,
  createdAt: then,
  updatedAt: then,
  deletedAt: null,
  person: null,
  ...part,
});

export const anActor = (userId: number, role: Role, siteId = 1): Actor => ({
  ...visitor,
  userId,
  roleBySite: new Map([[siteId, role]]),
});

/** The users of the fixed tokens `admin-token`, `editor-token`, …: their role holds everywhere. */
export const staff: ReadonlyMap<number, UserRole> = new Map([
  [101, 'admin'],
  [102, 'editor'],
  [103, 'moderator'],
  [104, 'member'],
]);
