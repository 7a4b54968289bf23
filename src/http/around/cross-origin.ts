import cors from 'cors';
import type { RequestHandler } from 'express';
import type { Site } from '../../domain/site.ts';
import { idOf, isDomain } from '../requests/ids.ts';
import type { Sites } from '../route.ts';

const allowedHeaders = [
  'Authorization',
  'X-Authorization',
  'Content-Type',
  'If-Match',
  'If-None-Match',
  'Idempotency-Key',
  'Cache-Control',
  'X-Request-Id',
];
const exposedHeaders = [
  ...[
    'ETag',
    'Location',
    'Age',
    'X-Cache',
    'X-OAuth-Removal',
    'X-OAuth-Values',
    'X-Plan-Digest',
    'Idempotency-Replayed',
  ],
  ...['Retry-After', 'X-Request-Id', 'Link', 'Total', 'Per-Page', 'RateLimit'],
];

/** Lets pages of a site's `allowedDomains` read that site's answers, and no other's. Source: user-api.md §3 "Around it". */
export const crossOrigin = (sites: Sites): RequestHandler => {
  const allow = cors({
    origin: true,
    methods: ['GET', 'HEAD', 'POST', 'PUT', 'DELETE'],
    allowedHeaders,
    exposedHeaders,
    maxAge: 600,
  });
  return async (request, response, next) => {
    const origin = request.get('origin');
    const site = origin === undefined ? null : await siteOfPath(request.path, sites);
    if (origin !== undefined && site !== null && isAllowedOrigin(origin, site)) allow(request, response, next);
    else next();
  };
};

/** Whether the origin's host is listed, as `host` (any port) or as `host:port`. */
export const isAllowedOrigin = (origin: string, { config }: Pick<Site, 'config'>): boolean => {
  if (!URL.canParse(origin)) return false;
  const { host, hostname, protocol } = new URL(origin);
  if (protocol !== 'http:' && protocol !== 'https:') return false;
  return config.allowedDomains.some((domain) => [host, hostname].includes(domain.trim().toLowerCase()));
};

/** A preflight carries no token and meets no route, so the site is read from the address itself. */
const siteOfPath = async (path: string, sites: Sites): Promise<Site | null> => {
  const name = /^\/(?:api|oauth)\/site\/([^/]+)/.exec(path)?.[1] ?? '';
  const id = idOf(name);
  if (id !== null) return sites.byId(id);
  return isDomain(name) ? sites.byDomain(name.toLowerCase()) : null;
};
