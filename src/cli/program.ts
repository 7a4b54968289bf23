import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { packageRoot } from '../config/sources.ts';
import { endings } from './endings.ts';
import { personCommands } from './people-commands.ts';
import { runCommands } from './run-commands.ts';
import type { CarryOut } from './taught.ts';
import {
  auditCommands,
  clientCommands,
  installationCommands,
  outboxCommands,
  receiptCommands,
} from './upkeep-commands.ts';

/**
 * The commands with their words and their help. What carries one out is loaded when it is asked for: help and version wait for
 * nothing. Source: people.md §4.
 */
export const createProgram = (carryOut: CarryOut): Command => {
  const program = new Command('civitas')
    .description(
      'Civitas at the command line: people, what waits for OAuth servers, the audit, receipts, clients, the database.',
    )
    .exitOverride()
    .configureOutput({
      outputError: (text, write) => {
        write(`${text.trim().split('\n').join(' ')} (--help says more)\n`);
      },
    })
    .helpCommand(false)
    .version(versionHere(), '--version', 'print the version')
    .addHelpText('after', aboutAll);
  const group = (name: string, description: string): Command => program.command(name).description(description);
  personCommands(group('person', 'Find, show, export and anonymize people.'), carryOut);
  runCommands(group('run', 'Anonymize many people, one after the other.'), carryOut);
  outboxCommands(group('outbox', 'What still has to reach an OAuth server.'), carryOut);
  auditCommands(group('audit', 'Who anonymized, deleted and looked at whom.'), carryOut);
  receiptCommands(group('receipt', 'What people keep as proof.'), carryOut);
  clientCommands(group('client', 'Back offices and platforms that manage people by program.'), carryOut);
  installationCommands(program, carryOut);
  return program;
};

const versionHere = (): string => {
  const { version } = JSON.parse(readFileSync(join(packageRoot(), 'package.json'), 'utf8')) as { version: string };
  return version;
};

const aboutAll = `
It works in process on the database that DATABASE_URL names (without it: on the demo in DATA_DIR), beside an API that runs or
without one. Whoever has its settings may do everything; the audit says who it was: cli:<account>.

Exit codes:
${Object.values(endings)
  .map(({ code, says }) => `  ${code}  ${says}`)
  .join('\n')}

At a terminal: tables, colours (NO_COLOR is heeded), progress, and a question before anything that removes. Through a pipe: lines
with tabs and no question. --json: one document on stdout. LOG_LEVEL=debug tells more of what fails.

Read on: docs/command-line.md`;
