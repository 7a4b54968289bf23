import { Fault, isFault, mayHaveHappened } from '../domain/fault.ts';
import {
  hostOf,
  type GlobalOauthClient,
  type OauthClient,
  isAllowedHost,
  withoutTrailingSlashes,
} from '../domain/sites/oauth-client.ts';
import type { HttpClient, Send } from '../platform/http-client.ts';
import { HttpFailure } from '../platform/http-exchange.ts';
import type { AroundCall } from '../platform/tracing.ts';
import type { Log } from '../ports/platform.ts';
import { exceededBound } from '../domain/json.ts';

/** Runs one operation as this client, talking the server's dialect. `name` is for the log. Rejects with Faults only. */
export type OauthOperation<Talk> = <T>(
  name: string,
  client: OauthClient,
  work: (talk: Talk) => Promise<T>,
) => Promise<T>;

export interface OperationSettings {
  readonly allowedHosts: readonly string[];
  readonly globalOauthClient: GlobalOauthClient;
  readonly log: Log;
  readonly aroundCall?: AroundCall;
}
/** Begins a conversation with a server; it knows afterwards whether it may have changed something there. */
type Begin<Talk> = (send: Send, address: Address, client: OauthClient) => Talk;

export const operations = <Talk extends { mayHaveHappened(): boolean }>(
  http: HttpClient,
  { allowedHosts, globalOauthClient, log, aroundCall }: OperationSettings,
  begin: Begin<Talk>,
): OauthOperation<Talk> => {
  const asClient: OauthOperation<Talk> = async (name, client, work) => {
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
      return await http.operation(address.origin, (send) => {
        talk = begin(traced(send, address, aroundCall), address, client);
        return work(talk);
      });
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
  const asAnyOf: OauthOperation<Talk> = async (name, client, work) => {
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

/** They are told nothing of the trace: it is none of another house's business. */
const traced = (send: Send, { origin }: Address, around: AroundCall | undefined): Send => {
  if (around === undefined) return send;
  return (request) =>
    around({ method: request.method, origin: request.origin ?? origin, template: templateOf(request.path) }, () =>
      send(request),
    );
};

/** Words in the paths of OAuth servers; whatever else stands there may be somebody's id, or a client's. */
const pathWords = new Set([
  ...['.well-known', 'openid-configuration', 'oauth', 'oauth2', 'oidc', 'openid-connect', 'protocol', 'realms', 'auth'],
  ...['token', 'userinfo', 'jwks', 'jwks.json', 'keys', 'certs', 'me'],
  ...['api', 'admin', 'user', 'users', 'client', 'roles', 'delete'],
]);
const templateOf = (path: string): string =>
  (path.split(/[?#]/, 1)[0] ?? '')
    .split('/')
    .map((word) => (word === '' || pathWords.has(word) ? word : '{}'))
    .join('/');

const isRefusalOfCredentials = (error: unknown): boolean =>
  isFault(error) && error.cause instanceof CredentialsRefused && !mayHaveHappened(error);

/**
 * What failed there, as a Fault: which status that is says http/problems.ts. What is neither a failed call nor an odd answer is a bug
 * of ours, or a fault already, and goes on as it is.
 */
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
    return new Fault('oauth-refused', { mayHaveHappened: maybe }, 'The OAuth server refused.', options);
  }
  if (!(error instanceof HttpFailure)) return error;
  switch (error.kind) {
    case 'unreachable':
      return new Fault('oauth-unreachable', { mayHaveHappened: maybe }, 'The OAuth server cannot be reached.', options);
    case 'too-slow':
      return new Fault(
        'oauth-timeout',
        { mayHaveHappened: maybe },
        'The OAuth server did not answer in time.',
        options,
      );
    case 'too-large':
      return new Fault(
        'oauth-refused',
        { mayHaveHappened: maybe },
        'The OAuth server answered with too much.',
        options,
      );
    case 'crowded':
      return maybe
        ? new Fault('oauth-timeout', { mayHaveHappened: maybe }, 'The OAuth server did not answer in time.', options)
        : new Fault('busy', { retryAfterSeconds: 2 }, 'Too much is asked of the OAuth server at once.', options);
    case 'circuit-open': {
      const { retryAfterSeconds } = error;
      return new Fault(
        'oauth-circuit-open',
        { retryAfterSeconds },
        'The OAuth server is left alone for a while.',
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

/** An answer that is none of the recorded ones. Says the status and our own reason, never the server's words: those hold people. */
export class OddAnswer extends Error {
  readonly status: number;
  /** Whether it tells that the server is unwell, rather than that it refuses what we asked. */
  readonly unwell: boolean;
  constructor(reason: string, { status, unwell }: { status: number; unwell: boolean }) {
    super(`${reason} (status ${status})`);
    this.name = 'OddAnswer';
    this.status = status;
    this.unwell = unwell;
  }
}

/** The server does not take our id and secret. It is well, and it did nothing. */
export class CredentialsRefused extends OddAnswer {
  constructor() {
    super('the server does not take our client id and secret', { status: 401, unwell: false });
    this.name = 'CredentialsRefused';
  }
}

/**
 * What the circuit breaker counts: no answer, too much of one, a 5xx that was not recorded, or something that is no JSON. Where it
 * was an answer about one person, whoever asked knows better (`aboutPerson`); what never was sent is our own trouble.
 */
export const blamesServer = (error: unknown): boolean =>
  (error instanceof HttpFailure && error.kind !== 'crowded') || (error instanceof OddAnswer && error.unwell);

/** What a server says of one person cannot be used, and the server is well: nobody else's trouble. Source: oauth-server.md §1. */
class OddRecord extends OddAnswer {
  constructor(reason: string, status: number) {
    super(reason, { status, unwell: false });
    this.name = 'OddRecord';
  }
}

/**
 * Asks about one person. Where the answer is larger than is read, no JSON, a failure or not what belongs there, the server is
 * asked whether it is well (`mustBeWell` throws otherwise): then the trouble lies in this person's record. It opens no breaker, and
 * nobody's role goes on for it.
 */
export const aboutPerson = <T>(mustBeWell: () => Promise<unknown>, ask: () => Promise<T>): Promise<T> =>
  withoutBlame(mustBeWell, ask, (reason, status) => new OddRecord(reason, status));

/** As `aboutPerson`, where an answer may hold several people: nobody knows whose record is in trouble, but the server is well. */
export const aboutPeople = <T>(mustBeWell: () => Promise<unknown>, ask: () => Promise<T>): Promise<T> =>
  withoutBlame(mustBeWell, ask, (reason, status) => new OddAnswer(reason, { status, unwell: false }));

const withoutBlame = async <T>(
  mustBeWell: () => Promise<unknown>,
  ask: () => Promise<T>,
  oddAnswer: (reason: string, status: number) => OddAnswer,
): Promise<T> => {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof HttpFailure && error.kind === 'too-large') throw oddAnswer('more than is read', 200);
    if (!(error instanceof OddAnswer) || error instanceof CredentialsRefused) throw error;
    const isGood = error.status >= 200 && error.status < 300;
    if (!error.unwell && !isGood) throw error;
    if (error.unwell) await mustBeWell();
    throw oddAnswer(error.message, error.status);
  }
};

/** What a record of a person or a list of roles never comes near. */
const bounds = { maxDepth: 500, maxEntries: 20_000 };

/** Parsed, or undefined: no JSON, or more keys, list items or levels of it than are read. */
export const jsonOf = (text: string): unknown => {
  if (!isBounded(text)) return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
};

export const isBounded = (text: string): boolean => exceededBound(text, bounds) === null;

/** Where to call: the server's origin, and the path that all of its paths stand under ('' for the root). */
export interface Address {
  readonly origin: string;
  readonly base: string;
}

/**
 * The address of a client's server, or null when we must not call it: it is http(s), holds no credentials, and its host (with
 * port) is configured, or that of the global client. Source: oauth-server.md §1 "Addresses".
 */
const addressOf = (
  client: OauthClient,
  allowedHosts: readonly string[],
  globals: GlobalOauthClient,
): Address | null => {
  const url = parsed(client.internalUrl);
  if (url?.username !== '' || url.password !== '') return null;
  if (!isAllowedHost(url.host, allowedHosts, globals)) return null;
  return { origin: url.origin, base: withoutTrailingSlashes(url.pathname) };
};

const parsed = (address: string | undefined): URL | null => {
  if (address === undefined || !URL.canParse(address)) return null;
  const url = new URL(address);
  return url.protocol === 'http:' || url.protocol === 'https:' ? url : null;
};
