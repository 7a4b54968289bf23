// `npm run test:mysql`: all that ask a database, on MariaDB or MySQL.
import all from '../../../jest.config.js';
import { leftToEmbedded } from './once.js';

const asksNone = [
  ...['architecture', 'demo', 'domain', 'http', 'identity', 'config', 'platform', 'activity-types', 'use-cases'],
  ...['cluster', 'browser/(?!console-walk)', 'attacks/(cost|supply|visitor)', 'journeys/(readme|frontend)'],
];

export default {
  ...all,
  rootDir: process.cwd(),
  testPathIgnorePatterns: [`<rootDir>/test/(${asksNone.join('|')})`, ...leftToEmbedded],
};
