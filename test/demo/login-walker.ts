import { passwordAt } from '../../src/demo/oauth-server/login/two-factor.ts';
import type { OauthServer } from '../../src/demo/oauth-server/index.ts';

/** A browser that walks through the pages of the development OAuth server one request at a time, and reads them as a person would. */
export interface Hop {
  readonly method: string;
  /** As recorded: `<login token>` stands for that of the mail. */
  readonly url: string;
  readonly form?: Readonly<Record<string, string>>;
  /** Absent: the page that was shown last; null: none is sent. */
  readonly referer?: string | null;
}
export interface SeenPage {
  readonly heading: string;
  readonly messages: readonly string[];
  readonly form: { readonly action: string; readonly fields: readonly SeenField[] } | null;
  readonly links: readonly { readonly text: string; readonly href: string }[];
}
export interface SeenField {
  readonly name: string;
  readonly type: string;
  readonly value?: string;
}
export interface Seen {
  readonly status: number;
  /** As the recording writes it: without what differs from run to run. */
  readonly location: string | null;
  /** Where it sends on to, whole. */
  readonly onward: string | null;
  readonly text: string;
  readonly page: SeenPage | null;
  readonly cookiesSent: readonly string[];
}
export interface Walker {
  readonly hop: (hop: Hop) => Promise<Seen>;
  /** Follows redirects of the server, fills in its forms, and ends where they lead away or to a page without one. */
  readonly logIn: (address: string, values?: Readonly<Record<string, string>>) => Promise<Seen>;
  /** Another browser: no cookies. */
  readonly changeBrowser: () => void;
  readonly keepNoCookies: () => void;
  /** What is typed into fields of these names. */
  readonly values: Record<string, string>;
  /** Of the mail that is opened; the newest unless a test chooses another. */
  mailToken: string | null;
}

/** The address that the recorded server had. */
const recordedUrl = 'http://127.0.0.1:22010';

export const loginWalker = (server: OauthServer): Walker => {
  const jar = new Map<string, string>();
  let keepsCookies = true;
  let shown: { readonly url: string; readonly page: SeenPage } | null = null;
  let secret = '';
  const token = (): string =>
    walker.mailToken ??
    new URL(server.mails().at(-1)?.link ?? 'http://none/?token=none').searchParams.get('token') ??
    '';
  const real = (text: string): string => text.replaceAll('<login token>', token());
  const fill = ({ name, type, value }: SeenField): [string, string] => {
    if (type === 'hidden') return [name, value ?? ''];
    if (name === 'twoFactorToken') return [name, walker.values[name] ?? passwordAt(secret, Date.now())];
    return [name, walker.values[name] ?? ''];
  };
  const typed = (form: Readonly<Record<string, string>> | undefined): URLSearchParams => {
    const filled = Object.fromEntries((shown?.page.form?.fields ?? []).map(fill));
    if (form === undefined) return new URLSearchParams(filled);
    return new URLSearchParams(
      Object.entries(form).map(([name, value]): [string, string] => [
        name,
        value.startsWith('<') && value.endsWith('>') ? (filled[name] ?? '') : value,
      ]),
    );
  };
  const hop: Walker['hop'] = async ({ method, url, form, referer }) => {
    const address = new URL(real(url).replace(recordedUrl, server.url), server.url).href;
    const cookiesSent = [...jar.keys()].sort();
    const from =
      referer === undefined ? shown?.url : referer === null ? undefined : new URL(real(referer), server.url).href;
    const answer = await fetch(address, {
      method,
      redirect: 'manual',
      headers: {
        ...(jar.size === 0 ? {} : { cookie: [...jar].map((pair) => pair.join('=')).join('; ') }),
        ...(from === undefined ? {} : { referer: from }),
      },
      ...(method === 'POST' ? { body: typed(form) } : {}),
    });
    for (const set of keepsCookies ? answer.headers.getSetCookie() : []) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(set) ?? [];
      jar.set(name, value);
    }
    const text = await answer.text();
    const location = answer.headers.get('location');
    const page = location === null ? pageIn(text) : null;
    secret = /<code>(\w+)<\/code>/.exec(text)?.[1] ?? secret;
    if (page !== null) shown = { url: address, page };
    return {
      ...{ text, onward: location === null ? null : new URL(location, address).href },
      status: answer.status,
      location: location === null ? null : recorded(location, server.url),
      page,
      cookiesSent,
    };
  };
  const walker: Walker = {
    hop,
    logIn: async (address, values = {}) => {
      Object.assign(walker.values, values);
      let seen = await hop({ method: 'GET', url: address });
      for (let step = 0; step < 30; step += 1) {
        if (seen.onward !== null) {
          if (new URL(seen.onward).origin !== server.url) return seen;
          seen = await hop({ method: 'GET', url: seen.onward });
        } else if (seen.page?.form != null && shown !== null)
          seen = await hop({ method: 'POST', url: new URL(seen.page.form.action, shown.url).href });
        else return seen;
      }
      throw new Error('a login that does not end');
    },
    changeBrowser: () => {
      jar.clear();
    },
    keepNoCookies: () => {
      keepsCookies = false;
    },
    values: {},
    mailToken: null,
  };
  return walker;
};

/** What differs from run to run is written as the recording writes it. */
const recorded = (location: string, url: string): string =>
  location
    .replace(url, recordedUrl)
    .replace(/([?&]code=)[\w-]{20,}/, '$1<code>')
    .replace(/([?&]token=)[\da-f]{32}/, '$1<login token>');

const pageIn = (html: string): SeenPage => {
  const form = /<form method="POST" action="([^"]*)">([\s\S]*?)<\/form>/.exec(html);
  return {
    heading: plain(/<h1>([\s\S]*?)<\/h1>/.exec(html)?.[1] ?? ''),
    messages: [...html.matchAll(/<p class="message">([\s\S]*?)<\/p>/g)].map(([, text = '']) => plain(text)),
    form:
      form === null
        ? null
        : {
            action: plain(form[1] ?? ''),
            fields: [...(form[2] ?? '').matchAll(/<input name="([^"]*)" type="([^"]*)"(?: value="([^"]*)")?/g)].map(
              ([, name = '', type = '', value]) => ({
                ...{ name, type },
                ...(value === undefined ? {} : { value: plain(value) }),
              }),
            ),
          },
    links: [...html.matchAll(/<a href="([^"]*)">([\s\S]*?)<\/a>/g)].map(([, href = '', text = '']) => ({
      text: plain(text),
      href: plain(href),
    })),
  };
};

const plain = (text: string): string =>
  text
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&');
