import Joi from 'joi';
import { roleAt, type Actor, atLeast } from '../../domain/actor.ts';
import { exactText, type JsonObject } from '../../domain/json.ts';
import { maskedConfig } from '../../domain/sites/masked-config.ts';
import { type Site, siteSummary } from '../../domain/sites/site.ts';
import { unreadable } from '../../domain/users/personal-text.ts';
import type { InTurn } from '../../use-cases/commands.ts';
import type { SiteChange } from '../../use-cases/sites/commands.ts';
import { nextTurn } from '../../platform/clock.ts';
import { type Answer, route } from '../route.ts';
import { byEditors, byPlatformAdmins, bySiteAdmins, isDomain, atNamedSite, nowhere, platformAdmins } from '../where.ts';
import { reference } from '../openapi/schema.ts';
import { jsonArray, quoted, tagOfJson } from '../presenters/user-records.ts';
import { isAmongTags, type EntityTags } from '../requests/headers.ts';
import { invalid, keptWhole, validated, nothing } from '../requests/validate.ts';
import { siteConfigErrors, siteConfigSchema } from '../requests/site-config.ts';
import { oauthTrouble } from '../problems.ts';

const line = Joi.string().min(1).max(255).custom(keptWhole);
const fields = {
  name: line.description('For machines and lists.'),
  title: line.description('As people read it.'),
  domain: Joi.string()
    .custom((text: string, { message }) =>
      // A number alone would be taken for an id in an address.
      isDomain(text) && !/^\d+$/.test(text) ? text.toLowerCase() : message({ custom: 'must be a host' }),
    )
    .meta({ swagger: { maxLength: 255 } })
    .description('The host under which the site is found, with or without port; one live site each.'),
  areaId: Joi.number().integer().min(1).max(2_147_483_647).allow(null),
};
const mergedHow =
  'Merged into what is there (RFC 7396): objects key by key, anything else replaced whole, null takes a key away. ' +
  '`********` keeps the secret that it stands for. Keys that this API does not read stay as they are sent.';
const config = siteConfigSchema.description(mergedHow);
/** What becomes of a config is looked at once it is merged: what was there before may stay. */
const anyConfig = Joi.object().unknown();

const needed = fields.domain.required().messages({ 'any.required': 'is needed' });
const parsedUpdate = Joi.object<SiteChange>({ ...fields, config: anyConfig });
const parsedCreate = Joi.object<SiteChange & { readonly domain: string }>({
  ...fields,
  domain: needed,
  config: anyConfig,
});

/** As documented. */
const siteUpdateBody = Joi.object({ ...fields, config });
const siteCreateBody = Joi.object({ ...fields, domain: needed, config });

/** A body as a change. Unknown keys are ignored, so that a client may send back what it got. Fault `invalid-values`. */
const parseSiteUpdate = (body: JsonObject, site: Site): SiteChange =>
  readable(validated(parsedUpdate, body, 'body'), site);
const parseSiteCreate = (body: JsonObject): SiteChange & { readonly domain: string } =>
  readable(validated(parsedCreate, body, 'body'), null);

/** The change, if sites can be told apart by what it calls this one; what the site is called already may stay. */
const readable = <T extends SiteChange>(change: T, site: Site | null): T => {
  for (const key of ['name', 'title'] as const) {
    const line = change[key];
    const refused = typeof line !== 'string' || line === site?.[key] ? null : unreadable(line);
    if (refused !== null) throw invalid(`/${key}`, refused);
  }
  return change;
};

/**
 * A site as this actor may see it, as JSON, with its tag: its config for editors and above only, without secrets. Written, masked and
 * hashed once, as a config may be 1 MB and an editor's page asks again and again. Source: user-api.md §3 "Around it".
 */
const shownTo = (actor: Actor, site: Site): ShownSite => {
  const kept = atLeast(roleAt(actor, site.id), 'editor') ? wholeSites : summaries;
  const known = kept.get(site);
  if (known !== undefined) return known;
  const summary = JSON.stringify(siteSummary(site));
  const json =
    kept === summaries
      ? summary
      : `${summary.slice(0, -1)},"config":${exactText(maskedConfig(site.rawConfig), site.rawConfig)}}`;
  const shown = { json, tag: tagOfJson(json) };
  kept.set(site, shown);
  return shown;
};
interface ShownSite {
  readonly json: string;
  readonly tag: string;
}
const [wholeSites, summaries] = [new WeakMap<Site, ShownSite>(), new WeakMap<Site, ShownSite>()];

const siteAnswer = (actor: Actor, site: Site, status: 200 | 201): Answer => {
  const { json, tag } = shownTo(actor, site);
  const location = status === 201 ? { Location: `/api/site/${site.id}` } : {};
  return { status, headers: { ETag: quoted(tag), ...location }, json };
};

/** Of what was changed just now: others have their turn before it is written. */
const changedAnswer = async (actor: Actor, site: Site, status: 200 | 201): Promise<Answer> => {
  await nextTurn();
  return siteAnswer(actor, site, status);
};

