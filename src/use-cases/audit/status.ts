import { isPlatformAdmin, type Actor } from '../../domain/actor.ts';
import { Fault } from '../../domain/fault.ts';
import { mustBeModerator } from '../../domain/refusals.ts';
import { seesUsersOf } from '../../domain/users/user-rules.ts';
import type { AuditRow } from '../../ports/audit.ts';
import type { Ports } from '../../ports/index.ts';
import type { OneUser } from '../commands.ts';
import type { AnonymizationStatus, Operation, ReadOperationCommand } from './commands.ts';
import { isGenuine, receiptAddress } from './entries.ts';
import {
  progressOf,
  isSilent,
  findOperation,
  rowsToldTo,
  type OauthProgress,
  type ReadOperation,
} from './read-operation.ts';
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
    return {
      part,
      oauth: progressFor(actor, found),
      whole: mayKnowAll(actor, found)
        ? {
            ...asToldTo(actor, found),
            rows: rowsToldTo(found, audienceOf(actor)),
            receipt: receiptAddress(ports, part.operation),
          }
        : null,
    };
  };

/** How far a call is, for platform admins and for who made it. Fault `not-found` for everybody else. Source: anonymization.md §5. */
export const readOperation =
  (ports: Needs) =>
  async ({ actor, operation }: ReadOperationCommand): Promise<Operation> => {
    const found = await findOperation(ports, operation);
    if (found === null || !mayKnowAll(actor, found)) throw new Fault('not-found', {}, 'There is no such operation.');
    return {
      claims: claimsOf(found, audienceOf(actor)),
      oauth: progressFor(actor, found),
      receipt: receiptAddress(ports, operation),
    };
  };

const audienceOf = (actor: Actor): 'platform-admins' | 'who-asked' =>
  isPlatformAdmin(actor) ? 'platform-admins' : 'who-asked';

/** Who made a call is told what its answer showed. A delete answers nothing of what went along at other sites. */
const mayKnowAll = (actor: Actor, { touched: [first] }: ReadOperation): boolean =>
  isPlatformAdmin(actor) || (first.call.startsWith('do-') && isBy(actor, first));

/** What a fixed token did is not for the pages that have a session of its user: it may have reached where they do not. */
const isBy = ({ userId, reach }: Actor, { actorId, actorKind }: AuditRow): boolean =>
  userId !== null &&
  userId === actorId &&
  actorKind !== 'client' &&
  (actorKind !== 'fixed-token' || reach.kind === 'everywhere');

/** Why somebody was kept says where else they are; of a row to which nobody had logged in, all of it says whether they were there before. */
const progressFor = (actor: Actor, found: ReadOperation): OauthProgress | null => {
  if (isPlatformAdmin(actor)) return progressOf(found);
  return isSilentTo(actor, found) ? null : { ...progressOf(found), reason: null };
};

const isSilentTo = (actor: Actor, found: ReadOperation): boolean =>
  isSilent(found, isBy(actor, found.touched[0]) ? 'who-asked' : 'others');

const asToldTo = (actor: Actor, found: ReadOperation): ReadOperation =>
  isPlatformAdmin(actor)
    ? found
    : {
        ...found,
        outcomes: (isSilentTo(actor, found) ? [] : found.outcomes).map((row) => ({
          ...row,
          oauth: row.oauth?.replace(/;reason=.*$/, '') ?? null,
        })),
      };
