import type { Container } from '../../container.ts';
import type { Client, Scope } from '../../domain/actor.ts';
import type { Ending } from '../endings.ts';
import { jsonText, mustAgree, mustBeAbleToAsk, type Agreement, type Io } from '../io.ts';
import { operatorHere } from '../operator.ts';
import { tableText } from '../table.ts';
import { withContainer } from '../with-container.ts';

const once = 'The secret is shown this once: keep it now.';

export interface NewClient {
  readonly name: string;
  readonly siteIds: readonly number[];
  readonly scopes: readonly Scope[];
}

export const createClient = (io: Io, said: NewClient): Promise<Ending> =>
  shownWhole(io, async (management) => {
    const { client, secret } = await management.createClient({ actor: operatorHere(), ...said });
    const lines = [`client  ${client.id}`, `key     ${client.key}`, `secret  ${secret}`, `issuer  ${client.issuer}`];
    await io.print(io.json ? jsonText({ ...client, secret }) : `${lines.join('\n')}\n`);
    io.tell(once);
  });

export const listClients = (io: Io): Promise<Ending> =>
  withContainer(async ({ management }) => {
    const clients = await management.listClients({ actor: operatorHere() });
    if (io.json) await io.print(jsonText(clients));
    else if (clients.length === 0) await io.print('There is no client.\n');
    else await io.print(tableText(io.out, columns, clients.map(cellsOf)));
    return 'done';
  });

export const rotateClient = (io: Io, clientId: number): Promise<Ending> =>
  shownWhole(io, async (management) => {
    const { secret, previousExpiresAt } = await management.rotateClient({ actor: operatorHere(), clientId });
    await io.print(io.json ? jsonText({ id: clientId, secret, previousExpiresAt }) : `secret  ${secret}\n`);
    io.tell(`The old one counts until ${previousExpiresAt.toISOString()}.`);
    io.tell(once);
  });

export const revokeClient = (io: Io, clientId: number, agreement: Agreement): Promise<Ending> => {
  mustBeAbleToAsk(io, agreement);
  return changing(async (management) => {
    await mustAgree(io, `Revoke client ${clientId}? Its key, secrets and tokens count no more.`, agreement);
    await io.interrupts.finishing(() => management.revokeClient({ actor: operatorHere(), clientId }));
    await io.print(io.json ? jsonText({ id: clientId, revoked: true }) : `Client ${clientId} is revoked.\n`);
  });
};

const changing = (work: (management: Container['management']) => Promise<void>): Promise<Ending> =>
  withContainer(async ({ management }) => {
    await work(management);
    return 'done';
  });

/** A secret that was made is shown, whatever signal comes meanwhile: else nobody would ever know it. */
const shownWhole = (
  { interrupts }: Io,
  work: (management: Container['management']) => Promise<void>,
): Promise<Ending> => changing((management) => interrupts.finishing(() => work(management)));

const columns = ['id', 'name', 'key', 'scopes', 'sites', 'created', 'last used'];
const cellsOf = (one: Client) => [
  ...[one.id, one.name, one.key, one.scopes.join(' '), one.siteIds.join(',')],
  ...[one.createdAt, one.lastUsedAt ?? 'never'],
];
