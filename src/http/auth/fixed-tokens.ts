import { hash, timingSafeEqual } from 'node:crypto';

export interface FixedToken {
  readonly token: string;
  readonly userId: number;
  /** The name of the OAuth settings in a site's config. */
  readonly client: string;
}

/**
 * Finds a fixed token of the configuration. All are compared, as hashes and in constant time, so that the time an answer takes
 * tells neither how much of a guess was right nor which token it came near to.
 */
export const fixedTokenFinder = (tokens: readonly FixedToken[]): ((given: string) => FixedToken | null) => {
  const hashed = tokens.map((token) => ({ token, hash: digest(token.token) }));
  return (given) => {
    const hash = digest(given);
    return hashed.reduce<FixedToken | null>(
      (found, one) => (timingSafeEqual(one.hash, hash) ? one.token : found),
      null,
    );
  };
};

const digest = (text: string): Buffer => hash('sha256', text, 'buffer');
