import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { OauthClient } from '../../src/domain/sites/oauth-client.ts';
import { builtFolder } from './compiled.ts';
import type { ProviderSpec } from './oidc-provider/main.ts';

/** An OpenID Connect server that runs (the package oidc-provider, in a process of its own), and browsers to log in there. */
export interface OidcWorld {
  readonly url: string;
  /** Host and port, for `allowedHosts`. */
  readonly host: string;
  client(clientId?: string): OauthClient;
  /** New keys: what is signed from now on, an older JWKS does not know. */
  rotate(): Promise<void>;
  close(): Promise<void>;
}
export type OidcClientSpec = Partial<ProviderSpec['clients'][number]> & { readonly clientId: string };

export const redirectUri = 'http://127.0.0.1:9/oauth/site/1/digest-login?useOauth=default';
const usualClients: readonly OidcClientSpec[] = ['client-1', 'client-2'].map((clientId) => ({ clientId }));

export const startOidcWorld = async ({
  clients = usualClients,
  people = {},
  accessTokenSeconds = 3600,
  port = 0,
}: {
  clients?: readonly OidcClientSpec[];
  people?: ProviderSpec['people'];
  accessTokenSeconds?: number;
  port?: number;
} = {}): Promise<OidcWorld> => {
  const spec: ProviderSpec = { clients: clients.map(whole), people, accessTokenSeconds, port };
  const child = fork(join(builtFolder, 'dist/test/support/oidc-provider/main.js'), [JSON.stringify(spec)], {
    // Its warnings (that it is a development setting) are not the tests'.
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  const words: Buffer[] = [];
  child.stderr?.on('data', (piece: Buffer) => words.push(piece));
  const ended = once(child, 'exit');
  const first: unknown[] = await Promise.race([once(child, 'message'), ended]);
  const url = first[0];
  if (typeof url !== 'string') throw new Error(`oidc-provider did not start: ${Buffer.concat(words).toString()}`);
  return {
    url,
    host: new URL(url).host,
    client: (clientId) => {
      const found = spec.clients.find((one) => clientId === undefined || one.clientId === clientId);
      if (found === undefined) throw new Error(`no client ${clientId ?? ''} in this world`);
      const { clientSecret } = found;
      return { issuer: url, internalUrl: url, clientId: found.clientId, clientSecret, adapter: 'oidc', settings: {} };
    },
    rotate: async () => {
      const rotated = once(child, 'message');
      child.send('rotate');
      await rotated;
    },
    close: async () => {
      child.disconnect();
      await ended;
    },
  };
};

const whole = (said: OidcClientSpec): ProviderSpec['clients'][number] => ({
  clientSecret: `secret of ${said.clientId}`,
  redirectUris: [redirectUri],
  afterLogout: ['http://127.0.0.1:9/bye'],
  backchannelLogoutUri: null,
  authMethod: 'client_secret_basic',
  ...said,
});

/** A browser without a screen: follows redirects of some servers, keeps their cookies, and fills in the forms of oidc-provider. */
export interface FormBrowser {
  /** Goes there, and on, as somebody who logs in and agrees; answers the first address that `isThere`. */
  logIn(address: string, sub: string, isThere: (url: URL) => boolean): Promise<string>;
  /** Goes to a logout address and confirms. */
  logOut(address: string): Promise<void>;
}

export const formBrowser = (): FormBrowser => {
  const cookies = new Map<string, string>();
  const visit = async (address: string, form?: Readonly<Record<string, string>>) => {
    const response = await fetch(address, {
      redirect: 'manual',
      headers: { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; '), accept: 'text/html' },
      ...(form === undefined ? {} : { method: 'POST', body: new URLSearchParams(form) }),
    });
    for (const line of response.headers.getSetCookie()) {
      const [pair = ''] = line.split(';');
      const at = pair.indexOf('=');
      if (/expires=Thu, 01 Jan 1970/i.test(line)) cookies.delete(pair.slice(0, at));
      else cookies.set(pair.slice(0, at), pair.slice(at + 1));
    }
    const location = response.headers.get('location');
    return { status: response.status, text: await response.text(), next: location && new URL(location, address).href };
  };
  return {
    logIn: async (address, sub, isThere) => {
      let page = { ...(await visit(address)), at: address };
      for (let steps = 0; steps < 20; steps += 1) {
        if (page.next !== null) {
          if (isThere(new URL(page.next))) return page.next;
          page = { ...(await visit(page.next)), at: page.next };
          continue;
        }
        const action = /<form[^>]*action="([^"]+)"/.exec(page.text)?.[1];
        if (action === undefined) break;
        const target = new URL(action.replaceAll('&amp;', '&'), page.at).href;
        const form = page.text.includes('value="login"')
          ? { prompt: 'login', login: sub, password: 'x' }
          : { prompt: 'consent' };
        page = { ...(await visit(target, form)), at: target };
      }
      throw new Error(`the login went astray: ${page.status} ${page.text.slice(0, 500)}`);
    },
    logOut: async (address) => {
      const page = await visit(address);
      const xsrf = /name="xsrf" value="([^"]+)"/.exec(page.text)?.[1] ?? '';
      const action = /action="([^"]+)"/.exec(page.text)?.[1] ?? '';
      await visit(new URL(action, address).href, { xsrf, logout: 'yes' });
    },
  };
};
