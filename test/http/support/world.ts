import type { JsonObject } from '../../../src/domain/json.ts';
import type { UserRole } from '../../../src/domain/actor.ts';
import type { Site } from '../../../src/domain/sites/site.ts';
import type { User } from '../../../src/domain/users/user.ts';
import { aSite as anySite, aUser as anyUser } from '../../support/builders.ts';

export const aSite = (id: number, config: JsonObject = {}): Site =>
  anySite({ id, domain: `site${id}.example.org`, config });

/** Niels, user 7 at site 1. */
export const niels = (said: Partial<User> = {}): User =>
  anyUser({ id: 7, role: 'member', email: 'niels@example.org', firstName: 'Niels', lastName: 'Vegter', ...said });

/** The users of the fixed tokens `admin-token`, `editor-token`, …: their role holds everywhere. */
export const staff: ReadonlyMap<number, UserRole> = new Map([
  [101, 'admin'],
  [102, 'editor'],
  [103, 'moderator'],
  [104, 'member'],
]);
