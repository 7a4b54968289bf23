import { availableParallelism } from 'node:os';

// These packages are ESM only; swc turns them into CommonJS like our own files, so no experimental flag is needed.
export default {
  testEnvironment: '<rootDir>/test/support/jest/environment.cjs',
  globalSetup: '<rootDir>/test/support/jest/build.ts',
  runtime: '<rootDir>/test/support/jest/runtime.cjs',
  transform: { '^.+\\.(ts|js|mjs)$': ['@swc/jest'] },
  transformIgnorePatterns: ['/node_modules/(?!(jose|config|openid-client|oauth4webapi)/)'],
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  testTimeout: 300_000,
  // Tests wait for servers and child processes most of their time: two workers a core.
  maxWorkers: 2 * availableParallelism(),
};
