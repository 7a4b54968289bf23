import { HttpFailure } from '../platform/http-exchange.ts';

/** An answer that is none of the recorded ones. Says the status and our own reason, never the server's words: those hold people. */
export class OddAnswer extends Error {
  readonly status: number;
  /** Whether it tells that the server is unwell, rather than that it refuses what we asked. */
  readonly unwell: boolean;
  constructor(reason: string, { status, unwell }: { status: number; unwell: boolean }) {
    super(`${reason} (status ${status})`);
    this.name = 'OddAnswer';
    this.status = status;
    this.unwell = unwell;
  }
}

/** The server does not take our id and secret. It is well, and it did nothing. */
export class CredentialsRefused extends OddAnswer {
  constructor() {
    super('the server does not take our client id and secret', { status: 401, unwell: false });
    this.name = 'CredentialsRefused';
  }
}

/**
 * What the circuit breaker counts: no answer, too much of one, a 5xx that was not recorded, or something that is no JSON. Where it
 * was an answer about one person, whoever asked knows better (odd-record.ts); what never was sent is our own trouble.
 */
export const blamesServer = (error: unknown): boolean =>
  (error instanceof HttpFailure && error.kind !== 'crowded') || (error instanceof OddAnswer && error.unwell);
