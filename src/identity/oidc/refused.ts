import { Fault, type Faults } from '../../domain/fault.ts';

const sentences = {
  code: 'The OAuth server does not vouch for this login: it was ended there, has been used, or took too long. Log in again.',
  state: 'What came back from the OAuth server does not belong to this login. Log in again.',
  claims: 'What the OAuth server says of this login does not hold.',
} as const satisfies Record<Faults['login-refused']['reason'], string>;

/** `why` is for the log: our own words, never the server's. */
export const refused = (reason: keyof typeof sentences, why: string): Fault<'login-refused'> =>
  new Fault('login-refused', { reason }, sentences[reason], { cause: new Error(why) });
