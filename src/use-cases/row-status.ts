import { isPlatformAdmin, type Actor } from '../domain/actor.ts';
import type { Site } from '../domain/sites/site.ts';
import { isLive, type EntryRow } from '../domain/users/user.ts';
import { isWithheldFrom } from '../domain/people/vouching.ts';
import type { Ports } from '../ports/index.ts';

/** Where the rows of one person stand, as of now. */
export interface RowStatus {
  /** null: the site is gone. */
  readonly site: (siteId: number | null) => Site | null;
  /** Soft-deleted rows, and rows whose site is gone, belong to their person but do not keep them. */
  readonly retainsPerson: (row: EntryRow) => boolean;
}

/** Reads the rows' sites past the cache: what follows from this cannot be taken back. One statement. Source: anonymization.md §2. */
export const rowStatusOf = async ({ sites }: Pick<Ports, 'sites'>, rows: readonly EntryRow[]): Promise<RowStatus> => {
  const ids = [...new Set(rows.flatMap(({ siteId }) => (siteId === null ? [] : [siteId])))];
  const byId = new Map((await sites.readNow(ids)).map((site) => [site.id, site]));
  const site = (siteId: number | null): Site | null => (siteId === null ? null : (byId.get(siteId) ?? null));
  return { site, retainsPerson: (row) => isLive(row) && site(row.siteId) !== null };
};

/**
 * The rows that keep their person once others are gone: with none of them nobody is left, rows that nobody sees go along, and the person
 * is removed at the OAuth server. By what keeps a person the caller says whose question it is: `rowStatusOf` as things stand,
 * `rowStatusForActor` as an actor may learn. Source: anonymization.md §2, docs/adr/0004.
 */
export const remainingRows = <R extends EntryRow>(
  rows: readonly R[],
  gone: readonly Pick<R, 'id'>[],
  { retainsPerson }: { readonly retainsPerson: (row: R) => boolean },
): readonly R[] => rows.filter((row) => retainsPerson(row) && !gone.some(({ id }) => id === row.id));

export const isNobodyLeft = (
  rows: readonly EntryRow[],
  gone: readonly Pick<EntryRow, 'id'>[],
  rowStatus: Pick<RowStatus, 'retainsPerson'>,
): boolean => remainingRows(rows, gone, rowStatus).length === 0;

/**
 * Row statuses as they count for an actor who selected these rows. Of somebody who was only added, every row counts as keeping the
 * person, so that no row elsewhere goes along and tells that they were there before. For platform admins nothing is different.
 * See docs/reference/neighbours.md.
 */
export const rowStatusForActor = (actor: Actor, selected: readonly EntryRow[], rowStatus: RowStatus): RowStatus =>
  isPlatformAdmin(actor) || !selected.every((row) => isWithheldFrom(actor, row))
    ? rowStatus
    : { ...rowStatus, retainsPerson: () => true };
