#!/usr/bin/env node
import { Command } from 'commander';
import { verifyAudit } from '../use-cases/audit/verify-audit.ts';
import { withContainer } from './with-container.ts';

const { head: knownHead } = new Command('civitas audit:verify')
  .description(
    'Checks that the audit is as it was written: nothing changed, removed, reordered, or unsealed for over a minute. Exit code 1 when it is not.',
  )
  .option(
    '--head <hash>',
    'a hash that was logged at a sealing, or a receipt’s `sealedAs`: it must still be in the chain',
  )
  .parse()
  .opts<{ head?: string }>();

try {
  await withContainer(async ({ ports }) => {
    const { findings, sealed, head } = await verifyAudit(ports)(knownHead);
    for (const { kind, what } of findings) process.stdout.write(`${kind}: ${what}\n`);
    process.stdout.write(`${sealed} rows sealed; head: ${head === null ? 'none yet' : `${head.hash} (${head.seq})`}\n`);
    if (findings.length > 0) process.exitCode = 1;
  });
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : 'failed'}\n`);
  process.exitCode = 1;
}
