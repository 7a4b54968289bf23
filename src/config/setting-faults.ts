/** One thing that is wrong with the configuration. Never holds the value: it may be a secret. */
export interface ConfigFault {
  /** As in config/*.json: `database.url`. */
  readonly setting: string;
  /** The environment name, or null where there is none. */
  readonly variable: string | null;
  /** What it must be: `must be …`. */
  readonly detail: string;
}

/** All that is wrong with the configuration, told at once. */
export class ConfigFaults extends Error {
  readonly faults: readonly ConfigFault[];
  constructor(faults: readonly ConfigFault[], options?: ErrorOptions) {
    super(
      `The configuration has ${faults.length} fault(s):\n${faults.map((fault) => `  - ${told(fault)}`).join('\n')}`,
      options,
    );
    this.name = 'ConfigFaults';
    this.faults = faults;
  }
}

const told = ({ setting, variable, detail }: ConfigFault): string =>
  `${variable === null ? setting : `${variable} (${setting})`} ${detail}`;
