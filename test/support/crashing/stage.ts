import { startOauthServer, type OauthServer, type PersonSpec } from '../../../src/demo/oauth-server/index.ts';
import { dumped, type Dump } from '../dump.ts';
import { startMisbehavingServer, type MisbehavingServer } from '../misbehaving-server.ts';
import { environmentOf, startInstance, type Environment } from './instance.ts';
import { bystander, clients, peopleThere, settle, type Inhabitant, type Settled } from './small-world.ts';
import { startingPoint, type Restore } from './starting-point.ts';

/** How a world was at a moment; of use for the stage that kept it, until that closes. */
export interface Kept {
  readonly restore: Restore;
  /** As the OAuth server knows them; their access tokens are not kept. */
  readonly people: readonly PersonSpec[];
  readonly writes: number;
}
/** A small world that can be put back to a moment, as often as one likes: a database, and an OAuth server that both outlive programs. */
export interface Stage {
  readonly settled: Settled;
  readonly start: Dump;
  /** Puts everything back, to the beginning unless said otherwise. The environment for programs on it. */
  readonly reset: (to?: Kept) => Promise<Environment>;
  /** How everything is now. Nobody may be at work on it; what a killed one was doing is undone first. */
  readonly keep: () => Promise<Kept>;
  /** Waits until the database has noticed the death of whoever was on it. */
  readonly quiet: () => Promise<void>;
  /** As of the last reset. */
  readonly oauth: () => OauthServer;
  /** To the OAuth server, since the beginning. */
  readonly writes: () => number;
  readonly proxy: MisbehavingServer;
  readonly close: () => Promise<void>;
}

/** `others`: known to the OAuth server, without a row here. */
export const buildStage = async (
  inhabitants: readonly Inhabitant[],
  others: readonly Inhabitant[] = [],
): Promise<Stage> => {
  const openOauth = (port: number, people: readonly PersonSpec[]) =>
    startOauthServer({ port, host: '127.0.0.1', clients, people, production: false });
  let oauth = await openOauth(0, peopleThere([bystander, ...inhabitants, ...others]));
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

  let writesBefore = 0;
  const writes = (): number => writesBefore + proxy.calls(/^POST/);
  const keep = async (): Promise<Kept> => ({
    restore: await point.keep(),
    people: oauth.people(),
    writes: writes(),
  });
  const beginning = await keep();

  return {
    settled,
    start,
    reset: async (to = beginning) => {
      await oauth.close();
      oauth = await openOauth(port, to.people);
      await proxy.behave('pass');
      proxy.forgetCalls();
      writesBefore = to.writes;
      return environment(await to.restore());
    },
    keep,
    quiet: point.quiet,
    oauth: () => oauth,
    writes,
    proxy,
    close: async () => {
      await proxy.close();
      await oauth.close();
      await point.remove();
    },
  };
};
