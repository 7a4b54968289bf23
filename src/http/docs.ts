import { escaped } from './presenters/page.ts';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzip, gzipSync } from 'node:zlib';
import express, { type Request, type RequestHandler, type Response, type Router } from 'express';
import { Fault } from '../domain/fault.ts';
import { conditionsIn, isAmongTags } from './requests/headers.ts';
import { getOnly, sendFile } from './system.ts';
import type { Route } from './route.ts';

export interface DocsOptions {
  /** Those that are served. */
  readonly routes: readonly Route[];
  /** The token that the page offers to fill in; absent but in the demo, where everybody knows it. */
  readonly demoToken?: string;
  /** Goes before each answer: whoever asks here shows no credential. */
  readonly limited: RequestHandler;
}

const page = (demoToken: string | undefined): string => `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>Civitas: every call</title>
    <link rel="stylesheet" href="/docs/page.css" />
    <link rel="icon" href="/docs/icon.svg" />
    <script type="module" src="/docs/page.js"></script>
  </head>
  <body${demoToken === undefined ? '' : ` data-demo-token="${escaped(demoToken)}"`}>
    <header>
      <h1>Civitas</h1>
      <a href="/openapi.json">OpenAPI</a>
    </header>
    <main>
      <p>Every call, with a way to try it, is shown here by a script. For programs it stands in /openapi.json.</p>
    </main>
  </body>
</html>
`;

/** Its own files and its own API, and nothing else: no other machine, nothing inline, and no text that becomes markup. */
const policy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'";

const served = [
  ...['page', 'call', 'try-it', 'credentials', 'shapes', 'elements'].map((name) => `${name}.js`),
  'page.css',
  'icon.svg',
];
const folder = join(import.meta.dirname, 'docs-page');

/** Bytes, as they travel: a text of a megabyte would be encoded anew for each who asks, and everybody else would wait for that. */
interface Kept {
  readonly plain: Buffer;
  readonly packed: Buffer;
  readonly tag: string;
}
/** Made when somebody asks for the first time, with the examples read then: not every process is asked. */
const documents = new WeakMap<readonly Route[], Promise<Kept>>();
const makeDocument = async (routes: readonly Route[]): Promise<Kept> => {
  const { documentedApi } = await import('./openapi/examples.ts');
  const plain = Buffer.from(JSON.stringify(await documentedApi(routes)));
  return { plain, packed: await promisify(gzip)(plain), tag: tagOf(plain) };
};
const wholeDocument = (routes: readonly Route[]): Promise<Kept> => {
  const made =
    documents.get(routes) ??
    makeDocument(routes).catch((error: unknown) => {
      documents.delete(routes);
      throw error;
    });
  documents.set(routes, made);
  return made;
};

/**
 * `/openapi.json`, made from the table of routes, `/docs` to read and try it, where `/` leads, and `/client.js` for pages of whatever
 * host to import. Source: people.md §3, §5.
 */
export const docs = ({ routes, demoToken, limited }: DocsOptions): Router => {
  const router = express.Router({ caseSensitive: true });
  router.all('/', limited);
  router.use(['/openapi.json', '/docs', '/client.js'], limited);
  getOnly(router, '/', (_request, response) => {
    response.redirect('/docs');
  });
  getOnly(router, '/openapi.json', async (request, response) => {
    const document = await wholeDocument(routes);
    response.set('Cache-Control', 'no-cache');
    sendKept(request, response.type('json'), document);
  });
  router.use('/docs', (_request, response, next) => {
    response.set({ 'Content-Security-Policy': policy, 'Cache-Control': 'no-cache' });
    next();
  });
  getOnly(router, '/docs', (_request, response) => {
    response.type('html').send(page(demoToken));
  });
  for (const file of served) {
    getOnly(router, `/docs/${file}`, (request, response) => {
      sendFile(request, response, file, folder);
    });
  }
  getOnly(router, '/client.js', (request, response) => {
    client ??= builtClient();
    response.set({
      'Cache-Control': 'public, max-age=300',
      // It holds nothing of anybody, and is the same for all.
      'Access-Control-Allow-Origin': '*',
      'Cross-Origin-Resource-Policy': 'cross-origin',
    });
    sendKept(request, response.type('js'), client);
  });
  return router;
};

/** The client as the build writes it: beside `dist/src`, and in `dist` for who runs the sources. Fault `not-found`: nobody has. */
const builtClient = (): Kept => {
  const path = ['../../client.js', '../../dist/client.js']
    .map((path) => join(import.meta.dirname, path))
    .find((path) => existsSync(path));
  if (path === undefined) throw new Fault('not-found', {}, 'The client has not been built: npm run build.');
  const plain = readFileSync(path);
  return { plain, packed: gzipSync(plain, { level: 9 }), tag: tagOf(plain) };
};
/** Packed for whoever takes that. */
const sendKept = (request: Request, response: Response, kept: Kept): void => {
  const isPacked = request.acceptsEncodings('gzip', 'identity') === 'gzip';
  // What travels differs, and so does its tag.
  response.vary('Accept-Encoding').set('ETag', isPacked ? kept.tag.replace(/"$/, '-gzip"') : kept.tag);
  if (has(request, kept)) response.status(304).end();
  else if (isPacked) response.set('Content-Encoding', 'gzip').send(kept.packed);
  else response.send(kept.plain);
};
/** Also where the request says `no-cache`, as every fetch with a tag of its own does: `request.fresh` heeds that. */
const has = (request: Request, { tag }: Kept): boolean => {
  const { ifNoneMatch } = conditionsIn({ method: 'get' }, (name) => request.get(name));
  return ifNoneMatch !== undefined && isAmongTags(ifNoneMatch, tag.slice(1, -1));
};
const tagOf = (bytes: Buffer): string => `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 27)}"`;
/** Read, and packed, when somebody asks for the first time. */
let client: Kept | undefined;
