import { join } from 'node:path';
import { settingNames, settingOf } from './settings.ts';
import { fromFiles, packageRoot, type Values } from './sources.ts';

/** The table of settings, printed by `npm run settings`, and by `npm run docs` into docs/settings.md. */
export const settingsAsMarkdown = (configDir = join(packageRoot(), 'config')): string => {
  const defaults = fromFiles(configDir, 'default');
  const rows = settingNames.map((name) => {
    const { variable, prose } = settingOf(name);
    return [variable === null ? '–' : `\`${variable}\``, `\`${name}\``, defaultOf(name, defaults), prose];
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
