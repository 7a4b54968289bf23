import { isPlatformAdmin, type Actor } from './actor.ts';
import { isJsonObject, sameJson, type Json, type JsonObject } from './json.ts';
import { oauthClientOf, type GlobalOauthClient, type OauthClient } from './oauth-client.ts';
import { siteConfigOf } from './site-config.ts';
import type { Site } from './site.ts';
import { mustBePlatformAdmin, mustBeSiteAdmin } from './user-rules.ts';

interface Wish {
  readonly actor: Actor;
  readonly siteId: number;
  /** The site's config, raw. */
  readonly before: JsonObject;
  readonly after: JsonObject;
}

/**
 * An issuer is shared: whoever decides which server speaks for it, or how its words are read, decides who people are at every
 * site of that issuer. So an address that is not the issuer's own (nor the global pair) is the platform admins' to give, and what
 * reads its words needs the right at each site of the issuer. Else an admin of one site could log in there as anybody.
 * Fault `forbidden`. Source: user-api.md §1 "what reaches the whole person".
 */
export const mustBeTrustedWithIssuers = (
  { actor, siteId, before, after }: Wish,
  sites: readonly Site[],
  globals: GlobalOauthClient,
): void => {
  if (isPlatformAdmin(actor)) return;
  for (const name of namesIn(after)) {
    const [was, is] = [clientIn(before, name, globals), clientIn(after, name, globals)];
    if (is === null) continue;
    const isMoved = was?.issuer !== is.issuer || was.internalUrl !== is.internalUrl;
    if (isMoved && !speaksForItself(is, globals)) mustBePlatformAdmin(actor, field);
    // What was said about the words of another issuer, or of none yet, was never this issuer's sites' to agree to.
    const [known, agreed] = was?.issuer === is.issuer ? [was, before] : [null, {}];
    if ((known?.adapter ?? 'openstad') === is.adapter && sameJson(readingOf(agreed, name), readingOf(after, name)))
      continue;
    for (const site of sites.filter(({ id, rawConfig }) => id !== siteId && isAt(rawConfig, is.issuer, globals)))
      mustBeSiteAdmin(actor, site.id, field);
  }
};

const field = 'config.oauth';
/** What decides whom an answer of the server is about. */
const reading = ['claims', 'auth-server-get-user-path', 'auth-server-exchange-code-path'] as const;

const speaksForItself = ({ issuer, internalUrl }: OauthClient, globals: GlobalOauthClient): boolean =>
  internalUrl === issuer || (globals?.issuer === issuer && globals.internalUrl === internalUrl);

const readingOf = (config: JsonObject, name: string): Json => {
  const oauth = config['oauth'];
  const settings = isJsonObject(oauth) && Object.hasOwn(oauth, name) ? oauth[name] : {};
  return reading.map((key) =>
    isJsonObject(settings) && Object.hasOwn(settings, key) ? (settings[key] ?? null) : null,
  );
};
const clientIn = (config: JsonObject, name: string, globals: GlobalOauthClient): OauthClient | null =>
  oauthClientOf({ config: siteConfigOf(config) }, name, globals);
const namesIn = (config: JsonObject): readonly string[] => ['default', ...siteConfigOf(config).oauth.keys()];
const isAt = (config: JsonObject, issuer: string, globals: GlobalOauthClient): boolean =>
  namesIn(config).some((name) => clientIn(config, name, globals)?.issuer === issuer);
