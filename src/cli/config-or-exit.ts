import { ConfigFaults, environment, loadConfig, type Config } from '../config/index.ts';

/** The configuration; or every fault of it on stderr, and exit code 1. */
export const configOrExit = (): Config => {
  try {
    return loadConfig({ env: environment() });
  } catch (error) {
    if (!(error instanceof ConfigFaults)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(1);
  }
};
