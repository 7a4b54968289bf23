import type { FaultCode } from '../../domain/fault.ts';

/** What a call that asks the OAuth server can fail with. */
export const oauthTrouble = [
  'oauth-not-configured',
  'oauth-unreachable',
  'oauth-refused',
  'oauth-timeout',
  'oauth-circuit-open',
  'oauth-unsupported',
  'busy',
] as const satisfies readonly FaultCode[];
