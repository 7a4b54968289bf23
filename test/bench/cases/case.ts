import type { Role, Player } from '../city/cast.ts';
import type { Shape } from '../city/shape.ts';
import type { Statement } from '../children/floor.ts';
import type { Dealing, Shot } from '../children/drive.ts';
import type { StaffToken } from '../stage.ts';

/** What a case finds when it is prepared. */
export interface Setting {
  readonly shape: Shape;
  /** Those that the case asked for, in its order. */
  readonly players: readonly Player[];
  readonly as: (role: StaffToken) => Readonly<Record<string, string>>;
  readonly session: (userId: number) => Promise<Readonly<Record<string, string>>>;
  /** A call to the API before anything is measured. */
  readonly ask: (shot: Shot) => Promise<Reply>;
}
export interface Reply {
  readonly status: number;
  readonly text: string;
}

/** How often a case is measured: so that cases whose requests can be sent only once know how many to have ready. */
export interface Effort {
  readonly rounds: number;
  readonly connections: readonly number[];
  /** Requests a round and connection, where each can be sent only once. */
  readonly once: number;
}

export interface Plan {
  readonly shots: readonly Shot[];
  readonly dealing: Dealing;
  /** The rows that the answer is made of, per shot; null: what it does is no reading of rows, so there are no floors. */
  readonly floor: ((shot: number) => readonly Statement[]) | null;
}
/** Why there is nothing to measure: the route does not answer yet. */
export type NotThere = 'not there yet';

/** One line of the table. */
export interface Case {
  readonly name: string;
  readonly title: string;
  /** Asks for so much that it is asked for once a round, on one connection. */
  readonly isLarge?: true;
  /** A caller has one turn at a time: over more connections it would be their waiting that is measured, and refused after a while. */
  readonly takesTurns?: true;
  /** People of its own. */
  readonly cast?: (shape: Shape, effort: Effort) => readonly Role[];
  readonly plan: (setting: Setting) => Promise<Plan | NotThere>;
}

/** What a case is given of the effort of a run. */
export const effortFor = <T extends Effort>(
  { isLarge, takesTurns }: Pick<Case, 'isLarge' | 'takesTurns'>,
  effort: T,
): T => {
  if (isLarge === true) return { ...effort, connections: [1], once: 1 };
  return takesTurns === true ? { ...effort, connections: [1] } : effort;
};

export const userPath = (siteId: number, userId: number | string): string => `/api/site/${siteId}/user/${userId}`;
export const get = (path: string, headers: Readonly<Record<string, string>> = {}): Shot => ({
  method: 'GET',
  path,
  headers,
});
