import { readFileSync } from 'node:fs';
import { settingsAsMarkdown } from '../../src/config/index.ts';
import type { Recorded } from '../../src/http/openapi/recorded.ts';
import { commandHelp } from './command-line.ts';
import { databaseErrors } from './database-errors.ts';
import { envExample } from './env-example.ts';
import { fieldTable } from './fields.ts';
import { activityTypesPage, sideTablesPage } from './kinds.ts';
import { problemsPage } from './problems.ts';
import { routesPage } from './routes.ts';
import { rulesPage } from './rules.ts';
import { siteConfigPage } from './site-config.ts';
import { generated, table } from './table.ts';

const tables = 'docs/reference/tables';

/** Every document, or part of one, that comes from the code: path → what it should hold. */
export const generatedDocuments = (): Readonly<Record<string, string>> => ({
  [`${tables}/routes.md`]: routesPage(),
  [`${tables}/rules.md`]: rulesPage(),
  [`${tables}/problems.md`]: problemsPage(recorded()),
  [`${tables}/activity-types.md`]: activityTypesPage(),
  [`${tables}/side-tables.md`]: sideTablesPage(),
  [`${tables}/site-config.md`]: siteConfigPage(),
  'docs/settings.md': settingsPage(),
  '.env.example': envExample(
    settingsRows().rows.flatMap(([variable = '', , fallback = '', prose = '']) =>
      variable === '–' ? [] : [{ variable: variable.replaceAll('`', ''), fallback, prose }],
    ),
  ),
  'docs/command-line.md': withBlock('docs/command-line.md', 'commands', commandHelp()),
  'docs/operate.md': withBlock('docs/operate.md', 'database-errors', databaseErrors()),
  'docs/reference/user-api.md': withBlock('docs/reference/user-api.md', 'fields', fieldTable()),
});

/** As `npm run examples` wrote it. */
const recorded = (): Recorded => JSON.parse(readFileSync('src/http/openapi/examples.json', 'utf8')) as Recorded;

/** The table of settings, cell by cell. */
const settingsRows = (): { readonly head: readonly string[]; readonly rows: readonly (readonly string[])[] } => {
  const [head = [], , ...rows] = settingsAsMarkdown()
    .split('\n')
    .map((line) =>
      line
        .split(/(?<!\\)\|/)
        .slice(1, -1)
        .map((cell) => cell.trim().replaceAll('\\|', '|')),
    );
  return { head, rows };
};

const settingsPage = (): string => {
  const { head, rows } = settingsRows();
  return generated(
    'Settings',
    '`src/config/settings.ts` and `config/default.json`',
    'Each setting comes from the environment, where it has a variable, or from `config/*.json`. All that is wrong is told at the start, at once. `npm run settings` prints the same table.',
    table(head, rows),
  );
};

/** A page with the text between its marks replaced. */
const withBlock = (path: string, name: string, text: string): string => {
  const [open, close] = [`<!-- generated: ${name} -->`, '<!-- end -->'];
  const page = readFileSync(path, 'utf8');
  const [from, to] = [page.indexOf(open), page.indexOf(close, page.indexOf(open))];
  if (from < 0 || to < 0) throw new Error(`${path} has no block ${name}`);
  return `${page.slice(0, from + open.length)}\n\n${text}\n\n${page.slice(to)}`;
};
