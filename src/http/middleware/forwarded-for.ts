import type { RequestHandler } from 'express';

/**
 * Takes the ports off `X-Forwarded-For`, which some proxies write along (`ip:port`, `[v6]:port`): whatever reads addresses
 * afterwards, ours or Express's own, would take none of them for an address, and the whole city for one visitor. Source: running.md.
 */
export const forwardedFor: RequestHandler = (request, _response, next) => {
  const said = request.get('x-forwarded-for');
  if (said?.includes(':') === true)
    request.headers['x-forwarded-for'] = said
      .split(',')
      .map((entry) => withoutPort(entry.trim()))
      .join(', ');
  next();
};

const withoutPort = (entry: string): string =>
  /^\[([\da-f:.]+)\](?::\d{1,5})?$/i.exec(entry)?.[1] ?? /^(\d+(?:\.\d+){3}):\d{1,5}$/.exec(entry)?.[1] ?? entry;
