import { isFault } from '../../domain/fault.ts';
import type { Ports } from '../../ports/index.ts';
import { shownSummary } from '../anonymization/view.ts';
import type { anonymizeUser as anonymizeUserWith } from '../anonymization/anonymize-user.ts';
import type { AnonymizedPerson, AnonymizePersonCommand } from './commands.ts';
import { findPerson, isGone, markGone, mayStillManage, noSuchPerson } from './find-person.ts';

type Needs = Pick<Ports, 'clients' | 'persons' | 'users' | 'sites' | 'startDigest'>;

/**
 * The use case of do-anonymizeall over the client's sites. Again: done, with zero counts, while the tombstone lives.
 * Faults: `user-not-found`, and those of the use case. Source: management-api.md §2.
 */
export const anonymizePerson =
  (ports: Needs, { anonymizeUser }: { readonly anonymizeUser: ReturnType<typeof anonymizeUserWith> }) =>
  (command: AnonymizePersonCommand): Promise<AnonymizedPerson> => {
    const attempt = async (mayRepeat: boolean): Promise<AnonymizedPerson> => {
      const found = await findPerson(ports, command);
      if (found === null) return again(ports, command);
      const { actor, stillMatches, reason } = command;
      try {
        const done = await anonymizeUser({
          actor,
          site: found.site,
          userId: found.rows[0].id,
          extent: 'all-sites',
          only: { userIds: [], siteIds: actor.client.siteIds },
          view: 'summary',
          ...(stillMatches === undefined ? {} : { stillMatches }),
          ...(reason === undefined ? {} : { reason }),
          alongside: () => markGone(ports, command),
        });
        if (done.kind === 'replayed') throw new Error('a call without a key cannot be a repeat');
        const { summary } = done.view;
        return { digest: summary.digest, summary: shownSummary(summary), oauth: done.oauth, receipt: done.receipt };
      } catch (error) {
        // Somebody else was there first: what they left is looked at anew, once.
        if (mayRepeat && isFault(error, 'user-not-found')) return attempt(false);
        throw error;
      }
    };
    return attempt(true);
  };

const nothingThere = { oauth: { removal: 'none', values: 'none' }, receipt: null } as const;

const again = async (ports: Needs, command: AnonymizePersonCommand): Promise<AnonymizedPerson> => {
  await mayStillManage(ports, command.actor);
  if (!(await isGone(ports, command))) throw noSuchPerson();
  const digest = ports.startDigest().result();
  return { digest, summary: shownSummary({ digest, users: 0, sites: [], oauth: 'kept' }), ...nothingThere };
};
