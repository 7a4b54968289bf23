import { Fault, isFault } from '../domain/fault.ts';
import type { GlobalOauthClient, OauthClient } from '../domain/oauth-client.ts';
import type { HttpClient, Send } from '../platform/http-client.ts';
import { HttpFailure } from '../platform/http-failure.ts';
import type { Log } from '../ports/log.ts';
import { addressOf, type Address } from './addresses.ts';
import { OddAnswer } from './odd-answer.ts';

/** Runs one operation as this client, talking the server's dialect. `name` is for the log. Rejects with Faults only. */
export type Operation<Talk> = <T>(name: string, client: OauthClient, work: (talk: Talk) => Promise<T>) => Promise<T>;

export interface OperationSettings {
  readonly allowedHosts: readonly string[];
  readonly globalOauthClient: GlobalOauthClient;
  readonly log: Log;
}
/** Begins a conversation with a server; it knows afterwards whether it may have changed something there. */
type Begin<Talk> = (send: Send, address: Address, client: OauthClient) => Talk;

export const operations =
  <Talk extends { mayHaveHappened(): boolean }>(
    http: HttpClient,
    { allowedHosts, globalOauthClient, log }: OperationSettings,
    begin: Begin<Talk>,
  ): Operation<Talk> =>
  async (name, client, work) => {
    const address = addressOf(client, allowedHosts, globalOauthClient);
    if (address === null) {
      log.warn(
        { operation: name, clientId: client.clientId },
        'OAuth server not called: its address is not an allowed one',
      );
      throw new Fault('oauth-refused', { mayHaveHappened: false }, 'the address of the OAuth server is not allowed');
    }
    let talk: Talk | undefined;
    try {
      return await http.operation(address.origin, (send) => work((talk = begin(send, address, client))));
    } catch (error) {
      const fault = faultOf(error, talk?.mayHaveHappened() ?? false);
      if (isFault(fault) && fault.code !== 'oauth-circuit-open') {
        log.warn(
          { operation: name, server: address.origin, fault: fault.code, ...fault.facts, ...said(error) },
          'OAuth server trouble',
        );
      }
      throw fault;
    }
  };

/** What is neither a failed call nor an odd answer is a bug of ours, or a fault already, and goes on as it is. */
const faultOf = (error: unknown, mayHaveHappened: boolean): unknown => {
  const options = { cause: error };
  if (error instanceof OddAnswer) {
    return new Fault('oauth-refused', { mayHaveHappened }, 'the OAuth server refused', options);
  }
  if (!(error instanceof HttpFailure)) return error;
  switch (error.trouble) {
    case 'unreachable':
      return new Fault('oauth-unreachable', { mayHaveHappened }, 'the OAuth server cannot be reached', options);
    case 'too-slow':
      return new Fault('oauth-too-slow', { mayHaveHappened }, 'the OAuth server did not answer in time', options);
    case 'too-large':
      return new Fault('oauth-refused', { mayHaveHappened }, 'the OAuth server answered with too much', options);
    case 'circuit-open': {
      const { retryAfterSeconds } = error;
      return new Fault(
        'oauth-circuit-open',
        { retryAfterSeconds },
        'the OAuth server is left alone for a while',
        options,
      );
    }
  }
};

/** Our own words: of a fault that an adapter threw, those that its sentence for the caller leaves out. */
const said = (error: unknown): { reason?: string } => {
  if (!(error instanceof Error)) return {};
  return { reason: error.cause instanceof Error ? error.cause.message : error.message };
};
