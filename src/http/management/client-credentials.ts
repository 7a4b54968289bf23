import { Fault } from '../../domain/fault.ts';
import type { JsonObject } from '../../domain/json.ts';
import type { Credentials } from '../../use-cases/clients/commands.ts';

/**
 * `client_id` and `client_secret` of the body; without a secret there, of HTTP Basic (which a proxy before us may use for itself).
 * Fault `invalid-client` where neither is said. Source: RFC 6749 §2.3.1.
 */
export const credentialsIn = (form: JsonObject, authorization: string | undefined): Credentials => {
  const { client_id: key, client_secret: secret } = form;
  const said = typeof secret === 'string' && secret !== '' ? { key, secret } : basicIn(authorization);
  if (typeof said?.key !== 'string' || !isShort(said.key) || !isShort(said.secret))
    throw new Fault('invalid-client', { scheme: 'Basic' }, 'An API key and its secret are needed.');
  return { key: said.key, secret: said.secret };
};

/** What is longer is neither a key nor a secret. */
const isShort = (text: string): boolean => text !== '' && text.length <= 1024;

const basicIn = (authorization: string | undefined): Credentials | null => {
  const encoded = /^basic\s+([a-z0-9+/=_-]+)$/i.exec((authorization ?? '').trim())?.[1];
  const text = encoded === undefined ? '' : Buffer.from(encoded, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  return colon < 1 ? null : { key: formText(text.slice(0, colon)), secret: formText(text.slice(colon + 1)) };
};

/** Both parts are encoded as in a form; many clients do not, which for our alphabet is the same. */
const formText = (text: string): string => {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return text;
  }
};
