import {
  startOauthServer,
  type ClientSpec,
  type OauthServer,
  type PersonSpec,
} from '../../src/demo/oauth-server/index.ts';
import type { OauthClient } from '../../src/domain/sites/oauth-client.ts';
import { startMisbehavingServer, type MisbehavingServer } from './misbehaving-server.ts';

export interface OauthWorld {
  /** The development OAuth server itself. */
  readonly server: OauthServer;
  /** What stands before it: tell it to misbehave, count calls. */
  readonly proxy: MisbehavingServer;
  /** Of the proxy: the issuer, and where to call. */
  readonly url: string;
  /** Host and port, for `allowedHosts`. */
  readonly host: string;
  /** A client as a site's config would name it; the first one unless said otherwise. */
  client(clientId?: string): OauthClient;
  close(): Promise<void>;
}

const usualClients: readonly ClientSpec[] = [
  { id: 1, clientId: 'client-1', clientSecret: 'secret-1' },
  { id: 2, clientId: 'client-2', clientSecret: 'secret-2' },
  { id: 3, clientId: 'client-3', clientSecret: 'secret-3' },
];

/** A development OAuth server on a free port, behind a proxy that misbehaves when told to. */
export const startOauthWorld = async ({
  people = [],
  clients = usualClients,
}: { people?: readonly PersonSpec[]; clients?: readonly ClientSpec[] } = {}): Promise<OauthWorld> => {
  const server = await startOauthServer({ port: 0, host: '127.0.0.1', clients, people, production: false });
  const proxy = await startMisbehavingServer(server.url);
  return {
    server,
    proxy,
    url: proxy.url,
    host: new URL(proxy.url).host,
    client: (clientId) => {
      const spec = clients.find((one) => clientId === undefined || one.clientId === clientId);
      if (spec === undefined) throw new Error(`no client ${clientId ?? ''} in this world`);
      const { clientSecret } = spec;
      const url = proxy.url;
      return {
        issuer: url,
        internalUrl: url,
        clientId: spec.clientId,
        clientSecret,
        adapter: 'openstad',
        settings: {},
      };
    },
    close: async () => {
      await proxy.close();
      await server.close();
    },
  };
};

export const silentLog = { info: (): void => undefined, warn: (): void => undefined, error: (): void => undefined };
