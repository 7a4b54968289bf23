#!/usr/bin/env node
import { Command, InvalidArgumentError } from 'commander';
import type { Container } from '../container.ts';
import { removeLeftBehind } from '../use-cases/person-sync/remove-left-behind.ts';
import { withContainer } from './with-container.ts';

const id = (text: string): number => {
  if (!/^[1-9]\d{0,14}$/.test(text)) throw new InvalidArgumentError('an id is a positive number');
  return Number(text);
};

const program = new Command('civitas outbox').description('What still has to reach an OAuth server.');

program
  .command('list')
  .description('Lists the waiting messages, oldest first.')
  .option('--json', 'one JSON array instead of a table')
  .action(({ json }: { json?: boolean }) =>
    withContainer(async ({ ports }) => {
      const waiting = await ports.outbox.waiting();
      if (json === true) process.stdout.write(`${JSON.stringify(waiting, null, 2)}\n`);
      else if (waiting.length === 0) process.stdout.write('Nothing is waiting.\n');
      else for (const line of tableOf(waiting)) process.stdout.write(`${line}\n`);
    }),
  );

program
  .command('retry')
  .description('Makes one message, or all, due now, and tries to deliver them.')
  .argument('[id]', 'the id of a message', id)
  .action((wanted?: number) =>
    withContainer(async ({ ports, deliver }) => {
      const due = await ports.outbox.retry(wanted);
      if (due === 0 && wanted !== undefined) throw new Error(`no message ${wanted} is waiting`);
      let delivered = 0;
      for (let outcome = await deliver(); outcome !== null; outcome = await deliver())
        if (outcome !== 'pending') delivered += 1;
      process.stdout.write(
        `${due} made due, ${delivered} delivered, ${(await ports.outbox.waiting()).length} still waiting.\n`,
      );
    }),
  );

program
  .command('remove-person')
  .description(
    'Removes a person of whom no row is left here at their OAuth server: whom GET /api/user/drift lists as left-behind.',
  )
  .argument('<id>', 'the personId of the finding', id)
  .action((personId: number) =>
    withContainer(async ({ ports, deliver }) => {
      process.stdout.write(`${(await removeLeftBehind(ports, deliver)(personId)) ?? 'somebody else is at it'}\n`);
    }),
  );

const tableOf = (waiting: Awaited<ReturnType<Container['ports']['outbox']['waiting']>>): readonly string[] => [
  ['id', 'topic', 'key', 'attempts', 'due', 'waiting since', 'last error'].join('\t'),
  ...waiting.map((one) =>
    [
      one.id,
      one.topic,
      one.key,
      one.attempts,
      one.dueAt.toISOString(),
      one.createdAt.toISOString(),
      one.lastError ?? '–',
    ].join('\t'),
  ),
];

try {
  await program.parseAsync();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : 'failed'}\n`);
  process.exitCode = 1;
}
