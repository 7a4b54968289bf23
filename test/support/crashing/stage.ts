import { startOauthServer, type OauthServer } from '../../../src/demo/oauth-server/index.ts';
import { dumped, type Dump } from '../dump.ts';
import { startMisbehavingServer, type MisbehavingServer } from '../misbehaving-server.ts';
import { environmentOf, startInstance, type Environment } from './instance.ts';
import { bystander, clients, peopleThere, settle, type Inhabitant, type Settled } from './small-world.ts';
import { startingPoint } from './starting-point.ts';

/** A small world that can be put back to its beginning, as often as one likes: a database, and an OAuth server that both outlive programs. */
export interface Stage {
  readonly settled: Settled;
  readonly start: Dump;
  /** Puts everything back. The environment for programs on it. */
  readonly reset: () => Promise<Environment>;
  /** Waits until the database has noticed the death of whoever was on it. */
  readonly quiet: () => Promise<void>;
  /** As of the last reset. */
  readonly oauth: () => OauthServer;
  readonly proxy: MisbehavingServer;
  readonly close: () => Promise<void>;
}

/** `others`: known to the OAuth server, without a row here. */
export const buildStage = async (
  inhabitants: readonly Inhabitant[],
  others: readonly Inhabitant[] = [],
): Promise<Stage> => {
  const people = peopleThere([bystander, ...inhabitants, ...others]);
  const openOauth = (port: number) => startOauthServer({ port, host: '127.0.0.1', clients, people, production: false });
  let oauth = await openOauth(0);
  // The issuer is in the database: the address has to stay.
  const port = Number(new URL(oauth.url).port);
  const proxy = await startMisbehavingServer(oauth.url);
  const point = await startingPoint();
  const environment = (url: string): Environment => environmentOf(url, new URL(proxy.url).host);

  const { container, stop } = await startInstance(environment(point.url));
  await container.migrator.up();
  const settled = await settle(container, proxy.url, [bystander, ...inhabitants]);
  const start = await dumped(container.database);
  await stop();
  await point.keep();

  return {
    settled,
    start,
    reset: async () => {
      await oauth.close();
      oauth = await openOauth(port);
      await proxy.behave('pass');
      proxy.forgetCalls();
      return environment(await point.restore());
    },
    quiet: point.quiet,
    oauth: () => oauth,
    proxy,
    close: async () => {
      await proxy.close();
      await oauth.close();
      await point.remove();
    },
  };
};
