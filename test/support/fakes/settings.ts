import type { Settings } from '../../../src/ports/platform.ts';

/** What use cases are told of the configuration: the defaults, and no global OAuth server. */
export const fakeSettings = (said: Partial<Settings> = {}): Settings => ({
  anonymize: { firstName: 'Gebruiker', lastName: 'verwijderd', maxListed: 20_000 },
  timeZone: 'Europe/Amsterdam',
  freshSeconds: 60,
  maxStaleSeconds: 86_400,
  globalOauthClient: null,
  allowedOauthHosts: [],
  oauthTimeLimitMs: 20_000,
  outboxAlarmSeconds: 3600,
  platformSiteId: null,
  fixedTokenUserIds: [],
  sessionSeconds: { staff: 43_200, others: 604_800 },
  isBesideOpenstad: false,
  management: {
    rotationOverlapSeconds: 86_400,
    levels: [
      { id: 1, name: 'New to the debate', iconUrl: null, from: 0 },
      { id: 2, name: 'Joined in', iconUrl: 'https://icons.example/2.png', from: 10 },
    ],
  },
  ...said,
});
