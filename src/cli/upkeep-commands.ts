import type { Command } from 'commander';
import { scopes, type Scope } from '../domain/actor.ts';
import { actorKinds } from '../ports/audit.ts';
import type { AuditOptions } from './commands/audit.ts';
import type { Agreement } from './io.ts';
import { agreeing, taught, type CarryOut, type CommonOptions } from './taught.ts';
import { clientName, id, ids, scopesIn, upTo } from './words.ts';

export const outboxCommands = (outbox: Command, carryOut: CarryOut): void => {
  taught(outbox.command('list'), {
    does: 'Lists the waiting messages, in the order in which they came.',
    examples: ['outbox list', 'outbox list --json'],
    readOn: 'docs/operate.md, “Outbox”',
  }).action((options: CommonOptions) =>
    carryOut(options, async (io) => (await import('./commands/outbox.ts')).listOutbox(io)),
  );

  taught(outbox.command('retry'), {
    does: 'Makes one message due now and tries to deliver it; or makes all due, and tries what is due, one after the other.',
    examples: ['outbox retry', 'outbox retry 17'],
    ends: ['waiting'],
    readOn: 'docs/operate.md, “Outbox”',
  })
    .argument('[id]', 'the id of a message', id)
    .action((wanted: number | undefined, options: CommonOptions) =>
      carryOut(options, async (io) => (await import('./commands/outbox.ts')).retryOutbox(io, wanted), 'changes'),
    );

  agreeing(
    taught(outbox.command('remove-person'), {
      does: 'Removes a person of whom no row is left here at their OAuth server: whom GET /api/user/drift lists as left-behind.',
      examples: ['outbox remove-person 17'],
      ends: ['refused', 'waiting'],
      readOn: 'docs/operate.md, “Drift”',
    }).argument('<id>', 'the personId of the finding', id),
  ).action((personId: number, options: Agreement & CommonOptions) =>
    carryOut(
      options,
      async (io) => (await import('./commands/outbox.ts')).removePerson(io, personId, options),
      'changes',
    ),
  );
};

export const auditCommands = (audit: Command, carryOut: CarryOut): void => {
  taught(audit.command('list'), {
    does: 'Lists what was anonymized, deleted and looked at, newest first.',
    examples: ['audit list', 'audit list --site 1 --from 2026-01-31', 'audit list --actor-kind cli --json'],
    readOn: 'docs/reference/people.md §1, docs/reference/anonymization.md §5',
  })
    .option('--site <id>', 'rows of one site', id)
    .option('--from <moment>', 'from this moment or day on: 2026-01-31, 2026-01-31T12:00:00Z')
    .option('--before <moment>', 'before this moment or day')
    .option('--call <call>', 'do-anonymize, do-anonymizeall, do-anonymize-all-users, delete, read-person, export …')
    .option('--actor-kind <kind>', actorKinds.join(', '))
    .option('--actor-id <id>', 'the id of a user, or of a client', id)
    .option('--outcome <outcome>', 'of the removal at the OAuth server: none, pending, removed, kept, unknown')
    .option('--limit <number>', 'rows at most, up to 10,000', upTo(10_000), 20)
    .option('--cursor <cursor>', 'go on where an earlier page ended')
    .action((options: AuditOptions & CommonOptions) =>
      carryOut(options, async (io) => (await import('./commands/audit.ts')).listAudit(io, options)),
    );

  taught(audit.command('verify'), {
    does: 'Checks that the audit is as it was written: nothing changed, put in, removed, reordered, or unsealed for over a minute.',
    examples: ['audit verify', 'audit verify --head 9f86d081884c7d65…'],
    readOn: 'docs/operate.md, “The audit”',
  })
    .option(
      '--head <hash>',
      'a hash that was logged at a sealing, or a receipt’s `sealedAs`: it must still be in the chain',
    )
    .action((options: { readonly head?: string } & CommonOptions) =>
      carryOut(options, async (io) => (await import('./commands/audit.ts')).verify(io, options)),
    );
};

