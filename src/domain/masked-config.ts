import { isJsonObject, type Json, type JsonObject } from './json.ts';

export const mask = '********';

/**
 * Names under which settings hold something that opens a door: `auth-client-secret`, `basicAuth.password`, `apiKey`,
 * `cookieSecret`, `smtp.pass`, `googleMapsApiKey`, `privateKey`, `accessToken`, `connectionString`. Rather one too many:
 * a masked value that is sent back changes nothing.
 */
const secretName = /secret|passw|passphrase|token|credential|salt|dsn$|connection[-_]?string|keys?$|^jwt$|pwd$|pass$/i;
/** An address that carries its own password. */
const addressWithPassword = /^([a-z][a-z\d+.-]*:\/\/)[^/?#\s]*@/i;

/** A site's config with every secret as `********`, at any depth. Nothing about its length is told; flags and nothing stay. */
export const maskedConfig = (config: JsonObject): JsonObject => objectMasked(config, false);

/** Whether what stands under this name is a secret, and whatever is inside it. */
export const isSecretName = (name: string): boolean => secretName.test(name);

const objectMasked = (object: JsonObject, all: boolean): JsonObject =>
  Object.fromEntries(Object.entries(object).map(([name, value]) => [name, masked(value, all || isSecretName(name))]));

/** One value as it is shown; `secret`: it stands under, or inside of, such a name. */
export const masked = (value: Json, secret: boolean): Json => {
  if (isJsonObject(value)) return objectMasked(value, secret);
  if (Array.isArray(value)) return value.map((item: Json) => masked(item, secret));
  if (value === null || value === '' || typeof value === 'boolean') return value;
  if (secret) return mask;
  return typeof value === 'string' ? value.replace(addressWithPassword, `$1${mask}@`) : value;
};
