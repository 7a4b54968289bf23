import { OddAnswer } from '../odd-answer.ts';
import type { Conversation } from './conversation.ts';

/** Asked of the list of roles: small, the same for everybody, and behind the same Basic credentials as all of `/api/admin`. */
export const credentialsAccepted = async (talk: Conversation): Promise<boolean> => {
  const { status, json } = await talk.read('/roles');
  if (status === 200 && Array.isArray(json)) return true;
  if (status === 401) return false;
  throw new OddAnswer('the list of roles cannot be read', { status, unwell: status >= 500 });
};