export const receiptCommands = (receipt: Command, carryOut: CarryOut): void => {
  taught(receipt.command('verify'), {
    does: 'Checks the signature of a receipt, and says in words what it says. It needs no database, and with --jwks no settings.',
    examples: [
      'receipt verify receipt.jws',
      'receipt verify receipt.jws --jwks https://city.example/.well-known/jwks.json',
      'receipt verify - < receipt.jws',
    ],
    readOn: 'docs/reference/anonymization.md §5',
  })
    .argument('<file>', 'the receipt as programs get it; - is stdin')
    .option('--jwks <address>', 'the keys, at an address or in a file; without it those of this installation')
    .action((file: string, options: { readonly jwks?: string } & CommonOptions) =>
      carryOut(options, async (io) => (await import('./commands/receipt.ts')).checkReceipt(io, file, options)),
    );
};

export const clientCommands = (client: Command, carryOut: CarryOut): void => {
  const readOn = 'docs/back-offices.md';
  taught(client.command('create'), {
    does: 'Makes a client; prints its API key and its secret, which is shown this once.',
    examples: ['client create "Back office" --sites 1,2 --scopes authentication'],
    readOn,
  })
    .argument('<name>', 'what it is called', clientName)
    .requiredOption('--sites <ids>', 'the sites that it may manage, with commas; they share one OAuth server', ids)
    .option('--scopes <scopes>', `${scopes.join(', ')}; each includes the ones before it`, scopesIn, [
      'public',
      'authentication',
    ] as const satisfies readonly Scope[])
    .action((name: string, options: { sites: readonly number[]; scopes: readonly Scope[] } & CommonOptions) =>
      carryOut(
        options,
        async (io) => {
          const { createClient } = await import('./commands/clients.ts');
          return createClient(io, { name, siteIds: options.sites, scopes: options.scopes });
        },
        'changes',
      ),
    );

  taught(client.command('list'), {
    does: 'Lists the clients, without secrets.',
    examples: ['client list'],
    readOn,
  }).action((options: CommonOptions) =>
    carryOut(options, async (io) => (await import('./commands/clients.ts')).listClients(io)),
  );

  taught(client.command('rotate'), {
    does: 'Gives a client a new secret; the old one counts for a while (management.rotationOverlapSeconds).',
    examples: ['client rotate 3'],
    readOn,
  })
    .argument('<id>', 'the id of the client', id)
    .action((clientId: number, options: CommonOptions) =>
      carryOut(options, async (io) => (await import('./commands/clients.ts')).rotateClient(io, clientId), 'changes'),
    );

  agreeing(
    taught(client.command('revoke'), {
      does: 'Ends a client: its key, secrets and tokens count no more, and what it kept of people goes.',
      examples: ['client revoke 3 --yes'],
      ends: ['refused'],
      readOn,
    }).argument('<id>', 'the id of the client', id),
  ).action((clientId: number, options: Agreement & CommonOptions) =>
    carryOut(
      options,
      async (io) => (await import('./commands/clients.ts')).revokeClient(io, clientId, options),
      'changes',
    ),
  );
};

export const installationCommands = (program: Command, carryOut: CarryOut): void => {
  taught(program.command('migrate'), {
    does: 'Brings the database that DATABASE_URL names up to date, or adopts an existing OpenStad database: adds what is missing, links each user to their person, and reports what it did and found. Loses nothing. Safe to repeat, to interrupt, and to run in two places at once.',
    examples: ['migrate --dry-run', 'migrate', 'migrate --json > report.json'],
    readOn: 'docs/adoption.md, which says what it adds and what it never touches',
  })
    .option('--dry-run', 'change nothing, and report what would be done and what was found')
    .action((options: { readonly dryRun?: boolean } & CommonOptions) =>
      carryOut(options, async (io) => (await import('./commands/migrate.ts')).migrate(io, options), 'changes'),
    );

  taught(program.command('settings'), {
    does: 'Prints the table of settings; with --check whether those of this environment are right, and nothing secret of them.',
    examples: ['settings', 'settings --check'],
    readOn: 'docs/settings.md',
  })
    .option('--check', 'look at the settings of this environment; every fault at once')
    .action((options: { readonly check?: boolean } & CommonOptions) =>
      carryOut(options, async (io) => (await import('./commands/settings.ts')).settings(io, options)),
    );
};
