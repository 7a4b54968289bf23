import { isIP } from 'node:net';
import type { Request } from 'express';
import { ipKeyGenerator } from 'express-rate-limit';

const maxKept = 10_000;

/**
 * Whom an address stands for: itself, or the /56 of an IPv6 address, as one line is given that many. `request.ip` follows
 * TRUST_PROXY. Reading an IPv6 address takes time, so that the last ones are remembered.
 */
export const addressReader = (): ((request: Pick<Request, 'ip'>) => string) => {
  const kept = new Map<string, string>();
  return ({ ip = '' }) => {
    const known = kept.get(ip);
    if (known !== undefined) return known;
    // What a proxy passed on may be anything; only addresses are told apart.
    if (isIP(ip) === 0) return 'no address';
    if (kept.size >= maxKept) kept.clear();
    const address = ipKeyGenerator(ip, 56);
    kept.set(ip, address);
    return address;
  };
};
