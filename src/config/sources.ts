import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Util } from 'config/lib/util.js';
import { settingNames, settingOf } from './settings.ts';

/** What is said, by setting name; absent is not said. */
export type Values = ReadonlyMap<string, unknown>;
/** As process.env. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** default.json with NODE_ENV's file over it, and local.json over that, where there is one. */
export const fromFiles = (configDir: string, nodeEnv: string): Values => {
  // No file by the machine's name: which settings count must not depend on what a machine is called.
  const { config } = Util.loadFileConfigs({ configDir, nodeEnv: [nodeEnv], hostName: '', skipConfigSources: true });
  return new Map(leaves(config, ''));
};

/** What the environment says; an empty text says nothing. */
export const fromEnvironment = (env: Environment): Values =>
  new Map(
    settingNames.flatMap((name) => {
      const { variable, format } = settingOf(name);
      const text = variable === null ? undefined : env[variable]?.trim();
      return text === undefined || text === '' ? [] : [[name, valueOf(text, format)] as const];
    }),
  );

const leaves = (value: unknown, path: string): readonly (readonly [string, unknown])[] => {
  const isGroup =
    typeof value === 'object' && value !== null && !Array.isArray(value) && !settingNames.some((name) => name === path);
  if (!isGroup) return [[path, value]];
  return Object.entries(value).flatMap(([key, inner]) => leaves(inner, path === '' ? key : `${path}.${key}`));
};

const valueOf = (text: string, format: 'list' | 'json' | undefined): unknown => {
  if (format === undefined) return text;
  if (format === 'list')
    return text
      .split(',')
      .map((item) => item.trim())
      .filter((item) => item !== '');
  try {
    return JSON.parse(text);
  } catch {
    // Left as text, which the setting's rule refuses.
    return text;
  }
};

/** The process's own environment: the one place that reads it. */
export const environment = (): Environment => process.env;

/** The package's own folder, whether we run from src or from dist: the working directory does not count. */
export const packageRoot = (): string => {
  const climb = (folder: string): string =>
    existsSync(join(folder, 'package.json')) || dirname(folder) === folder ? folder : climb(dirname(folder));
  return climb(dirname(fileURLToPath(import.meta.url)));
};
