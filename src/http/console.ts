import { existsSync, readdirSync } from 'node:fs';
import { extname, join } from 'node:path';
import express, { type RequestHandler, type Response, type Router } from 'express';
import { Fault } from '../domain/fault.ts';
import { getOnly } from './system.ts';

export interface ConsoleOptions {
  /** `civitas` or `voorbeeld`, which are shipped, or the path of a file of tokens. */
  readonly theme: string;
  /** Goes before each answer: whoever asks here shows no credential. */
  readonly limited: RequestHandler;
  /** Where the build put it; unless it is said, where `npm run build` does. */
  readonly folder?: string;
}

/** Its own files and its own API, and nothing else: no other machine, nothing inline, and no text that becomes markup. */
const policy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";

/**
 * `/console`: the files of the console as the build made them, and at every other address under it the page itself, which finds out
 * what the address names. Source: people.md §6.
 */
export const consolePages = ({ theme, limited, folder }: ConsoleOptions): Router => {
  const root = (): string => folder ?? built();
  const send = (response: Response, name: string, next: (error: Error) => void): void => {
    response.sendFile(name, { ...kept, root: root() }, ended(next));
  };
  const router = express.Router({ caseSensitive: true });
  router.use('/console', limited, (_request, response, next) => {
    response.set({ 'Content-Security-Policy': policy, 'Cache-Control': 'no-cache' });
    next();
  });
  getOnly(router, '/console/theme.css', (_request, response, next) => {
    const isShipped = extname(theme) === '';
    if (isShipped) send(response, join('themes', `${theme}.css`), next);
    else response.type('css').sendFile(theme, kept, ended(next));
  });
  getOnly(router, '/console/icon.svg', (_request, response, next) => {
    send(response, 'icon.svg', next);
  });
  // A name of its own for each content: what is there once is there for good.
  getOnly(router, '/console/assets/:name', (request, response, next) => {
    const { name } = request.params;
    const assets = join(root(), 'assets');
    if (typeof name !== 'string' || !readdirSync(assets).includes(name)) throw new Fault('not-found', {});
    const isPacked = request.acceptsEncodings('gzip', 'identity') === 'gzip';
    response.type(extname(name)).vary('Accept-Encoding').set('Cache-Control', 'public, max-age=31536000, immutable');
    if (isPacked) response.set('Content-Encoding', 'gzip');
    send(response, join('assets', isPacked ? `${name}.gz` : name), next);
  });
  getOnly(router, '/console{/*address}', (_request, response, next) => {
    send(response, 'index.html', next);
  });
  return router;
};

const kept = { cacheControl: false, dotfiles: 'allow' } as const;
const ended =
  (next: (error: Error) => void) =>
  (error?: Error): void => {
    if (error !== undefined) next(error);
  };

/** As the build writes it: beside `dist/src`, and in `dist` for who runs the sources. Fault `not-found`: nobody has. */
const built = (): string => {
  const path = ['../../console', '../../dist/console']
    .map((path) => join(import.meta.dirname, path))
    .find((path) => existsSync(join(path, 'index.html')));
  if (path === undefined) throw new Fault('not-found', {}, 'The console has not been built: npm run build.');
  return path;
};
