#!/usr/bin/env node
import { Command, InvalidArgumentError } from 'commander';
import type { Container } from '../container.ts';
import { isScope, scopes, type Client, type Scope } from '../domain/actor.ts';
import { operatorHere } from './operator.ts';
import { withContainer } from './with-container.ts';

/** What is printed may be piped on: of the log only what is wrong. */
const withManagement = (work: (container: Container) => Promise<void>): Promise<void> =>
  withContainer(work, { log: { level: 'warn' } });

const id = (text: string): number => {
  if (!/^[1-9]\d{0,14}$/.test(text)) throw new InvalidArgumentError('an id is a positive number');
  return Number(text);
};
const ids = (text: string): readonly number[] => text.split(',').map((one) => id(one.trim()));
const scopesIn = (text: string): readonly Scope[] =>
  text.split(/[\s,]+/).map((word) => {
    if (!isScope(word)) throw new InvalidArgumentError(`the scopes are ${scopes.join(', ')}`);
    return word;
  });
const print = (...lines: readonly string[]): void => {
  process.stdout.write(`${lines.join('\n')}\n`);
};
const once = 'The secret is shown this once: keep it now.';

const program = new Command('civitas client').description(
  'Management clients: back offices and platforms that manage people by program.',
);

program
  .command('create')
  .description('Makes a client; prints its API key and its secret, which is shown this once.')
  .argument('<name>', 'what it is called', (name: string) => {
    if (name.trim() === '' || name.length > 255) throw new InvalidArgumentError('1 to 255 characters');
    return name.trim();
  })
  .requiredOption('--sites <ids>', 'the sites that it may manage, with commas; they share one OAuth server', ids)
  .option('--scopes <scopes>', 'public, authentication, admin; each includes the ones before it', scopesIn, [
    'public',
    'authentication',
  ] as const satisfies readonly Scope[])
  .action((name: string, { sites: siteIds, scopes: allowed }: { sites: readonly number[]; scopes: readonly Scope[] }) =>
    withManagement(async ({ management }) => {
      const said = { actor: operatorHere(), name, scopes: allowed, siteIds };
      const { client, secret } = await management.createClient(said);
      print(`client  ${client.id}`, `key     ${client.key}`, `secret  ${secret}`, `issuer  ${client.issuer}`, once);
    }),
  );

program
  .command('list')
  .description('Lists the clients, without secrets.')
  .option('--json', 'one JSON array instead of a table')
  .action(({ json }: { json?: boolean }) =>
    withManagement(async ({ management }) => {
      const clients = await management.listClients({ actor: operatorHere() });
      if (json === true) print(JSON.stringify(clients, null, 2));
      else if (clients.length === 0) print('There is no client.');
      else print(...tableOf(clients));
    }),
  );

program
  .command('rotate')
  .description('Gives a client a new secret; the old one counts for a while (management.rotationOverlapSeconds).')
  .argument('<id>', 'the id of the client', id)
  .action((clientId: number) =>
    withManagement(async ({ management }) => {
      const { secret, previousExpiresAt } = await management.rotateClient({ actor: operatorHere(), clientId });
      print(`secret  ${secret}`, `The old one counts until ${previousExpiresAt.toISOString()}.`, once);
    }),
  );

program
  .command('revoke')
  .description('Ends a client: its key, secrets and tokens count no more.')
  .argument('<id>', 'the id of the client', id)
  .action((clientId: number) =>
    withManagement(async ({ management }) => {
      await management.revokeClient({ actor: operatorHere(), clientId });
      print(`Client ${clientId} is revoked.`);
    }),
  );

const tableOf = (clients: readonly Client[]): readonly string[] => [
  ['id', 'name', 'key', 'scopes', 'sites', 'created', 'last used'].join('\t'),
  ...clients.map((one) =>
    [
      one.id,
      one.name,
      one.key,
      one.scopes.join(' '),
      one.siteIds.join(','),
      one.createdAt.toISOString(),
      one.lastUsedAt?.toISOString() ?? 'never',
    ].join('\t'),
  ),
];

try {
  await program.parseAsync();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : 'failed'}\n`);
  process.exitCode = 1;
}
