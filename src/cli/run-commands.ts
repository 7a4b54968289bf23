import type { Command } from 'commander';
import type { ListOptions, PlanOptions, ShowOptions, StartOptions } from './commands/runs.ts';
import type { Agreement } from './io.ts';
import { agreeing, taught, type CarryOut, type CommonOptions } from './taught.ts';
import { digest, id, ids, jsonObject, outcomeOfRun, runName, stateOfRun, ticket, upTo } from './words.ts';

const which = ['<run>', 'as `run list` names it', runName] as const;
const readOn = 'docs/reference/people.md §1';
const waiting = [
  '--wait',
  'carry it on here, too, and show how far it is, until it is done; other runs that are going have their turns here meanwhile',
] as const;

/** Anonymizations of many people, one after the other. */
export const runCommands = (run: Command, carryOut: CarryOut): void => {
  taught(run.command('plan'), {
    does: 'Plans the anonymization of several people, by ids or by the filter of a site’s list, and shows what it would do. Nobody is anonymized yet.',
    examples: [
      'run plan --users 101,204 --everywhere',
      `run plan --site 1 --filter '{"role":"anonymous"}' --reason Zaak-1`,
    ],
    ends: ['refused'],
    readOn,
  })
    .option('--users <ids>', 'these people, by the id of any of their rows, with commas; up to 1,000', ids)
    .option('--site <id>', 'in place of --users: whom the list of this site shows by --filter', id)
    .option('--filter <json>', 'as the filter of a list, `q` included', jsonObject)
    .option('--everywhere', 'each person at all their sites; without it at the site of the row that names them')
    .option('--reason <ticket>', 'the number of a ticket; it stands in the audit and in the receipts', ticket)
    .action((options: PlanOptions & CommonOptions) =>
      carryOut(options, async (io) => (await import('./commands/runs.ts')).planRun(io, options), 'changes'),
    );

  agreeing(
    taught(run.command('start'), {
      does: 'Shows a plan, asks, and begins exactly that: one person a transaction, in any instance that runs. There is no way back.',
      examples: ['run start Rf8c0nM1y1q7d2kTz4WJxA', 'run start Rf8c0nM1y1q7d2kTz4WJxA --yes --wait'],
      ends: ['refused', 'waiting'],
      readOn,
    }).argument(...which),
  )
    .option('--if-match <digest>', 'do not ask, and begin it only if the plan still has this digest', digest)
    .option(...waiting)
    .action((name: string, options: StartOptions & CommonOptions) =>
      carryOut(options, async (io) => (await import('./commands/runs.ts')).startRun(io, name, options), 'changes'),
    );

  taught(run.command('list'), {
    does: 'Lists runs over lists of people and over whole sites, newest first.',
    examples: ['run list', 'run list --state running'],
    readOn,
  })
    .option('--state <state>', 'planned, running, paused, done, cancelled', stateOfRun)
    .option('--limit <number>', 'runs at most, up to 100', upTo(100), 20)
    .option('--cursor <cursor>', 'go on where an earlier page ended')
    .action((options: ListOptions & CommonOptions) =>
      carryOut(options, async (io) => (await import('./commands/runs.ts')).listRuns(io, options)),
    );

  taught(run.command('show'), {
    does: 'Shows how far a run is, and what came of each person.',
    examples: ['run show Rf8c0nM1y1q7d2kTz4WJxA', 'run show 7 --outcome failed'],
    readOn,
  })
    .argument(...which)
    .option('--people', 'its people too, a hundred a page')
    .option('--outcome <outcome>', 'only these: planned, anonymized, left-out, failed', outcomeOfRun)
    .option('--page <number>', 'from 1', upTo(1_000_000), 1)
    .action((name: string, options: ShowOptions & CommonOptions) =>
      carryOut(options, async (io) => (await import('./commands/runs.ts')).showRun(io, name, options)),
    );

  taught(run.command('pause'), {
    does: 'Pauses a run: from now on nobody more is anonymized.',
    examples: ['run pause Rf8c0nM1y1q7d2kTz4WJxA'],
    ends: ['refused'],
    readOn,
  })
    .argument(...which)
    .action((name: string, options: CommonOptions) =>
      carryOut(options, async (io) => (await import('./commands/runs.ts')).steerRun(io, name, 'pause'), 'changes'),
    );

  agreeing(
    taught(run.command('resume'), {
      does: 'Resumes a run: it goes on where it stood, from now on in your name.',
      examples: ['run resume Rf8c0nM1y1q7d2kTz4WJxA', 'run resume Rf8c0nM1y1q7d2kTz4WJxA --yes --wait'],
      ends: ['refused', 'waiting'],
      readOn,
    }).argument(...which),
  )
    .option(...waiting)
    .action((name: string, options: StartOptions & CommonOptions) =>
      carryOut(
        options,
        async (io) => (await import('./commands/runs.ts')).steerRun(io, name, 'resume', options),
        'changes',
      ),
    );

  agreeing(
    taught(run.command('cancel'), {
      does: 'Ends a run for good: whoever was not visited is not any more. What was only planned is forgotten.',
      examples: ['run cancel Rf8c0nM1y1q7d2kTz4WJxA', 'run cancel Rf8c0nM1y1q7d2kTz4WJxA --yes'],
      ends: ['refused'],
      readOn,
    }).argument(...which),
  ).action((name: string, options: Agreement & CommonOptions) =>
    carryOut(
      options,
      async (io) => (await import('./commands/runs.ts')).steerRun(io, name, 'cancel', options),
      'changes',
    ),
  );
};
