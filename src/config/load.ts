import { join, resolve } from 'node:path';
import Joi from 'joi';
import type { Config } from './config.ts';
import { contradictionsOf } from './contradictions.ts';
import { withDemo } from './demo.ts';
import { ConfigFaults, type ConfigFault } from './faults.ts';
import { grouped } from './grouped.ts';
import { settingNames, settingOf, variableOf } from './settings.ts';
import { fromEnvironment, fromFiles, packageRoot, type Environment, type Values } from './sources.ts';

interface LoadOptions {
  readonly env: Environment;
  readonly configDir?: string;
  /** Only a demo that is there: none is begun. */
  readonly existing?: boolean;
}

/**
 * The configuration: files of `configDir`, the environment over them, and what the demo adds; checked and frozen.
 * Throws ConfigFaults with everything that is wrong, at once. Source: running.md.
 */
export const loadConfig = ({ env, configDir, existing = false }: LoadOptions): Config => {
  const said = fromEnvironment(env);
  const files = fromFiles(configDir ?? join(packageRoot(), 'config'), env['NODE_ENV']?.trim() ?? 'development');
  const values = withDemo(new Map([...files, ...said]), env, existing);
  const checked = schema.validate(grouped(settingNames.map((name) => [name, values.get(name)] as const)), {
    abortEarly: false,
  });
  const faults = [...unknownSettings(values), ...wrongSettings(checked.error), ...contradictionsOf(values)];
  if (checked.error !== undefined || faults.length > 0) throw new ConfigFaults(faults);
  return frozen({ ...checked.value, dataDir: resolve(checked.value.dataDir) });
};

const schema = Joi.object<Config>(grouped(settingNames.map((name) => [name, settingOf(name).rule] as const)));

const unknownSettings = (values: Values): readonly ConfigFault[] =>
  [...values.keys()]
    .filter((name) => !settingNames.some((known) => known === name))
    .map((name) => ({ setting: name, variable: null, detail: 'is no setting: a typing error?' }));

const wrongSettings = (error: Joi.ValidationError | undefined): readonly ConfigFault[] =>
  settingNames.flatMap((name) => {
    const wrong = error?.details.find(({ path }) => `${path.join('.')}.`.startsWith(`${name}.`));
    if (wrong === undefined) return [];
    const { must } = settingOf(name);
    const missing = wrong.type === 'any.required' && wrong.path.join('.') === name;
    return [{ setting: name, variable: variableOf(name), detail: missing ? `is missing: it ${must}` : must }];
  });

const frozen = <T extends object>(value: T): T => {
  for (const inner of Object.values(value)) if (typeof inner === 'object' && inner !== null) frozen(inner);
  return Object.freeze(value);
};
