/** One case over sites of growing size, in tables that grow along. */
export interface GrowthLine {
  readonly name: string;
  readonly title: string;
  readonly points: readonly GrowthPoint[];
}
export interface GrowthPoint {
  /** Users of the site that is asked about, and rows in the whole table. */
  readonly usersAtSite: number;
  readonly users: number;
  /** Median time of a request on one connection. */
  readonly milliseconds: number;
  /** Over that of the smallest, round by round, then the median. */
  readonly growth: number;
}
