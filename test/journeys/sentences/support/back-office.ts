import type { Answer } from '../../../support/recorded-world.ts';
import type { SentenceWorld } from './world.ts';

export interface MadeClient {
  readonly id: number;
  readonly key: string;
  readonly secret: string;
}
/** A back office: a client of some sites, and calls with its tokens. */
export interface BackOffice extends MadeClient {
  readonly token: (scope: string) => Promise<string>;
  /** A call with a token of this scope. */
  readonly call: (scope: string, method: string, path: string, body?: unknown) => Promise<Answer>;
}

export const clientOf = async (
  s: SentenceWorld,
  siteIds: readonly number[],
  scopes: readonly string[] = ['public', 'authentication', 'admin'],
): Promise<MadeClient> => {
  const { status, body, text } = await s.post('admin', '/api/client', { name: 'Back office', scopes, siteIds });
  if (status !== 201) throw new Error(`no client: ${text}`);
  return body as MadeClient;
};

/** As `curl -d a=b -d c=d` sends it. */
export const form = (s: SentenceWorld, path: string, fields: Readonly<Record<string, string>>) =>
  s.world.call(null, 'POST', path, new URLSearchParams(fields).toString(), {
    'content-type': 'application/x-www-form-urlencoded',
  });

export const backOfficeOf = async (s: SentenceWorld, siteIds: readonly number[]): Promise<BackOffice> => {
  const client = await clientOf(s, siteIds);
  const kept = new Map<string, Promise<string>>();
  const given = async (scope: string): Promise<string> => {
    const grant_type = 'client_credentials';
    const asked = { grant_type, client_id: client.key, client_secret: client.secret, scopes: scope };
    return String((await form(s, '/oauth/token', asked)).body.access_token);
  };
  const token = (scope: string): Promise<string> => {
    const known = kept.get(scope) ?? given(scope);
    kept.set(scope, known);
    return known;
  };
  return {
    ...client,
    token,
    call: async (scope, method, path, body) =>
      s.world.call(null, method, path, body, { authorization: `Bearer ${await token(scope)}` }),
  };
};
