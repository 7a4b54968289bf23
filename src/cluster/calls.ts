import type { Config } from '../config/index.ts';
import type { Measured } from '../platform/peer-workers.ts';

/** What a worker is told when it begins. */
export interface Place {
  /** From 1; its replacement has the same. */
  readonly number: number;
  readonly config: Config;
}

/** What workers ask their primary. */
export interface AsksOfWorkers {
  readonly place: (nothing: null) => Place;
  /** It listens here. */
  readonly listens: (url: string) => void;
  /** Resolves when all other workers have dealt with this text, or after a moment. */
  readonly publish: (text: string) => Promise<void>;
  readonly count: (count: { readonly name: string; readonly by: number; readonly lifeMs: number }) => number;
  readonly measured: (nothing: null) => Promise<readonly Measured[]>;
}

/** What the primary asks a worker that has its place. */
export interface AsksOfPrimary {
  /** To finish what runs and end; answered at once. */
  readonly stop: (nothing: null) => void;
  readonly deliver: (text: string) => void;
  readonly measured: (nothing: null) => Promise<Measured>;
}
