import { existsSync, readdirSync } from 'node:fs';
import { extname, join } from 'node:path';
import express, { type Request, type RequestHandler, type Router } from 'express';
import { Fault } from '../domain/fault.ts';
import { getOnly, sendFile } from './system.ts';

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
 * what the address names. Whoever another site leads to one of them is asked first, at the start: what they would see there may be
 * written down in their name. A login comes back that way, too, and its page knows. Source: people.md §6; docs/adr/0028.
 */
export const consolePages = ({ theme, limited, folder }: ConsoleOptions): Router => {
  const root = (): string => folder ?? built();
  const router = express.Router({ caseSensitive: true });
  router.use('/console', limited, (_request, response, next) => {
    response.set({ 'Content-Security-Policy': policy, 'Cache-Control': 'no-cache' });
    next();
  });
  getOnly(router, '/console/theme.css', (request, response) => {
    const isShipped = extname(theme) === '';
    if (isShipped) sendFile(request, response, join('themes', `${theme}.css`), root());
    else sendFile(request, response.type('css'), theme);
  });
  getOnly(router, '/console/icon.svg', (request, response) => {
    sendFile(request, response, 'icon.svg', root());
  });
  // A name of its own for each content: what is there once is there for good.
  getOnly(router, '/console/assets/:name', (request, response) => {
    const { name } = request.params;
    const assets = join(root(), 'assets');
    // What is packed beside each is no file of its own.
    const isThere = typeof name === 'string' && extname(name) !== '.gz' && readdirSync(assets).includes(name);
    if (!isThere) throw new Fault('not-found', {});
    const isPacked = request.acceptsEncodings('gzip', 'identity') === 'gzip';
    response.type(extname(name)).vary('Accept-Encoding').set('Cache-Control', 'public, max-age=31536000, immutable');
    if (isPacked) response.set('Content-Encoding', 'gzip');
    sendFile(request, response, isPacked ? `${name}.gz` : name, assets);
  });
  getOnly(router, '/console{/*address}', (request, response) => {
    response.vary('Sec-Fetch-Site');
    if (!isLedFromElsewhere(request)) sendFile(request, response, 'index.html', root());
    else response.redirect(303, `/console?${new URLSearchParams({ to: request.originalUrl }).toString()}`);
  });
  return router;
};

/** Of a redirect it is told what is the furthest on the way. Browsers say nothing of it over plain http, where the console is shut. */
const isLedFromElsewhere = (request: Request): boolean =>
  !/^\/console\/?$/.test(request.path) && ['cross-site', 'same-site'].includes(request.get('sec-fetch-site') ?? '');

/** As the build writes it: beside `dist/src`, and in `dist` for who runs the sources. Fault `not-found`: nobody has. */
const built = (): string => {
  const path = ['../../console', '../../dist/console']
    .map((path) => join(import.meta.dirname, path))
    .find((path) => existsSync(join(path, 'index.html')));
  if (path === undefined) throw new Fault('not-found', {}, 'The console has not been built: npm run build.');
  return path;
};
