import { isPlatformAdmin, roleAt } from '../domain/actor.ts';
import { Fault } from '../domain/fault.ts';
import { atLeast } from '../domain/role.ts';
import { mustBeModerator } from '../domain/user-rules.ts';
import type { Ports } from '../ports/index.ts';
import { progressOf } from './audit-progress.ts';
import type { AnonymizationStatus, OneUser } from './commands.ts';

/**
 * How a user of this site was anonymized, and how far the person's removal is: for moderators and above. Read from the audit, as
 * the row itself tells nothing any more. Faults: `forbidden`, `user-not-found` for somebody who never was. Source: anonymization.md §5.
 */
export const anonymizationStatus =
  ({ audit }: Pick<Ports, 'audit'>) =>
  async ({ actor, site, userId }: OneUser): Promise<AnonymizationStatus> => {
    mustBeModerator(actor, site.id);
    const { viewableByRole } = site.config.users;
    const mayView = viewableByRole === null || atLeast(roleAt(actor, site.id), viewableByRole);
    const rows = mayView ? await audit.ofUser(site.id, userId) : [];
    const part = rows.findLast(({ fate }) => fate === 'anonymized');
    if (part === undefined) throw new Fault('user-not-found', {}, 'No such user was anonymized at this site.');
    const whole = await audit.ofDeed(part.deed);
    return { part, oauth: progressOf(whole), whole: isPlatformAdmin(actor) ? whole : null };
  };
