import type { RequestListener } from 'node:http';
import type { Socket } from 'node:net';
import express, { type Express, type RequestHandler } from 'express';
import helmet from 'helmet';
import type { LimitSettings, SharedCounts } from '../platform/peer-workers.ts';
import type { Tracing } from '../platform/tracing.ts';
import type { Log } from '../ports/platform.ts';
import type { ManagementUseCases, UseCases } from '../use-cases/index.ts';
import { clientAuthenticator } from './auth/authenticate-client.ts';
import { crossOrigin } from './middleware/cross-origin.ts';
import { requestLogger } from './middleware/request-logger.ts';
import { faultAnswer, nothingHere } from './middleware/error-handler.ts';
import { authenticator, type AuthSettings, sessionReader, sessionSigner } from './auth/authenticate.ts';
import { consoleReader } from './auth/console-cookie.ts';
import { consolePages } from './console.ts';
import { docs } from './docs.ts';
import type { LoginSecrets } from './login/login-state.ts';
import { limitsOf, type LimitTimes } from './rate-limits/limits.ts';
import { malformed } from './requests/validate.ts';
import { register } from './router.ts';
import type { Sites } from './route.ts';
import { routesWith } from './routes.ts';
import { system, type MetricsPage, type Readiness } from './system.ts';

export interface AppParts {
  readonly useCases: UseCases;
  readonly management: ManagementUseCases;
  readonly sites: Sites;
  readonly timeZone: string;
  readonly auth: AuthSettings;
  readonly login: {
    /** As browsers reach us; null: as each request says, if that can be believed. */
    readonly publicUrl: string | null;
    readonly secrets: LoginSecrets;
  };
  readonly log: Log;
  /** As express takes it: how many proxies stand before us, or their addresses; false for none. */
  readonly trustProxy: boolean | number | string;
  readonly limits: LimitSettings & LimitTimes;
  /** How much of what may cost the database much runs at a time. */
  readonly costlyAtOnce: number;
  /** Where instances add up what they count; absent: each for itself. */
  readonly sharedCounts?: SharedCounts;
  readonly health: { ready(): Promise<Readiness> };
  readonly metrics?: MetricsPage;
  /** Null or absent: nobody traces. */
  readonly tracing?: Tracing | null;
  /** In the demo: the token that the documentation page offers to fill in. */
  readonly demoToken?: string;
  /** The console is served here, and looks so; absent: nothing of it is there, nor its logins and sessions. */
  readonly console?: { readonly theme: string } | undefined;
  /** /metrics answers at a port of its own, not here. */
  readonly metricsElsewhere?: boolean;
}

/** The whole of HTTP: what every answer gets, the small system addresses, the table of routes, and the end of what failed. */
export const createApp = (parts: AppParts): Express => {
  const { useCases, management, sites, timeZone, auth, login, log, trustProxy, health, metrics, sharedCounts } = parts;
  const limits = limitsOf({
    ...parts.limits,
    settings: parts.limits,
    log,
    trustProxy,
    costlyAtOnce: parts.costlyAtOnce,
    ...(sharedCounts === undefined ? {} : { shared: sharedCounts }),
  });
  const routes = routesWith({ console: parts.console !== undefined });
  const app = express();
  app.disable('etag').enable('case sensitive routing').set('query parser', false).set('trust proxy', trustProxy);
  app.use(forwardedFor);
  if (parts.console === undefined) app.use(withoutConsole);
  app.use(
    helmet({
      contentSecurityPolicy: {
        useDefaults: false,
        directives: { 'default-src': ["'none'"], 'frame-ancestors': ["'none'"] },
      },
      strictTransportSecurity: false,
    }),
  );
  app.use(strictTransport);
  app.use(requestLogger(log, metrics, parts.tracing));
  app.use(oneHost);
  // Before the other limits: what asks whether we live must never be refused.
  app.use(system(health, parts.metricsElsewhere === true ? undefined : metrics, limits));
  app.use(limits.count);
  app.use(crossOrigin(routes, sites, limits.failsOften));
  app.use(limits.refuse);
  app.use(
    docs({
      routes,
      limited: limits.unverified,
      ...(parts.demoToken === undefined ? {} : { demoToken: parts.demoToken }),
    }),
  );
  if (parts.console !== undefined) app.use(consolePages({ ...parts.console, limited: limits.unverified }));
  const readToken = sessionReader(auth);
  const sign = sessionSigner(auth.jwtSecret);
  const services = { useCases, management, sites, timeZone, login: { ...login, readToken, sign } };
  const readConsole = parts.console === undefined ? null : consoleReader(login);
  const people = authenticator(auth, readToken, readConsole, useCases, limits);
  app.use(register(routes, services, people, clientAuthenticator(management, limits), limits));
  app.use(limits.unverified, nothingHere);
  app.use(faultAnswer(log));
  return app;
};

