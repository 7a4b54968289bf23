import { createHash, randomUUID } from 'node:crypto';
import type { Request, RequestHandler, Response } from 'express';
import { isJsonObject } from '../../../domain/json.ts';

/** What the server knows of a browser, in memory. */
export interface Session {
  userId?: number;
  twoFactorValid?: boolean;
  mayBecomeAnonymous?: boolean;
  /** To be shown once, by the next page. */
  messages: string[];
}
export interface Sessions {
  /** The browser's own; one that sends no cookie gets one. */
  of(request: Request, response: Response): Session;
  /** Before every form: leaves the cookie that its token belongs to. */
  readonly csrf: RequestHandler;
  /** For the form; what is posted without it is refused. */
  csrfToken(response: Response): string;
}

const names = { session: 'openstad-authorization.sid', csrf: '_csrf' } as const;

export const browserSessions = (): Sessions => {
  const sessions = new Map<string, Session>();
  const ofResponse = new WeakMap<Response, { session?: Session; csrf?: string }>();
  const notes = (response: Response): { session?: Session; csrf?: string } => {
    const noted = ofResponse.get(response) ?? {};
    ofResponse.set(response, noted);
    return noted;
  };
  return {
    of: (request, response) => {
      const noted = notes(response);
      const known = noted.session ?? sessions.get(cookieOf(request, names.session));
      if (known !== undefined) return known;
      const id = randomUUID();
      noted.session = { messages: [] };
      sessions.set(id, noted.session);
      response.cookie(names.session, id, { expires: new Date(Date.now() + 7 * 86_400_000) });
      return noted.session;
    },
    csrf: (request, response, next) => {
      const held = cookieOf(request, names.csrf);
      const secret = held === '' ? randomUUID() : held;
      if (held === '') response.cookie(names.csrf, secret, { httpOnly: true, sameSite: 'strict' });
      notes(response).csrf = secret;
      if (request.method === 'POST' && bodyOf(request)['_csrf'] !== tokenOf(secret))
        throw new Error('invalid csrf token');
      next();
    },
    csrfToken: (response) => tokenOf(notes(response).csrf ?? ''),
  };
};

export const bodyOf = (request: Request): Readonly<Record<string, unknown>> => {
  const body: unknown = request.body;
  return isJsonObject(body) ? body : {};
};
export const textIn = (request: Request, name: string): string => {
  const value = bodyOf(request)[name];
  return typeof value === 'string' ? value : '';
};

const tokenOf = (secret: string): string => createHash('sha256').update(secret).digest('hex');

const cookieOf = (request: Request, name: string): string =>
  (request.headers.cookie ?? '')
    .split('; ')
    .find((pair) => pair.startsWith(`${name}=`))
    ?.slice(name.length + 1) ?? '';
