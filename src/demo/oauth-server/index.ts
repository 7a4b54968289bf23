import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import express, { type ErrorRequestHandler, type Express } from 'express';
import { accessTokens, type AccessTokens, authorizationCodes, type Codes } from './tokens.ts';
import { adminRoutes } from './admin-routes.ts';
import { landing } from './pages.ts';
import { loginRoutes } from './login-routes.ts';
import type { OauthMail, OauthServer, OauthServerOptions } from './options.ts';
import { snapshot, storedColumns } from './shapes.ts';
import { openStore, type Store } from './store.ts';
import { tokenRoutes } from './token-routes.ts';

export type { ClientSpec, OauthServer, OauthServerOptions, PersonSpec, RoleName, SnapshotPerson } from './options.ts';

/**
 * A development OAuth server in the OpenStad dialect, recorded quirks included. DEVELOPMENT ONLY: it lets anybody in as anybody,
 * and throws where production is true. Throws too when `file` holds something else than its data, and leaves that alone.
 * Source: oauth-server.md §1, running.md, the recordings.
 */
export const startOauthServer = async (options: OauthServerOptions): Promise<OauthServer> => {
  if (options.production)
    throw new Error('the development OAuth server lets anybody in as anybody: never in production');
  const store = openStore(options);
  const tokens = accessTokens(store);
  const address = { url: '' };
  const codes = authorizationCodes();
  const mails: OauthMail[] = [];
  // Longer than any client keeps an idle connection: one that closes while a request is on its way fails that request.
  const server = createServer(
    { keepAliveTimeout: 600_000 },
    application(store, options, codes, tokens, mails, () => address.url),
  );
  server.listen(options.port, options.host);
  await once(server, 'listening');
  address.url = urlOf(server, options.host);
  options.log?.warn({ url: address.url }, 'DEVELOPMENT ONLY: this OAuth server lets anybody in as anybody');
  return {
    url: address.url,
    people: () => store.everybody().map((row) => snapshot(row, store.rolesOf(row.id), options.clients)),
    tokenFor: (personId, clientId) => tokens.issue(personId, clientId),
    revokeTokens: (personId) => {
      store.revokeTokens(personId);
    },
    codeFor: (personId, clientId) => codes.issue(personId, clientId),
    stored: (personId) => {
      const row = store.stored(personId);
      return row === undefined ? undefined : storedColumns(row);
    },
    overwrite: (personId, columns) => {
      const row = store.stored(personId);
      if (row === undefined) throw new Error(`nobody has the id ${personId}`);
      store.overwrite({ ...row, ...columns });
    },
    mails: () => mails,
    close: () => closed(server),
  };
};

const application = (
  store: Store,
  { clients, apiUrl }: Pick<OauthServerOptions, 'clients' | 'apiUrl'>,
  codes: Codes,
  tokens: AccessTokens,
  mails: OauthMail[],
  ownUrl: () => string,
): Express => {
  const app = express();
  app.disable('x-powered-by');
  app.set('query parser', 'extended');
  app.use(express.json({ limit: '100kb' }), express.urlencoded({ limit: '100kb', extended: true }));
  app.use('/api/admin', adminRoutes(store, clients));
  app.use(tokenRoutes(store, clients, codes, tokens));
  app.use(loginRoutes({ store, clients, ownUrl, mails }, codes));
  if (apiUrl !== undefined) app.use(landing(apiUrl));
  app.use(everythingIsA500);
  return app;
};

/**
 * With whatever the error says, as in the real one; bodies that cannot be read have a status of their own. Express knows an
 * error handler by its four parameters.
 */
const everythingIsA500: ErrorRequestHandler = (error: unknown, _request, response, next) => {
  if (response.headersSent) {
    next(error);
    return;
  }
  const status: unknown = error instanceof Error && 'status' in error ? error.status : 500;
  response.status(typeof status === 'number' ? status : 500).json({
    message: error instanceof Error ? error.message : 'unknown',
  });
};

const urlOf = (server: Server, host: string): string => {
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  if (host === '0.0.0.0' || host === '::') return `http://127.0.0.1:${port}`;
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
};

const closed = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    server.close(() => {
      resolve();
    });
    server.closeAllConnections();
  });
