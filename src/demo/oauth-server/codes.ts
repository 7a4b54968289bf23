import { randomUUID } from 'node:crypto';

/** Authorization codes: for one client, once, within five minutes. In memory: nobody waits for a restart with a code in hand. */
export interface Codes {
  issue(userId: number, clientId: string): string;
  /** Whose code this was; undefined when it is none, or another client's, or used. */
  redeem(code: string, clientId: string): number | undefined;
}

const lifeMs = 5 * 60 * 1000;

export const authorizationCodes = (): Codes => {
  const codes = new Map<string, { readonly userId: number; readonly clientId: string; readonly until: number }>();
  return {
    issue: (userId, clientId) => {
      const code = randomUUID().replaceAll('-', '');
      codes.set(code, { userId, clientId, until: Date.now() + lifeMs });
      return code;
    },
    redeem: (code, clientId) => {
      const known = codes.get(code);
      // Whoever tries it uses it up.
      codes.delete(code);
      return known?.clientId !== clientId || known.until < Date.now() ? undefined : known.userId;
    },
  };
};
