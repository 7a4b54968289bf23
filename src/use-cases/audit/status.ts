import { isBeyond, isPlatformAdmin, type Actor } from '../../domain/actor.ts';
import { Fault } from '../../domain/fault.ts';
import { mustBeModerator } from '../../domain/refusals.ts';
import { seesUsersOf } from '../../domain/users/user-rules.ts';
import type { Ports } from '../../ports/index.ts';
import type { OneUser } from '../commands.ts';
import type { AnonymizationStatus, Operation, ReadOperationCommand } from './commands.ts';
import { isGenuine, receiptAddress } from './entries.ts';
import { findOperation, toldTo, type Audience, type OauthProgress, type ReadOperation } from './read-operation.ts';
import { claimsOf } from './receipt.ts';

type Needs = Pick<Ports, 'audit' | 'secrets' | 'log'>;

/**
 * How a user of this site was anonymized, and how far the person's removal is: for moderators and above. Read from the audit, as
 * the row itself tells nothing any more. Faults: `forbidden`, `user-not-found` for somebody who never was, `conflict`
 * (audit-not-whole). Source: anonymization.md §5.
 */
export const anonymizationStatus =
  (ports: Needs) =>
  async ({ actor, site, userId }: OneUser): Promise<AnonymizationStatus> => {
    mustBeModerator(actor, site.id);
    const rows = seesUsersOf(actor, site) ? await ports.audit.ofUser(site.id, userId) : [];
    const part = rows.findLast((row) => row.disposition === 'anonymized' && isGenuine(ports.secrets, row));
    const found = part === undefined ? null : await findOperation(ports, part.operation);
    if (part === undefined || found === null)
      throw new Fault('user-not-found', {}, 'No such user was anonymized at this site.');
    const { rows: toldRows, outcomes, progress } = toldTo(audienceOf(actor, found), found);
    const { touched } = found;
    const receipt = receiptAddress(ports, part.operation);
    return {
      part,
      oauth: progress,
      whole: mayKnowAll(actor, found) ? { touched, rows: toldRows, outcomes, receipt } : null,
    };
  };

/** How far a call is, for platform admins and for who made it. Fault `not-found` for everybody else. Source: anonymization.md §5. */
export const readOperation =
  (ports: Needs) =>
  async ({ actor, operation }: ReadOperationCommand): Promise<Operation> => {
    const found = await findOperation(ports, operation);
    if (found === null || !mayKnowAll(actor, found)) throw new Fault('not-found', {}, 'There is no such operation.');
    const audience = audienceOf(actor, found);
    return {
      claims: claimsOf(found, audience),
      oauth: toldTo(audience, found).progress,
      receipt: receiptAddress(ports, operation),
    };
  };

/** What an actor is told of a call that was read: whether all of it, by its name, and how far the removal is (null: nothing of that). */
export const toldOf = (
  actor: Actor,
  found: ReadOperation,
): { readonly isAll: boolean; readonly progress: OauthProgress | null } => ({
  isAll: mayKnowAll(actor, found),
  progress: toldTo(audienceOf(actor, found), found).progress,
});

const audienceOf = (actor: Actor, { touched }: ReadOperation): Audience => {
  if (isPlatformAdmin(actor)) return 'platform-admins';
  return isBy(actor, touched) ? 'who-asked' : 'others';
};

/** Who made a call is told what its answer showed. A delete answers nothing of what went along at other sites. */
const mayKnowAll = (actor: Actor, found: ReadOperation): boolean => {
  const audience = audienceOf(actor, found);
  return audience === 'platform-admins' || (audience === 'who-asked' && found.touched[0].call.startsWith('do-'));
};

/**
 * What a fixed token did, and a session at the console, is not for the pages that have a session of that user: it may have reached where
 * they do not. At the console one is whoever one is at each site, and by a login that reaches some of them hears of nothing that was done
 * at others, too.
 */
const isBy = (actor: Actor, touched: ReadOperation['touched']): boolean => {
  const { userId, rowIds, reach } = actor;
  const [{ actorId, actorKind }] = touched;
  if (userId === null || actorId === null || actorKind === 'client') return false;
  if (actorKind === 'fixed-token') return userId === actorId && reach.kind === 'everywhere';
  if (reach.kind === 'rows') return rowIds.includes(actorId) && touched.every(({ siteId }) => !isBeyond(actor, siteId));
  return userId === actorId && actorKind !== 'console';
};
