import type { Child } from './children/child.ts';
import type { FloorKind } from './children/floor.ts';
import type { Driven } from './children/latencies.ts';
import type { Load } from './children/load.ts';
import { floorShots, type Floors } from './floors.ts';
import type { Ready } from './prepared.ts';
import type { ServerTime } from './server-process.ts';
import type { Stage } from './stage.ts';

export type Target = 'api' | FloorKind;
/** One target, driven once. What a floor uses is not looked at. */
export interface Measured {
  readonly target: Target;
  readonly driven: Driven;
  /** Microseconds a request; null where unknown. */
  readonly apiMicros: number | null;
  readonly databaseMicros: number | null;
  readonly peakBytes: number | null;
  readonly longestHold: number | null;
}
export interface Instruments {
  readonly load: Child<Load>;
  readonly stage: Stage;
  readonly floors: Floors;
  readonly serverTime: ServerTime;
}
export interface Burst {
  readonly connections: number;
  readonly seconds: number;
  /** Requests, where each can be sent only once. */
  readonly once: number;
}

export const measureApi = async (
  { load, stage, serverTime }: Omit<Instruments, 'floors'>,
  { plan, next, it }: Ready,
  { connections, seconds, once }: Burst,
): Promise<Measured> => {
  const shots = next(once);
  await stage.api.ask('begin', { loop: connections === 1 });
  const before = await stage.api.ask('counters');
  const served = serverTime();
  const driven = await load.ask('drive', { url: stage.url, shots, dealing: plan.dealing, connections, seconds });
  const after = await stage.api.ask('counters');
  const servedBy = serverTime();
  refuse(it.name, driven);
  return {
    target: 'api',
    driven,
    apiMicros: each(after.processorMicros - before.processorMicros, driven),
    databaseMicros: served === null || servedBy === null ? null : each(servedBy - served, driven),
    peakBytes: after.peakBytes,
    longestHold: after.longestHold,
  };
};

export const measureFloor = async (
  { load, floors }: Instruments,
  { plan, it }: Ready,
  kind: FloorKind,
  { connections, seconds }: Burst,
): Promise<Measured> => {
  const shots = floorShots(it.name, plan.shots);
  const driven = await load.ask('drive', { url: floors.url(kind), shots, dealing: 'all', connections, seconds });
  refuse(`${it.name} (${kind})`, driven);
  return { target: kind, driven, apiMicros: null, databaseMicros: null, peakBytes: null, longestHold: null };
};

/** Statements a request, at a process of its own, as counting costs time. */
export const countStatements = async (
  { load, stage }: Pick<Instruments, 'load' | 'stage'>,
  one: Ready,
  requests: number,
): Promise<number> => {
  // The first may read what the next find in a cache.
  if (one.plan.dealing !== 'once') await driveExactly(load, stage.countingUrl, one, requests);
  const before = await stage.counting.ask('counters');
  const driven = await driveExactly(load, stage.countingUrl, one, requests);
  const after = await stage.counting.ask('counters');
  return (after.statements - before.statements) / driven.requests;
};

/** So many requests, one after the other. */
export const driveExactly = async (load: Child<Load>, url: string, one: Ready, requests: number): Promise<Driven> => {
  const some = one.next(requests);
  const shots = Array.from({ length: requests }, (_none, index) => some[index % some.length]).filter(
    (shot) => shot !== undefined,
  );
  const driven = await load.ask('drive', { url, shots, dealing: 'once', connections: 1, seconds: 0 });
  refuse(one.it.name, driven);
  return driven;
};

/** A number made of refusals would be a lie. */
export const refuse = (name: string, { failures, requests }: Driven): void => {
  if (Object.keys(failures).length > 0) throw new Error(`${name}: answered with ${JSON.stringify(failures)}`);
  if (requests === 0) throw new Error(`${name}: no answer in time`);
};

const each = (micros: number, { requests }: Driven): number => micros / Math.max(1, requests);
