import { AggregatorRegistry, type Registry } from 'prom-client';

/** What one process measured, as values that can be sent to another. */
export type Measured = readonly object[];

/** Gives out what this process measured whenever the others ask, and answers how to ask for what all of them did. */
export type MeasuredByAll = (own: () => Promise<Measured>) => () => Promise<readonly Measured[]>;

/** Added up, or put together as each metric says it is: versions are not added, delays are averaged. */
export const together = (all: readonly Measured[]): Registry =>
  AggregatorRegistry.aggregate(all.map((one) => [...one]));

/** What of it goes on counting when the process is gone: how much memory it used does not. */
export const lasting = (measured: Measured): Measured =>
  measured.filter((metric) => 'type' in metric && (metric.type === 'counter' || metric.type === 'histogram'));