/** The answer of a view: 304 for whom has it already. */
const foundSiteAnswer = (actor: Actor, site: Site, ifNoneMatch: EntityTags | undefined): Answer => {
  const answer = siteAnswer(actor, site, 200);
  const has = ifNoneMatch !== undefined && isAmongTags(ifNoneMatch, shownTo(actor, site).tag);
  return has ? { status: 304, headers: answer.headers ?? {} } : answer;
};

export const siteRoutes = [
  route({
    method: 'get',
    path: '/api/site',
    operationId: 'listSites',
    summary: 'List all sites',
    group: 'Sites',
    who: platformAdmins,
    needsToken: true,
    query: nothing,
    where: nowhere,
    may: byPlatformAdmins,
    // Each config may be a MB: others have their turn between two.
    handler: async ({ sites }, { actor }) => ({
      status: 200,
      pieces: jsonArray([await sites.all()], (site) => shownTo(actor, site).json),
    }),
    cache: 'private, no-cache',
    answer: {
      status: 200,
      description: 'All sites, in id order.',
      schema: { type: 'array', items: reference('Site') },
    },
    problems: ['forbidden'],
  }),
  route({
    method: 'post',
    path: '/api/site',
    operationId: 'createSite',
    summary: 'Create a site',
    group: 'Sites',
    who: `${platformAdmins} Credentials in \`config.oauth\` are tried at their OAuth server first.`,
    needsToken: true,
    query: nothing,
    requestBody: siteCreateBody,
    document: 'config',
    bodyLimit: '1 MB',
    where: nowhere,
    may: byPlatformAdmins,
    handler: async ({ useCases }, { actor, body }) => {
      const change = parseSiteCreate(body);
      return changedAnswer(actor, await useCases.createSite({ actor, change, configErrors: siteConfigErrors }), 201);
    },
    cache: 'private, no-cache',
    answer: {
      status: 201,
      description: 'The new site.',
      schema: reference('Site'),
      headers: ['Location', 'ETag'],
    },
    problems: ['forbidden', 'conflict', 'invalid-values', ...oauthTrouble],
  }),
  route({
    method: 'get',
    path: '/api/site/{siteId}',
    operationId: 'viewSite',
    summary: 'View one site, by id or by domain',
    group: 'Sites',
    who: 'Everybody; the config for editors and above only, its secrets masked.',
    needsToken: false,
    query: nothing,
    where: atNamedSite,
    handler: (_services, { actor, where, ifNoneMatch }) =>
      Promise.resolve(foundSiteAnswer(actor, where.site, ifNoneMatch)),
    cache: 'private, no-cache',
    answer: {
      status: 200,
      description: 'The site.',
      schema: reference('Site'),
      headers: ['ETag'],
      notModified: true,
    },
    problems: ['site-not-found'],
  }),
  route({
    method: 'put',
    path: '/api/site/{siteId}',
    operationId: 'updateSite',
    summary: 'Update one site',
    group: 'Sites',
    who: 'Editors and above of the site; `config.allowedDomains` and `domain` its admins; `config.oauth` platform admins: a client’s secret is a key to everybody at its OAuth server. New credentials are tried there before they are kept.',
    needsToken: true,
    query: nothing,
    requestBody: siteUpdateBody,
    document: 'config',
    bodyLimit: '1 MB',
    conditional: true,
    where: atNamedSite,
    may: byEditors,
    handler: async ({ useCases }, { actor, where: { site }, body, ifMatch, inTurn }) => {
      const stillMatches = (now: Site): boolean => isAmongTags(ifMatch ?? [], shownTo(actor, now).tag);
      const condition = ifMatch === undefined ? {} : { stillMatches };
      const change = parseSiteUpdate(body, site);
      // What a change costs follows from what is there as well, which it is merged into.
      const merging: InTurn = (merge) => inTurn(merge, { merges: true, isLarge: () => true });
      const wish = { actor, site, change, configErrors: siteConfigErrors, inTurn: merging, ...condition };
      return changedAnswer(actor, await useCases.updateSite(wish), 200);
    },
    cache: 'private, no-cache',
    answer: { status: 200, description: 'The site after the change.', schema: reference('Site'), headers: ['ETag'] },
    problems: ['forbidden', 'site-not-found', 'conflict', 'precondition-failed', 'invalid-values', ...oauthTrouble],
  }),
  route({
    method: 'delete',
    path: '/api/site/{siteId}',
    operationId: 'deleteSite',
    refusesUnknown: true,
    summary: 'Delete a site that has ended and whose users are all anonymized',
    group: 'Sites',
    who: 'Admins of the site.',
    needsToken: true,
    query: nothing,
    where: atNamedSite,
    may: bySiteAdmins,
    handler: async ({ useCases }, { actor, where: { site } }) => {
      await useCases.deleteSite({ actor, site });
      return { status: 200, body: { site: 'deleted' } };
    },
    cache: 'private, no-cache',
    answer: { status: 200, description: 'Gone; its contributions stay.', schema: reference('SiteDeleted') },
    problems: ['forbidden', 'site-not-found', 'conflict', 'busy'],
  }),
];
