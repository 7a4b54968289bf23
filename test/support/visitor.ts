/** A browser without a screen: it keeps cookies by host, and follows nothing by itself. */
export interface Visitor {
  readonly open: (address: string, headers?: Readonly<Record<string, string>>) => Promise<Opened>;
  /** Presses the button of this person on the development OAuth server's login page. */
  readonly choose: (page: Opened, externalId: number) => Promise<Opened>;
  /** As many steps as it takes until an address of another site, or no redirect. */
  readonly follow: (opened: Opened, within: readonly string[]) => Promise<Opened>;
  /** What it would send along to this host. */
  readonly cookieFor: (host: string) => string;
  /** A copy with the same cookies. */
  readonly copy: () => Visitor;
}
export interface Opened {
  readonly address: string;
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** Where it sends on to; null where it does not. */
  readonly onward: string | null;
}

export const aVisitor = (jar = new Map<string, Map<string, string>>()): Visitor => {
  const cookieFor = (host: string): string =>
    [...(jar.get(host) ?? [])].map(([name, value]) => `${name}=${value}`).join('; ');
  const ask = async (address: string, init: RequestInit = {}): Promise<Opened> => {
    const { host } = new URL(address);
    const held = jar.get(host) ?? new Map<string, string>();
    jar.set(host, held);
    const cookie = cookieFor(host);
    const headers = new Headers(init.headers);
    if (cookie !== '') headers.set('cookie', cookie);
    const response = await fetch(address, { ...init, headers, redirect: 'manual' });
    for (const set of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(set) ?? [];
      if (value === '' || /Max-Age=0(?:;|$)/.test(set)) held.delete(name);
      else held.set(name, value);
    }
    const location = response.headers.get('location');
    return {
      address,
      status: response.status,
      headers: response.headers,
      text: await response.text(),
      onward: location === null ? null : new URL(location, address).href,
    };
  };
  const visitor: Visitor = {
    open: (address, headers = {}) => ask(address, { headers }),
    choose: (page, externalId) =>
      ask(page.address, { method: 'POST', body: new URLSearchParams({ userId: String(externalId) }) }),
    follow: async (opened, within) => {
      let at = opened;
      while (at.onward !== null && within.includes(new URL(at.onward).origin)) at = await ask(at.onward);
      return at;
    },
    cookieFor,
    copy: () => aVisitor(new Map([...jar].map(([host, held]) => [host, new Map(held)]))),
  };
  return visitor;
};

interface AuthorizationFlow {
  readonly apiUrl: string;
  readonly oauthUrl: string;
  readonly siteId: number | string;
  readonly redirectUrl: string;
  /** More of the query of login. */
  readonly more?: string;
}

/** From login to where digest-login is about to be opened: the last step is the caller's. */
export const upToDigest = (
  visitor: Visitor,
  { apiUrl, oauthUrl, siteId, redirectUrl, more = '' }: AuthorizationFlow,
  externalId: number,
): Promise<string> => {
  const login = `${apiUrl}/oauth/site/${siteId}/login?redirectUrl=${encodeURIComponent(redirectUrl)}${more}`;
  return upToReturn(visitor, login, oauthUrl, externalId);
};

/** From wherever a login begins to where the OAuth server sends the browser back to, which is not opened yet. */
export const upToReturn = async (
  visitor: Visitor,
  login: string,
  oauthUrl: string,
  externalId: number,
): Promise<string> => {
  const begun = await visitor.open(login);
  if (begun.status !== 302) throw new Error(`no login: ${begun.status} ${begun.text}`);
  const page = await visitor.follow(begun, [oauthUrl]);
  const chosen = page.onward === null ? await visitor.choose(page, externalId) : page;
  const back = await visitor.follow(chosen, [oauthUrl]);
  if (back.onward === null) throw new Error(`not sent back: ${back.status} ${back.text}`);
  return back.onward;
};

/** A whole login; answers what digest-login says, and the token where it gives one. */
export const logInAs = async (
  visitor: Visitor,
  flow: AuthorizationFlow,
  externalId: number,
): Promise<Opened & { readonly token: string }> => {
  const digest = await visitor.open(await upToDigest(visitor, flow, externalId));
  return { ...digest, token: new URL(digest.onward ?? 'http://none').searchParams.get('jwt') ?? '' };
};

/** A whole login at the console; answers what its way back says. `query`: with its question mark. */
export const logIntoConsole = async (
  visitor: Visitor,
  { apiUrl, oauthUrl, query = '' }: Pick<AuthorizationFlow, 'apiUrl' | 'oauthUrl'> & { readonly query?: string },
  externalId: number,
): Promise<Opened> =>
  visitor.open(await upToReturn(visitor, `${apiUrl}/oauth/console/login${query}`, oauthUrl, externalId));

/** What a page of the console sends beside its cookie. */
export const fromConsole = { 'X-Civitas-Console': '1', 'Sec-Fetch-Site': 'same-origin' } as const;
