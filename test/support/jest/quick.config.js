// `npm test`: what says within two minutes whether a change broke something. The rest: rest.config.js.
import all from '../../../jest.config.js';

export const quick = [
  ...[
    'activity-types',
    'architecture',
    'cluster',
    'config',
    'contract',
    'db',
    'domain',
    'http',
    'identity',
    'platform',
  ],
  ...['journeys/sentences', 'seeds', 'support', 'use-cases'],
];
/** In these folders, and yet slow: they compile the program anew, or wait for servers that hang. */
export const slow = [
  'architecture/recipes',
  'http/(routes|baseline|filter-date)',
  'identity/(faults|oidc-faults|openstad-login|large-records)',
  'journeys/sentences/(probing|fields-write)',
];

export default {
  ...all,
  rootDir: process.cwd(),
  testMatch: quick.map((folder) => `<rootDir>/test/${folder}/**/*.test.ts`),
  testPathIgnorePatterns: slow.map((name) => `<rootDir>/test/${name}\\.`),
};
