import type { Actor } from '../../domain/actor.ts';
import type { Site } from '../../domain/site.ts';
import { visibleTo } from '../../domain/user-visibility.ts';
import type { User } from '../../domain/user.ts';
import type { Answer } from '../answer.ts';

/** Oneself, by the same table as in any other answer; nobody, as OpenStad's clients know it. Source: oauth-server.md §4. */
export const meAnswer = ({ actor, site }: { actor: Actor; site: Site }, user: User | null): Answer => ({
  status: 200,
  body: user === null ? { externalUserId: null, extraData: {} } : visibleTo(actor, user, site),
});
