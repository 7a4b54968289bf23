/** Why no reply came. */
export type HttpErrorKind = 'unreachable' | 'too-slow' | 'too-large' | 'circuit-open';

/**
 * A call that brought no reply. It carries a code of the transport and nothing else: errors of the transport may hold raw bytes
 * of the other side, and those must not wander into logs and answers.
 */
export class HttpFailure extends Error {
  readonly kind: HttpErrorKind;
  /** Whether (a part of) the request body may have reached the other side; not told for requests without one. */
  readonly sent: boolean;
  /** For `circuit-open`: when the next try may be let through, in whole seconds; 0 otherwise. */
  readonly retryAfterSeconds: number;
  constructor(kind: HttpErrorKind, facts: { sent: boolean; code?: string; retryAfterSeconds?: number }) {
    super(facts.code === undefined ? kind : `${kind} (${facts.code})`);
    this.name = 'HttpFailure';
    this.kind = kind;
    this.sent = facts.sent;
    this.retryAfterSeconds = facts.retryAfterSeconds ?? 0;
  }
}
