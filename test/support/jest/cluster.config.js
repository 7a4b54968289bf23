// `npm run test:cluster`: one file after the other, as each starts nodes of its own; a table of all scenarios at the end.
import all from '../../../jest.config.js';

export default {
  ...all,
  rootDir: process.cwd(),
  testMatch: ['<rootDir>/test/galera/*.galera.ts'],
  testTimeout: 600_000,
  reporters: ['default', '<rootDir>/test/galera/support/table.mjs'],
};
