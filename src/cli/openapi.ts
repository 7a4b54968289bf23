import { documentedApi } from '../http/openapi/examples.ts';
import { routes } from '../http/routes.ts';

/** Prints the OpenAPI document: `node dist/src/cli/openapi.js > openapi.json`. */
process.stdout.write(`${JSON.stringify(await documentedApi(routes), null, 2)}\n`);
