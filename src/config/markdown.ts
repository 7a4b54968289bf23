import { join } from 'node:path';
import { settingNames, settingOf } from './settings.ts';
import { fromFiles, packageRoot, type Values } from './sources.ts';

/** A setting, as operators are told of it: its variable (null: none), its name in the files, what it is where nobody says. */
interface SettingRow {
  readonly variable: string | null;
  readonly setting: string;
  readonly default: string;
  readonly meaning: string;
}

/** The table of settings; what is written as code has its marks. */
export const settingsRows = (configDir = join(packageRoot(), 'config')): readonly SettingRow[] => {
  const defaults = fromFiles(configDir, 'default');
  return settingNames.map((setting) => {
    const { variable, prose } = settingOf(setting);
    return { variable, setting, default: defaultOf(setting, defaults), meaning: prose };
  });
};

/** The same as Markdown, printed by `npm run settings`, and by `npm run docs` into docs/settings.md. */
export const settingsAsMarkdown = (configDir?: string): string => {
  const rows = settingsRows(configDir).map(({ variable, setting, meaning, ...row }) => {
    return [variable === null ? '–' : `\`${variable}\``, `\`${setting}\``, row.default, meaning];
  });
  return [['variable', 'setting', 'default', 'meaning'], ['---', '---', '---', '---'], ...rows]
    .map((cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`)
    .join('\n');
};

const defaultOf = (name: string, defaults: Values): string => {
  const value = defaults.get(name);
  if (value === undefined) return name === 'demo' ? 'by itself' : '**required** (the demo makes its own)';
  if (value === null || (Array.isArray(value) && value.length === 0)) return '–';
  // Too long for a cell.
  if (Array.isArray(value) && typeof value[0] === 'object') return 'in `config/default.json`';
  return `\`${typeof value === 'string' ? value : JSON.stringify(value)}\``;
};
