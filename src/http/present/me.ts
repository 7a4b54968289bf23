import type { Actor } from '../../domain/actor.ts';
import type { Site } from '../../domain/site.ts';
import type { User } from '../../domain/user.ts';
import type { Answer } from '../answer.ts';
import { userText } from './user-text.ts';

/** Oneself, by the same table as in any other answer; nobody, as OpenStad's clients know it. Source: oauth-server.md §4. */
export const meAnswer = ({ actor, site }: { actor: Actor; site: Site }, user: User | null): Answer => ({
  status: 200,
  json: user === null ? JSON.stringify({ externalUserId: null, extraData: {} }) : userText(actor, user, site),
});
