import { Fault, isFault, mayHaveHappened } from '../domain/fault.ts';
import { hostOf, type GlobalOauthClient, type OauthClient } from '../domain/sites/oauth-client.ts';
import type { HttpClient, Send } from '../platform/http-client.ts';
import { HttpFailure } from '../platform/http-exchange.ts';
import type { Log } from '../ports/log.ts';
import { addressOf, type Address } from './addresses.ts';
import { CredentialsRefused, OddAnswer } from './odd-answer.ts';
import { OddRecord } from './odd-record.ts';

/** Runs one operation as this client, talking the server's dialect. `name` is for the log. Rejects with Faults only. */
export type Operation<Talk> = <T>(name: string, client: OauthClient, work: (talk: Talk) => Promise<T>) => Promise<T>;

export interface OperationSettings {
  readonly allowedHosts: readonly string[];
  readonly globalOauthClient: GlobalOauthClient;
  readonly log: Log;
}
/** Begins a conversation with a server; it knows afterwards whether it may have changed something there. */
type Begin<Talk> = (send: Send, address: Address, client: OauthClient) => Talk;

export const operations = <Talk extends { mayHaveHappened(): boolean }>(
  http: HttpClient,
  { allowedHosts, globalOauthClient, log }: OperationSettings,
  begin: Begin<Talk>,
): Operation<Talk> => {
  const asClient: Operation<Talk> = async (name, client, work) => {
    const address = addressOf(client, allowedHosts, globalOauthClient);
    if (address === null) {
      const host = hostOf(client.internalUrl);
      const setting = 'authorization.allowedHosts';
      log.warn(
        { operation: name, clientId: client.clientId, host, setting },
        'OAuth server not called: its host is not an allowed one (AUTH_ALLOWED_HOSTS)',
      );
      throw new Fault(
        'oauth-refused',
        { mayHaveHappened: false, setting, ...(host === undefined ? {} : { host }) },
        `The address of the OAuth server (${host ?? 'none'}) is not an allowed one: add its host to ${setting} (AUTH_ALLOWED_HOSTS).`,
      );
    }
    let talk: Talk | undefined;
    try {
      return await http.operation(address.origin, (send) => work((talk = begin(send, address, client))));
    } catch (error) {
      const fault = faultOf(error, talk?.mayHaveHappened() ?? false, client);
      // What was not sent, and why, is told where it began: once, and not by each that comes to it.
      if (isFault(fault) && fault.code !== 'oauth-circuit-open' && fault.code !== 'busy') {
        const { clientId } = client;
        log.warn(
          { operation: name, server: address.origin, clientId, fault: fault.code, ...fault.facts, ...said(error) },
          'OAuth server trouble',
        );
      }
      throw fault;
    }
  };
  /** Credentials that the server refuses say nothing of the person: those of another site there may be good. Source: oauth-server.md §1. */
  const asAnyOf: Operation<Talk> = async (name, client, work) => {
    const [next, ...others] = client.others ?? [];
    try {
      return await asClient(name, client, work);
    } catch (error) {
      if (next === undefined || !isRefusalOfCredentials(error)) throw error;
      return asAnyOf(name, { ...next, others }, work);
    }
  };
  return asAnyOf;
};

const isRefusalOfCredentials = (error: unknown): boolean =>
  isFault(error) && error.cause instanceof CredentialsRefused && !mayHaveHappened(error);

/** What is neither a failed call nor an odd answer is a bug of ours, or a fault already, and goes on as it is. */
const faultOf = (error: unknown, maybe: boolean, { clientId, internalUrl }: OauthClient): unknown => {
  const options = { cause: error };
  if (error instanceof CredentialsRefused) {
    const host = hostOf(internalUrl) ?? '';
    const setting = 'auth-client-secret';
    return new Fault(
      'oauth-refused',
      { mayHaveHappened: maybe, host, setting },
      `The OAuth server at ${host} does not take the id and secret of the client ${clientId}: correct auth-client-id and ${setting} in the site's oauth settings (or the global ones, AUTH_CLIENT_ID and AUTH_CLIENT_SECRET).`,
      options,
    );
  }
  if (error instanceof OddRecord) {
    return new Fault(
      'oauth-refused',
      { mayHaveHappened: maybe, inRecord: true },
      'What the OAuth server says of this person cannot be read.',
      options,
    );
  }
  if (error instanceof OddAnswer) {
    return new Fault('oauth-refused', { mayHaveHappened: maybe }, 'the OAuth server refused', options);
  }
  if (!(error instanceof HttpFailure)) return error;
  switch (error.kind) {
    case 'unreachable':
      return new Fault('oauth-unreachable', { mayHaveHappened: maybe }, 'the OAuth server cannot be reached', options);
    case 'too-slow':
      return new Fault('oauth-timeout', { mayHaveHappened: maybe }, 'the OAuth server did not answer in time', options);
    case 'too-large':
      return new Fault('oauth-refused', { mayHaveHappened: maybe }, 'the OAuth server answered with too much', options);
    case 'crowded':
      return maybe
        ? new Fault('oauth-timeout', { mayHaveHappened: maybe }, 'the OAuth server did not answer in time', options)
        : new Fault('busy', { retryAfterSeconds: 2 }, 'Too much is asked of the OAuth server at once.', options);
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
