import type { Declaration } from '../../side-tables/declaration.ts';
import type { Undeclared } from '../../side-tables/unknown.ts';

/** How many, and the first of them by id. */
export interface Found {
  readonly count: number;
  readonly ids: readonly number[];
}

/** A kind of value that no API would write, in one column. */
export interface OddValue extends Found {
  readonly table: string;
  readonly column: string;
  /** What is wrong with it, as the end of a sentence: `is no date`. */
  readonly what: string;
  readonly remedy: string;
}

/** A person with several rows at one site; login and POST use the row in slot 0. */
export interface SeveralRows {
  readonly siteId: number;
  /** null: not linked yet. */
  readonly personId: number | null;
  readonly rows: readonly { readonly userId: number; readonly slot: number; readonly deleted: boolean }[];
}

/** What adopting did and found, or would do; ids and names of columns, never a person's value. */
export interface AdoptionReport {
  /** Nothing was changed: what is said to be done would be. */
  readonly dryRun: boolean;
  /** Names of the steps that were executed now. */
  readonly steps: readonly string[];
  readonly tablesAdded: readonly string[];
  /** Into tables that were there; `table.column`. */
  readonly columnsAdded: readonly string[];
  /** Of a dry run: the statements on tables that are there. */
  readonly alters: readonly string[];
  readonly people: {
    /** Rows that got their person now, and how many persons there are. */
    readonly linkedNow: number;
    readonly persons: number;
    readonly severalRows: readonly SeveralRows[];
  };
  /** Totals of lists (per site and listableByRole) that were wrong, as rows were written by another program. */
  readonly countsPutRight: number;
  /** Rows that stay a person of their own. */
  readonly alone: {
    readonly withoutSite: Found;
    readonly withoutIssuer: Found;
    readonly withoutExternalId: Found;
    /** Their person is just being removed at the OAuth server, or the row came while this ran: run it again. */
    readonly leftOver: Found;
  };
  /** They stay as they are. */
  readonly oddValues: readonly OddValue[];
  readonly undeclared: Undeclared;
  /** The lines that declare what looks personal. */
  readonly declarations: readonly Declaration[];
}

/** How far one of the things is that take long on a big database. */
export interface Progress {
  readonly work: 'linking rows to people' | 'totals of lists' | 'search words' | 'looking for odd values';
  readonly done: number;
  /** null: not known beforehand. */
  readonly of: number | null;
}
export type OnProgress = (progress: Progress) => void;
