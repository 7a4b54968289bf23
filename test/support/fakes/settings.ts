import type { Settings } from '../../../src/ports/settings.ts';

/** What stories are told of the configuration: the defaults, and no global OAuth server. */
export const fakeSettings = (said: Partial<Settings> = {}): Settings => ({
  anonymize: { firstName: 'Gebruiker', lastName: 'verwijderd', maxListed: 20_000 },
  timeZone: 'Europe/Amsterdam',
  freshSeconds: 60,
  maxStaleSeconds: 86_400,
  globalOauthClient: null,
  allowedOauthHosts: [],
  oauthTimeLimitMs: 3000,
  outboxAlarmSeconds: 3600,
  fixedTokenUserIds: [],
  sessionSeconds: { staff: 43_200, others: 604_800 },
  keepsAccessTokenInClear: false,
  ...said,
});
