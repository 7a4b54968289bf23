// `npm run test:rest`: all that `npm test` leaves out.
import all from '../../../jest.config.js';
import { leftToMysql } from './once.js';
import { quick, slow } from './quick.config.js';

export default {
  ...all,
  rootDir: process.cwd(),
  testPathIgnorePatterns: [`<rootDir>/test/(?!(${slow.join('|')})\\.)(${quick.join('|')})/`, ...leftToMysql],
};
