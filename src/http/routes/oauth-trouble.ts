import type { FaultCode } from '../../domain/fault.ts';

/** What a call that asks the OAuth server can fail with. */
export const oauthTrouble = [
  'oauth-not-configured',
  'oauth-unreachable',
  'oauth-refused',
  'oauth-too-slow',
  'oauth-circuit-open',
  'oauth-cannot',
] as const satisfies readonly FaultCode[];
