import type { Problem } from './types.gen.ts';

/** An answer that is none of this API's problems: of a proxy on the way, or of the management API, which has a form of its own. */
export interface ForeignProblem {
  readonly type: 'about:blank';
  readonly status: number;
  readonly title: string;
  readonly detail: string;
  /** As it came: JSON as its value, anything else as text. */
  readonly body: unknown;
}

/**
 * A call that was answered, and failed. `problem.type` says how, and which facts stand beside it:
 * `if (error.problem.type === '/problems/forbidden') error.problem.rule`. What never was answered is a `CivitasUnreachable`.
 */
export class CivitasProblem extends Error {
  override readonly name = 'CivitasProblem';
  readonly problem: Problem | ForeignProblem;
  /** Seconds to wait before asking again; null: none are said. */
  readonly retryAfterSeconds: number | null;

  constructor(problem: Problem | ForeignProblem, retryAfterSeconds: number | null) {
    super(`${problem.status} ${problem.title}: ${problem.detail}`);
    this.problem = problem;
    this.retryAfterSeconds = retryAfterSeconds;
  }

  get type(): (Problem | ForeignProblem)['type'] {
    return this.problem.type;
  }

  get status(): number {
    return this.problem.status;
  }
}

/**
 * A call that was not answered: nobody was reached, the browser keeps the answer from the page (CORS), or it took longer than the time
 * limit; what it was to change may have been changed. `cause`: what fetch threw.
 */
export class CivitasUnreachable extends Error {
  override readonly name = 'CivitasUnreachable';
}
