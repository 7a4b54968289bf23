import { isMask } from '../sites/config-merge.ts';
import { pointerToken, type FieldError } from '../fault.ts';
import { isJsonObject, sameJson, type Json, type JsonObject } from '../json.ts';
import { hostOf, isAllowedHost, oauthClientOf, type GlobalOauthClient } from '../sites/oauth-client.ts';
import { siteConfigOf, type SiteConfig } from '../sites/site.ts';

interface Change {
  readonly before: JsonObject;
  readonly after: JsonObject;
  /** The config as sent: a secret given anew stands there. */
  readonly sent: JsonObject;
}
interface Known {
  readonly globalOauthClient: GlobalOauthClient;
  readonly allowedOauthHosts: readonly string[];
}

/**
 * What is wrong with the OAuth settings that a change touches. Address, client id and secret are one set: who changes the address
 * or the id gives the secret anew, else a secret that they cannot read would be sent to a server of their choice. Source:
 * user-api.md §3 "Around it", oauth-server.md §1.
 */
export const oauthSetErrors = ({ before, after, sent }: Change, known: Known): readonly FieldError[] => {
  const config = siteConfigOf(after);
  return Object.keys(oauthIn(after)).flatMap((name) => {
    const [was, is] = [settingsIn(before, name), settingsIn(after, name)];
    const changed = (key: string): boolean => !sameJson(own(was, key), own(is, key));
    const pointer = `/config/oauth/${pointerToken(name)}`;
    const hosts = addresses
      .filter((key) => changed(key) && !isHostAllowed(own(is, key), known))
      .map((key) => ({
        pointer: `${pointer}/${key}`,
        detail: 'is at a host that is not allowed (AUTH_ALLOWED_HOSTS)',
      }));
    if (!identity.some(changed)) return hosts;
    return [...hosts, ...setErrors(pointer, name, is, settingsIn(sent, name), config, known)];
  });
};

const addresses = ['auth-server-url', 'auth-internal-server-url'] as const;
/** What decides to whom a secret is sent, and as whose. */
const identity = ['adapter', ...addresses, 'auth-client-id'] as const;
const secretKey = 'auth-client-secret';

const setErrors = (
  pointer: string,
  name: string,
  is: JsonObject,
  sent: JsonObject,
  config: SiteConfig,
  { globalOauthClient }: Known,
): readonly FieldError[] => {
  const given = own(sent, secretKey);
  if (isSaid(own(is, 'auth-client-id')) && (!isSaid(given) || isMask(given)))
    return [
      {
        pointer: `${pointer}/${secretKey}`,
        detail: 'must be given anew with another address, client id or adapter: they are one set',
      },
    ];
  // Without an id of its own it takes the global one, at the global address only.
  const complete = oauthClientOf({ config }, name, globalOauthClient) !== null;
  return complete ? [] : [{ pointer, detail: 'is incomplete: address, client id and secret are one set' }];
};

const isHostAllowed = (address: Json | undefined, { allowedOauthHosts, globalOauthClient }: Known): boolean =>
  typeof address !== 'string' || isAllowedHost(hostOf(address) ?? '', allowedOauthHosts, globalOauthClient);

const isSaid = (value: Json | undefined): boolean => typeof value === 'string' && value !== '';
const own = (object: JsonObject, key: string): Json | undefined =>
  Object.hasOwn(object, key) ? object[key] : undefined;
const objectAt = (object: JsonObject, key: string): JsonObject => {
  const value = own(object, key);
  return isJsonObject(value) ? value : {};
};
const oauthIn = (config: JsonObject): JsonObject => objectAt(config, 'oauth');
const settingsIn = (config: JsonObject, name: string): JsonObject => objectAt(oauthIn(config), name);
