import { highestRole, owns, roleAt, type Actor, atLeast } from '../../domain/actor.ts';
import { Fault, isFault } from '../../domain/fault.ts';
import type { Site } from '../../domain/sites/site.ts';
import { mustBeAbleToActOn, mustSpareStaff } from '../../domain/users/user-rules.ts';
import { refuse } from '../../domain/refusals.ts';
import { isLive, type EntryRow } from '../../domain/users/user.ts';
import type { RowStatus } from '../row-status.ts';
import type { AnonymizeCommand } from './commands.ts';

/** `selected`: what the command names; `chosen`: that, and what goes along; `all`: every row of the person. */
interface RowsOfPerson {
  readonly selected: readonly EntryRow[];
  readonly chosen: readonly EntryRow[];
  readonly all: readonly EntryRow[];
}

/** Whether every chosen row may be anonymized, asked before the first is touched. Source: anonymization.md §1. */
export const mustBeAbleToAnonymize = (
  { actor, site, wholeSite }: Pick<AnonymizeCommand, 'actor' | 'site' | 'wholeSite'>,
  target: EntryRow,
  rows: RowsOfPerson,
  rowStatus: RowStatus,
  fixedTokenUserIds: readonly number[],
): void => {
  if (wholeSite === true && rows.all.some((row) => isAdminOf(site.id, row))) throw adminOfTheSite();
  mustBeAbleToActOn(actor, target);
  mustBeAbleToTakeAll({ actor, site }, target, rows, rowStatus, fixedTokenUserIds);
};

/**
 * Whether all of these rows may go, anonymized or deleted: the owner, or a moderator at the site of each row and not below
 * anybody's role there; where all of the person goes, not below their highest role anywhere. A row whose site is gone, and one that
 * goes along because nobody is left, needs the right at the site of the request. No row is one that a fixed token acts as.
 * Source: anonymization.md §1, docs/adr/0004.
 */
export const mustBeAbleToTakeAll = (
  { actor, site }: Pick<AnonymizeCommand, 'actor' | 'site'>,
  target: EntryRow,
  { selected, chosen, all }: RowsOfPerson,
  rowStatus: RowStatus,
  fixedTokenUserIds: readonly number[],
): void => {
  if (!owns(actor, target)) {
    const kept = all.filter(rowStatus.retainsPerson);
    // Of a part of somebody's rows nobody hears what the others are.
    const highest = kept.every((row) => chosen.includes(row)) ? highestRole(kept) : 'all';
    for (const row of chosen) {
      const hasItsSite = rowStatus.site(row.siteId) !== null && selected.includes(row);
      const role = roleAt(actor, hasItsSite ? row.siteId : site.id);
      if (!atLeast(role, 'moderator')) refuse(actor, 'not-moderator-everywhere');
      if (!atLeast(role, row.role)) refuse(actor, 'higher-role');
      if (!atLeast(role, highest)) refuse(actor, 'higher-role-elsewhere');
    }
  }
  mustSpareStaff(actor, all.filter(rowStatus.retainsPerson), chosen.filter(rowStatus.retainsPerson));
  if (chosen.some((row) => fixedTokenUserIds.includes(row.id))) throw namedByFixedToken();
};

/** The owner, or a moderator at this site. */
export const hasRightAt = (actor: Actor, target: EntryRow, site: Site): boolean =>
  owns(actor, target) || atLeast(roleAt(actor, site.id), 'moderator');

/**
 * Whether answers and proofs tell this actor of a row that goes: it may be of a site where they have no right, and go along because
 * nobody is left. Of a site that is gone (null) the right at the site of the request counts. See docs/reference/neighbours.md.
 */
export const mayHearOfRow = (actor: Actor, user: EntryRow, site: Site | null): boolean =>
  site === null || hasRightAt(actor, user, site);

/** Why somebody of a whole site is left out, as a rule's name; null for any other error. */
export const refusalOf = (error: unknown): string | null =>
  isFault(error, 'forbidden') || isFault(error, 'conflict') ? error.facts.rule : null;

const isAdminOf = (siteId: number, row: EntryRow): boolean =>
  isLive(row) && row.siteId === siteId && row.role === 'admin';

const adminOfTheSite = (): Fault =>
  new Fault('conflict', { rule: 'admin-of-the-site' }, 'Whoever is admin of a site is not anonymized with it.');

const namedByFixedToken = (): Fault =>
  new Fault(
    'conflict',
    { rule: 'named-by-fixed-token', setting: 'AUTH_FIXED_TOKENS' },
    'A fixed token acts as this user: take it out of AUTH_FIXED_TOKENS first.',
  );
