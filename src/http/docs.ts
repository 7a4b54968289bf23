import express, { type Router } from 'express';
import swaggerFolder from 'swagger-ui-dist/absolute-path.js';
import { getOnly } from './system.ts';
import { openapi } from './openapi/document.ts';
import { routes } from './routes.ts';

const page = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>Civitas</title>
    <link rel="stylesheet" href="/docs/swagger-ui.css" />
    <link rel="icon" href="/docs/favicon-32x32.png" />
  </head>
  <body>
    <div id="docs"></div>
    <script src="/docs/swagger-ui-bundle.js"></script>
    <script src="/docs/start.js"></script>
  </body>
</html>
`;
const start = `SwaggerUIBundle({ url: '/openapi.json', dom_id: '#docs', deepLinking: true, validatorUrl: null, tryItOutEnabled: true });\n`;

/** What the page may load: its own files, the styles that it writes inline, and the images inside those. No other machine. */
const policy =
  "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; object-src 'none'; base-uri 'none'; frame-ancestors 'none'";

const served = ['swagger-ui.css', 'swagger-ui-bundle.js', 'favicon-32x32.png'];

/** Made when somebody asks for the first time: not every process is asked. */
let document: string | undefined;

/** `/openapi.json`, made from the table, and `/docs` to read and try it. */
export const docs = (): Router => {
  const router = express.Router({ caseSensitive: true });
  getOnly(router, '/openapi.json', (_request, response) => {
    response.type('json').send((document ??= JSON.stringify(openapi(routes))));
  });
  router.use('/docs', (_request, response, next) => {
    response.set('Content-Security-Policy', policy);
    next();
  });
  getOnly(router, '/docs', (_request, response) => {
    response.type('html').send(page);
  });
  getOnly(router, '/docs/start.js', (_request, response) => {
    response.type('js').send(start);
  });
  for (const file of served) {
    getOnly(router, `/docs/${file}`, (_request, response, next) => {
      response.sendFile(file, { root: swaggerFolder(), cacheControl: false }, (error?: Error) => {
        if (error !== undefined) next(error);
      });
    });
  }
  return router;
};
