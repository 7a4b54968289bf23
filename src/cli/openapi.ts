import { openapi } from '../http/openapi/document.ts';
import { routes } from '../http/routes.ts';

/** Prints the OpenAPI document: `node dist/src/cli/openapi.js > openapi.json`. */
process.stdout.write(`${JSON.stringify(openapi(routes), null, 2)}\n`);
