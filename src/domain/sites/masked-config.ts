import { isJsonObject, mapped, type Json, type JsonObject } from '../json.ts';

export const mask = '********';

/**
 * Names under which settings hold something that opens a door: `auth-client-secret`, `basicAuth.password`, `apiKey`,
 * `cookieSecret`, `smtp.pass`, `googleMapsApiKey`, `privateKey`, `accessToken`, `connectionString`. Rather one too many:
 * a masked value that is sent back changes nothing.
 */
const secretName =
  /secret|pass[-_]?w|passphrase|wachtwoord|token|credential|salt|dsn$|connection[-_]?string|keys?$|^jwt$|pwd$|pass$/i;
/** Names under which a text is one; settings in an object of that name are no secret for it. */
const secretTextName = /authori[sz]ation$|bearer$|basic[-_]?auth$|^(?:set-?)?cookie$|(?:^|[-_])t?otp$/i;
/** What is one under any name: a private key, and what a header of a request would hold (`isHeader`). */
const privateKey = /-----BEGIN [A-Z ]*PRIVATE KEY-----/i;
const header = /^\s*(basic|bearer)\s+(\S+)\s*$/i;
/** An address that carries its own password. */
const addressWithPassword = /^([a-z][a-z\d+.-]*:\/\/)[^/?#\s]*@/i;

/** A site's config with every secret as `********`, at any depth. Nothing about its length is told; flags and nothing stay. */
export const maskedConfig = (config: JsonObject): JsonObject => objectMasked(config, false);

const objectMasked = (object: JsonObject, all: boolean): JsonObject =>
  mapped(object, (value, name) => masked(value, all || isSecret(name, value)));

const isSecret = (name: string, value: Json): boolean =>
  secretName.test(name) || (typeof value === 'string' && secretTextName.test(name));

/** One value as it is shown; `secret`: it stands under, or inside of, such a name. */
const masked = (value: Json, secret: boolean): Json => {
  if (isJsonObject(value)) return objectMasked(value, secret);
  if (Array.isArray(value)) return value.map((item: Json) => masked(item, secret));
  if (value === null || value === '' || typeof value === 'boolean') return value;
  if (secret) return mask;
  if (typeof value !== 'string') return value;
  return privateKey.test(value) || isHeader(value) ? mask : value.replace(addressWithPassword, `$1${mask}@`);
};

/** With a user and password (RFC 7617), or a token (RFC 6750) that is no word: `Basic income` and `Bearer bonds` are texts of people. */
const isHeader = (text: string): boolean => {
  const [, scheme = '', credential = ''] = header.exec(text) ?? [];
  // No word is that long, and looking through a MB takes longer than reading the config.
  if (credential.length > longestCredential) return true;
  if (scheme.toLowerCase() !== 'basic') return isToken(credential);
  return isUserAndPassword(credential) || isUserAndPassword(decoded(credential));
};
const longestCredential = 8192;
const isUserAndPassword = (text: string): boolean => /^[^:\p{Cc}]+:\P{Cc}+$/u.test(text);
/** Any byte may stand in a password but control characters of ASCII, so that few words come to one. */
const decoded = (text: string): string => {
  try {
    return new TextDecoder().decode(Uint8Array.from(atob(text), (byte) => byte.charCodeAt(0)));
  } catch {
    return '';
  }
};
/** A digit, a capital behind the beginning, or a sign that no word has. */
const isToken = (text: string): boolean => /^[\w.~+/-]+=*$/.test(text) && /[\d._~+/=-]|.[A-Z]/.test(text);
