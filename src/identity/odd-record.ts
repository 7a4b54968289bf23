import { HttpFailure } from '../platform/http-exchange.ts';
import { CredentialsRefused, OddAnswer } from './odd-answer.ts';

/** What a server says of one person cannot be used, and the server is well: nobody else's trouble. Source: oauth-server.md §1. */
export class OddRecord extends OddAnswer {
  constructor(reason: string, status: number) {
    super(reason, { status, unwell: false });
    this.name = 'OddRecord';
  }
}

/**
 * Asks about one person. Where the answer is larger than is read, no JSON, a failure or not what belongs there, the server is
 * asked whether it is well (`mustBeWell` throws otherwise): then the trouble lies in this person's record. It opens no breaker, and
 * nobody's role goes on for it.
 */
export const aboutPerson = <T>(mustBeWell: () => Promise<unknown>, ask: () => Promise<T>): Promise<T> =>
  withoutBlame(mustBeWell, ask, (reason, status) => new OddRecord(reason, status));

/** The same where an answer may hold several people: whose trouble it is nobody knows, but it is not the server's. */
export const aboutPeople = <T>(mustBeWell: () => Promise<unknown>, ask: () => Promise<T>): Promise<T> =>
  withoutBlame(mustBeWell, ask, (reason, status) => new OddAnswer(reason, { status, unwell: false }));

const withoutBlame = async <T>(
  mustBeWell: () => Promise<unknown>,
  ask: () => Promise<T>,
  oddAnswer: (reason: string, status: number) => OddAnswer,
): Promise<T> => {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof HttpFailure && error.kind === 'too-large') throw oddAnswer('more than is read', 200);
    if (!(error instanceof OddAnswer) || error instanceof CredentialsRefused) throw error;
    const isGood = error.status >= 200 && error.status < 300;
    if (!error.unwell && !isGood) throw error;
    if (error.unwell) await mustBeWell();
    throw oddAnswer(error.message, error.status);
  }
};
