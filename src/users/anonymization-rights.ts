import { highestRole, owns, roleAt } from '../domain/actor.ts';
import { Fault } from '../domain/fault.ts';
import { atLeast } from '../domain/role.ts';
import type { Site } from '../domain/site.ts';
import { mustBeAbleToActOn, refuse } from '../domain/user-rules.ts';
import { isLive, type User } from '../domain/user.ts';
import type { AnonymizeCommand } from './commands.ts';

/**
 * Whether every chosen row may be anonymized, asked before the first is touched: the owner, or a moderator at the site of each
 * row and not below anybody's role there; with `…all` not below the person's highest role anywhere.
 * A row whose site is gone needs the right at the site of the request. Source: anonymization.md §1, docs/adr/0004.
 */
export const mustBeAbleToAnonymize = (
  { actor, site, reach }: AnonymizeCommand,
  target: User,
  chosen: readonly User[],
  allRows: readonly User[],
  siteOf: (siteId: number | null) => Site | null,
  fixedTokenUserIds: readonly number[],
): void => {
  mustBeAbleToActOn(actor, target);
  if (!owns(actor, target)) {
    const highest = reach === 'all-sites' ? highestRole(allRows.filter(isLive)) : 'all';
    for (const row of chosen) {
      const role = roleAt(actor, siteOf(row.siteId) === null ? site.id : row.siteId);
      if (!atLeast(role, 'moderator')) refuse(actor, 'not-moderator-everywhere');
      if (!atLeast(role, row.role)) refuse(actor, 'higher-role');
      if (!atLeast(role, highest)) refuse(actor, 'higher-role-elsewhere');
    }
  }
  if (chosen.some((row) => fixedTokenUserIds.includes(row.id))) throw namedByFixedToken();
};

export const namedByFixedToken = (): Fault =>
  new Fault(
    'conflict',
    { rule: 'named-by-fixed-token', setting: 'AUTH_FIXED_TOKENS' },
    'A fixed token acts as this user: take it out of AUTH_FIXED_TOKENS first.',
  );
