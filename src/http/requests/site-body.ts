import Joi from 'joi';
import type { JsonObject } from '../../domain/json.ts';
import type { SiteChange } from '../../use-cases/sites/commands.ts';
import { isDomain } from './ids.ts';
import { keptWhole } from './kept-whole.ts';
import { siteConfigSchema } from './site-config.ts';
import { validated } from './validate.ts';

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
export const siteUpdateBody = Joi.object({ ...fields, config });
export const siteCreateBody = Joi.object({ ...fields, domain: needed, config });

/** A body as a change. Unknown keys are ignored, so that a client may send back what it got. Fault `invalid-values`. */
export const parseSiteUpdate = (body: JsonObject): SiteChange => validated(parsedUpdate, body, 'body');
export const parseSiteCreate = (body: JsonObject): SiteChange & { readonly domain: string } =>
  validated(parsedCreate, body, 'body');
