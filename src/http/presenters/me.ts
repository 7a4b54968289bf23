import type { Actor } from '../../domain/actor.ts';
import type { FoundMe } from '../../use-cases/sessions/commands.ts';
import type { Answer } from '../answer.ts';
import { userText } from './user-text.ts';

/** Oneself, by the same table as in any other answer; nobody, as OpenStad's clients know it. Source: oauth-server.md §4. */
export const meAnswer = (actor: Actor, found: FoundMe | null): Answer => ({
  status: 200,
  json:
    found === null ? JSON.stringify({ externalUserId: null, extraData: {} }) : userText(actor, found.user, found.site),
});
