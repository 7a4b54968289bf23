import cors from 'cors';
import type { Request, RequestHandler, Response } from 'express';
import type { Actor } from '../../domain/actor.ts';
import type { Site } from '../../domain/sites/site.ts';
import { idOf, isDomain } from '../where.ts';
import type { RouteMetadata, Sites } from '../route.ts';

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

/**
 * Lets pages of a site's `allowedDomains` read that site's answers, and no other's. Some rows have no site in their address (people,
 * the audit, an operation, its receipt), and a preflight carries no token: there pages of every site may ask, and the answer is kept
 * to the caller's own site where the row says so (`keepToSiteOf`). Source: user-api.md §3 "Around it", docs/adr/0013.
 * `failsOften`: from where mostly wrong tokens come sites are looked up in the list that is kept, as nobody counts those requests
 * before the token is looked at, and a site that is not there would be asked for each time.
 */
export const crossOrigin = (
  rows: readonly RouteMetadata[],
  sites: Sites,
  failsOften: (request: Request) => boolean,
): RequestHandler => {
  const ofNoSite = addressesOf(rows.filter(({ ofCallersSite, ofEverySite }) => ofCallersSite ?? ofEverySite));
  const allow = cors({
    origin: true,
    methods: ['GET', 'HEAD', 'POST', 'PUT', 'DELETE'],
    allowedHeaders,
    exposedHeaders,
    maxAge: 600,
  });
  return async (request, response, next) => {
    const origin = request.get('origin');
    const mayRead = ofNoSite.test(request.path) ? isOfAny : isOfNamed;
    if (origin !== undefined && (await mayRead(origin, failsOften(request) ? keptSites(sites) : sites, request.path)))
      allow(request, response, next);
    else next();
  };
};

/** Of sites as they were when all were read last. */
export const keptSites = ({ all }: Sites): Sites => ({
  all,
  byId: async (id) => (await all()).find((site) => site.id === id) ?? null,
  byDomain: async (name) => (await all()).find(({ domain }) => domain.toLowerCase() === name) ?? null,
});

/** Of an answer about something of no site: only pages of the site that the caller's session is good for may read it. */
export const keepToSiteOf = async (
  { reach }: Actor,
  sites: Sites,
  request: Request,
  response: Response,
): Promise<void> => {
  const origin = request.get('origin');
  if (origin === undefined) return;
  const site = reach.kind === 'one-site' && reach.siteId !== null ? await sites.byId(reach.siteId) : null;
  if (site === null || !isAllowedOrigin(origin, site)) response.removeHeader('Access-Control-Allow-Origin');
};

const isOfNamed = async (origin: string, sites: Sites, path: string): Promise<boolean> => {
  const site = await siteOfPath(path, sites);
  return site !== null && isAllowedOrigin(origin, site);
};
const isOfAny = async (origin: string, sites: Sites): Promise<boolean> => {
  const all = listedBy(await sites.all());
  return hostsOf(origin).some((host) => all.has(host));
};

/** With and without a slash at the end. */
const addressesOf = (rows: readonly RouteMetadata[]): RegExp => {
  const addresses = rows.map(({ path }) => path.replaceAll('.', String.raw`\.`).replace(/\{\w+\}/g, '[^/]+'));
  return new RegExp(`^(?:${addresses.join('|')})/?$`);
};

/** What the sites list together; looked through once for each list as it was read. */
const listedBy = (sites: readonly Site[]): ReadonlySet<string> => {
  const known = listed.get(sites) ?? new Set(sites.flatMap(({ config }) => config.allowedDomains.map(asHost)));
  listed.set(sites, known);
  return known;
};
const listed = new WeakMap<readonly Site[], ReadonlySet<string>>();

/** Whether the origin's host is listed, as `host` (any port) or as `host:port`. */
export const isAllowedOrigin = (origin: string, { config }: Pick<Site, 'config'>): boolean => {
  const hosts = hostsOf(origin);
  return config.allowedDomains.some((domain) => hosts.includes(asHost(domain)));
};

/** With port and without; none of what is no page. */
const hostsOf = (origin: string): readonly string[] => {
  if (!URL.canParse(origin)) return [];
  const { host, hostname, protocol } = new URL(origin);
  return protocol === 'http:' || protocol === 'https:' ? [host, hostname] : [];
};
const asHost = (domain: string): string => domain.trim().toLowerCase();

/** A preflight carries no token and meets no route, so the site is read from the address itself. */
const siteOfPath = async (path: string, sites: Sites): Promise<Site | null> => {
  const name = /^\/(?:api|oauth)\/site\/([^/]+)/.exec(path)?.[1] ?? '';
  const id = idOf(name);
  if (id !== null) return sites.byId(id);
  return isDomain(name) ? sites.byDomain(name.toLowerCase()) : null;
};
