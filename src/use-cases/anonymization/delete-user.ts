import type { OneUser } from '../commands.ts';
import type { DeliverMessage } from '../outbox/deliver-message.ts';
import type { OauthOutcome } from '../outbox/outcomes.ts';
import { removeRows, type Needs } from './delete-rows.ts';

/**
 * Removes the row and all that the user contributed at this site, in one transaction; the person at the OAuth server too when it
 * was their last row. Faults: those of `removeRows`. Source: user-api.md §3 "Delete".
 */
export const deleteUser =
  (ports: Needs, deliver: DeliverMessage) =>
  async (command: OneUser): Promise<OauthOutcome | null> =>
    (await removeRows(ports, deliver, command, (row) => row.id === command.userId)).oauth;