/** Said over https only (RFC 6797 §7.2), our own or the trusted proxy's; the operator's other hosts are not ours to speak for. */
const strictTransport: RequestHandler = (request, response, next) => {
  if (request.secure) response.set('Strict-Transport-Security', 'max-age=31536000');
  next();
};

/** Node takes the first of several, a proxy before us perhaps another. Source: RFC 9112 §3.2. */
const oneHost: RequestHandler = ({ rawHeaders }, _response, next) => {
  const isHost = (_: string, at: number): boolean => at % 2 === 0 && rawHeaders[at]?.toLowerCase() === 'host';
  if (rawHeaders.filter(isHost).length > 1) throw malformed('Host', 'is said more than once');
  next();
};

/**
 * Takes the ports off `X-Forwarded-For`, which some proxies write along (`ip:port`, `[v6]:port`): whatever reads addresses
 * afterwards, ours or Express's own, would take none of them for an address, and the whole city for one visitor. Source: running.md.
 */
const forwardedFor: RequestHandler = (request, _response, next) => {
  const said = request.get('x-forwarded-for');
  if (said?.includes(':') === true)
    request.headers['x-forwarded-for'] = said
      .split(',')
      .map((entry) => withoutPort(entry.trim()))
      .join(', ');
  next();
};

/** Where nobody looks at a session of the console, whoever shows one shows nothing, and is counted as nobody. */
const withoutConsole: RequestHandler = (request, _response, next) => {
  // `consoleHeader`, as Node has it.
  delete request.headers['x-civitas-console'];
  next();
};

const withoutPort = (entry: string): string =>
  /^\[([\da-f:.]+)\](?::\d{1,5})?$/i.exec(entry)?.[1] ?? /^(\d+(?:\.\d+){3}):\d{1,5}$/.exec(entry)?.[1] ?? entry;

/**
 * What is asked over a connection behind something else waits until that has been answered. Node would let it be answered at once, and
 * hold the answer: it has no socket until then, so that nobody hears whether it is taken, or that the connection is gone. Node reads
 * on, however much waits: whoever asks for more than a few at once loses the connection, before Express does anything for them.
 */
export const oneByOne =
  (app: RequestListener): RequestListener =>
  (request, response) => {
    const { socket } = request;
    if (response.socket !== null) {
      app(request, response);
      return;
    }
    const before = waitingOver.get(socket) ?? 0;
    if (before >= maxWaiting) {
      socket.destroy();
      return;
    }
    waitingOver.set(socket, before + 1);
    // Of the answer alone: whatever each left at the socket would be gone through for each.
    response.once('socket', () => {
      waitingOver.set(socket, (waitingOver.get(socket) ?? 0) - 1);
      // Over a connection that is lost nobody hears it: what was before it may have ended so.
      if (!socket.destroyed) app(request, response);
    });
  };
const waitingOver = new WeakMap<Socket, number>();
const maxWaiting = 16;

/** Why a body is read no further. */
export type UnboundedBody = 'CRUMBS' | 'PACKED';

/**
 * How a body of no said length is cut (chunks) is its sender's to choose, and a piece of a byte costs what one of some kB does: a
 * request of a visitor could hold the event loop for a second. So could one that is compressed, and unpacks to nothing for as long as it
 * comes: the limit of a body counts what is unpacked. Such bodies are refused as what Node cannot read is, and read no further.
 * Source: docs/reference/neighbours.md "Cost".
 */
export const withBoundedBodies =
  (app: RequestListener, refuse: (socket: Socket, why: UnboundedBody) => void): RequestListener =>
  (request, response) => {
    const isCut = request.headers['transfer-encoding'] !== undefined;
    const isPacked = (request.headers['content-encoding'] ?? 'identity').toLowerCase() !== 'identity';
    if (!isCut && !isPacked) {
      app(request, response);
      return;
    }
    let [pieces, bytes, isRefused] = [0, 0, false];
    const unbounded = (): UnboundedBody | null => {
      if (isCut && pieces > fewPieces && bytes < pieces * smallPiece) return 'CRUMBS';
      return isPacked && bytes > mostPacked ? 'PACKED' : null;
    };
    const push = request.push.bind(request);
    // Of the request itself: Express gives it another prototype. Before anything reads it, as a decompression costs even more.
    request.push = (piece: Uint8Array | null, encoding) => {
      if (isRefused) return false;
      pieces += 1;
      bytes += piece?.length ?? 0;
      const why = piece === null ? null : unbounded();
      if (why === null) return push(piece, encoding);
      isRefused = true;
      refuse(request.socket, why);
      return false;
    };
    // Of a request that was answered without its body Node lets go of the rest unseen, unless it is being read.
    response.once('prefinish', () => request.resume());
    app(request, response);
  };
/** So many may be of any size, and the others must be larger than this on average: programs and proxies send kilobytes. */
const [fewPieces, smallPiece] = [256, 64] as const;
/** The largest body there is (1 MB), and what packing adds to one that cannot be packed. */
const mostPacked = 1024 * 1024 + 64 * 1024;
