import type { Express } from 'express';
import request, { type Response } from 'supertest';

/** A browser that follows nothing by itself, and keeps cookies as one does. */
export const aBrowser = (app: Express) => {
  const jar = new Map<string, string>();
  return {
    jar,
    open: async (address: string, headers: Readonly<Record<string, string>> = {}): Promise<Response> => {
      const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
      const answer = await request(app)
        .get(address)
        .set({ ...(cookie === '' ? {} : { cookie }), ...headers });
      for (const set of setCookies(answer)) {
        const [, name, value] = /^([^=]+)=([^;]*)/.exec(set) ?? [];
        if (name === undefined || value === undefined) throw new Error('a cookie without a name');
        if (/; Max-Age=0(?:;|$)/.test(set)) jar.delete(name);
        else jar.set(name, value);
      }
      return answer;
    },
  };
};

export const setCookies = (answer: Response): readonly string[] => {
  const found: unknown = answer.headers['set-cookie'];
  return Array.isArray(found) ? (found as string[]) : [];
};

/** Where an answer sends the browser. */
export const locationOf = (answer: Response): URL => new URL(String(answer.headers['location']));

/** The address of digest-login that the OAuth server was told, with this code appended as it does. */
export const backWith = (answer: Response, code: string): string => {
  const sent = locationOf(answer);
  const back = new URL(sent.searchParams.get('redirect_uri') ?? '');
  const state = sent.searchParams.get('state');
  if (state !== null) back.searchParams.set('state', state);
  back.searchParams.set('code', code);
  return back.pathname + back.search;
};
