import type { Actor } from '../../src/domain/actor.ts';
import type { Site } from '../../src/domain/sites/site.ts';
import type { User } from '../../src/domain/users/user.ts';
import { userText } from '../../src/http/presenters/user-records.ts';

/** What an actor is answered of a user. */
export const visibleTo = (actor: Actor, user: User, site: Site | null): Readonly<Record<string, unknown>> =>
  JSON.parse(userText(actor, user, site)) as Readonly<Record<string, unknown>>;
