import type { Person } from '../domain/person.ts';

/** How far the walk over all people is. */
export interface Sweep {
  /** The person looked at last; 0 before the first. */
  readonly position: number;
  /** How many were looked at in this round. */
  readonly checked: number;
  readonly beganAt: Date;
  /** Of the last whole round; null before that. */
  readonly endedAt: Date | null;
}

/** Where the slow walk over all people stands; one instance has it at a time. */
export interface SweepStore {
  /** Takes the walk, or goes on having it, for so long; null while another instance has it. */
  hold(holder: string, ms: number): Promise<Sweep | null>;
  /** People behind this place in id order, with a live row, who were not read since this moment. One statement. */
  next(after: number, notSince: Date, limit: number): Promise<readonly Person[]>;
  /** False when another instance has the walk by now: then nothing is written. */
  moved(holder: string, to: Sweep): Promise<boolean>;
  /** null before the first step. */
  progress(): Promise<Sweep | null>;
}
