import { ConfigFaults, environment, loadConfig, type Config } from '../config/index.ts';

/** The configuration; or every fault of it on stderr, and exit code 1. `existing`: for a command that must not begin a demo. */
export const configOrExit = ({ existing = false } = {}): Config => {
  try {
    return loadConfig({ env: environment(), existing });
  } catch (error) {
    if (!(error instanceof ConfigFaults)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(1);
  }
};
