import { Fault, isFault } from '../../domain/fault.ts';
import type { GlobalOauthClient, OauthClient } from '../../domain/oauth-client.ts';
import type { HttpClient } from '../../platform/http-client.ts';
import { HttpFailure } from '../../platform/http-failure.ts';
import type { Log } from '../../ports/log.ts';
import { addressOf } from '../addresses.ts';
import { conversation, type Conversation } from './conversation.ts';
import { OddAnswer } from './odd-answer.ts';

/** Runs one operation as this client. `name` is for the log. Rejects with Faults only. */
export type Operation = <T>(name: string, client: OauthClient, work: (talk: Conversation) => Promise<T>) => Promise<T>;

export interface OperationSettings {
  readonly allowedHosts: readonly string[];
  readonly globalOauthClient: GlobalOauthClient;
  readonly log: Log;
}

export const operations =
  (http: HttpClient, { allowedHosts, globalOauthClient, log }: OperationSettings): Operation =>
  async (name, client, work) => {
    const address = addressOf(client, allowedHosts, globalOauthClient);
    if (address === null) {
      log.warn(
        { operation: name, clientId: client.clientId },
        'OAuth server not called: its address is not an allowed one',
      );
      throw new Fault('oauth-refused', { mayHaveHappened: false }, 'the address of the OAuth server is not allowed');
    }
    let talk: Conversation | undefined;
    try {
      return await http.operation(address.origin, (send) => work((talk = conversation(send, address, client))));
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

/** What is neither a failed call nor an odd answer is a bug of ours and goes on as it is. */
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

const said = (error: unknown): { reason?: string } => (error instanceof Error ? { reason: error.message } : {});
