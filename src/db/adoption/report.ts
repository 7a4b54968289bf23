import type { Undeclared } from '../../side-tables/unknown.ts';

/** How many, and the first of them by id. */
export interface Found {
  readonly count: number;
  readonly ids: readonly number[];
}

/** What adopting did and found; ids and names of columns, never a person's value. */
export interface AdoptionReport {
  /** Names of the steps that were carried out now. */
  readonly steps: readonly string[];
  readonly tablesAdded: readonly string[];
  /** Into tables that were there; `table.column`. */
  readonly columnsAdded: readonly string[];
  readonly people: {
    /** Rows that got their person now, and how many persons there are. */
    readonly linkedNow: number;
    readonly persons: number;
    /** A person with several rows at one site; the row in slot 0 is the one that login and POST use. */
    readonly severalRows: readonly {
      readonly siteId: number;
      readonly personId: number;
      readonly rows: readonly { readonly userId: number; readonly slot: number; readonly deleted: boolean }[];
    }[];
  };
  /** Totals of lists (per site and listableByRole) that were wrong, as rows were written past us. */
  readonly countsPutRight: number;
  /** Rows that stay a person of their own. */
  readonly alone: {
    readonly withoutSite: Found;
    readonly withoutIssuer: Found;
    readonly withoutExternalId: Found;
    /** Their person is just being removed at the OAuth server, or the row came while this ran: run it again. */
    readonly leftOver: Found;
  };
  /** Values that our rules do not know; they stay as they are. By what is wrong. */
  readonly misfits: Readonly<Record<string, Found>>;
  readonly undeclared: Undeclared;
}
