import { resolve } from 'node:path';
import type { Config } from '../config/index.ts';

/** What the demo prints once it listens. */
export const welcome = (
  url: string,
  oauthUrl: string,
  { authorization, dataDir }: Pick<Config, 'authorization' | 'dataDir'>,
): string => `
Civitas is running: the demo, on a world of its own.

  API            ${url}/api/site/1/user
  documentation  ${url}/docs   (OpenAPI: ${url}/openapi.json)
  OAuth server   ${oauthUrl}   (for development only: it lets anybody in as anybody)
  tokens         ${authorization.fixedTokens.map(({ token }) => token).join('  ')}
  log in         ${url}/oauth/site/1/login?redirectUrl=${encodeURIComponent(`${oauthUrl}/site?site=1`)}

Worth trying:

  curl '${url}/api/site/1/user?page=0&pageSize=1'
  curl -H 'X-Authorization: demo-admin' '${url}/api/site/1/user/${nielsId}/will-anonymizeall?view=summary'
  curl '${url}/api/site/1/user/${nielsId}/activity?includeOtherSites=0&includeIdeas=1'

A back office of sites 1 and 2 (API key and secret for ${url}/oauth/token): ${sameData(dataDir)}npm run client -- create 'Back office' --sites 1,2 --scopes admin

Ctrl-C stops it; what you changed is kept. \`npm start -- --reset\` begins anew.
`;

/** What a command has to be told to find this demo's data; its port is none of it. */
const sameData = (dataDir: string): string =>
  dataDir === resolve('data') ? '' : `DATA_DIR='${dataDir.replaceAll("'", String.raw`'\''`)}' `;

/** Niels Vegter, the example of user-api.md §4, on site 1. */
const nielsId = 101;
