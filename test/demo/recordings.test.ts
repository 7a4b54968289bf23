import { readFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { join } from 'node:path';
import { startOauthServer, type OauthServer } from '../../src/demo/oauth-server/index.ts';

/** Every exchange recorded from a real server, replayed in its order against the development one. */

interface Exchange {
  readonly name: string;
  readonly request: { method: string; path: string; headers: Record<string, string>; body?: unknown };
  readonly response: {
    status: number;
    contentType: string | null;
    wwwAuthenticate?: string;
    location?: string;
    body: unknown;
  };
}
interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: unknown;
}

const file = join(process.cwd(), 'test/recordings/openstad-oauth-server.json');
const { exchanges } = JSON.parse(readFileSync(file, 'utf8')) as { exchanges: readonly Exchange[] };

describe('The development OAuth server answers as the recorded one:', () => {
  let server: OauthServer;
  let createdId = '';

  beforeAll(async () => {
    server = await startOauthServer({
      port: 0,
      host: '127.0.0.1',
      production: false,
      clients: [
        { id: 1, clientId: 'peer-client-1', clientSecret: 'peer-secret-1', siteUrl: 'http://127.0.0.1:4443' },
        { id: 3, clientId: 'peer-client-3', clientSecret: 'peer-secret-3' },
      ],
      people: [
        {
          id: 1003,
          firstName: 'Daan',
          lastName: 'Visser 3',
          email: 'u1003@example.org',
          phoneNumber: '0612345678',
          streetName: 'Dam',
          houseNumber: '3',
          city: 'Amsterdam',
          postcode: '1012AB',
          extraData: { bio: ['Bio 3', { value: 'Bio 3 op site 2', siteId: 2 }], shared: 's3', secretnote: 'n3' },
          roles: { 'peer-client-1': 'member', 'peer-client-3': 'member' },
        },
        {
          id: 8010,
          firstName: 'Login8010',
          lastName: 'Jwt',
          email: 'u8010@example.org',
          postcode: '1012AB',
          phoneNumber: '0612345678',
          extraData: { bio: ['Bio L'] },
          roles: { 'peer-client-1': 'admin' },
        },
      ],
    });
  });
  afterAll(() => server.close());

  test.each(exchanges.map((exchange) => [exchange.name, exchange] as const))(
    '%s',
    async (name, { request, response }) => {
      const answer = await send(server.url, await asOfNow(request));
      if (name === 'create') createdId = String((answer.body as { id: number }).id);

      expect(answer.status).toBe(response.status);
      expect(answer.headers['content-type'] ?? null).toBe(response.contentType);
      expect(answer.headers['www-authenticate']).toBe(response.wwwAuthenticate);
      expect(answer.headers['location']).toBe(response.location);
      expect(comparable(answer.body)).toEqual(comparable(response.body));
    },
  );

  /** The recorded ids and tokens become the ones of this server. */
  const asOfNow = async ({ headers, path, ...request }: Exchange['request']): Promise<Exchange['request']> => {
    const token =
      headers['Authorization'] === 'Bearer <access token>' ? await server.tokenFor(8010, 'peer-client-1') : null;
    return {
      ...request,
      path: path.replace('/9031', `/${createdId}`),
      headers: token === null ? headers : { ...headers, Authorization: `Bearer ${token}` },
    };
  };
});

/** What differs from run to run (ids that were given out, times, the rest of cut texts) is compared by its kind alone. */
const comparable = (body: unknown): unknown => {
  if (typeof body === 'string') return body.startsWith('<!DOCTYPE html>') ? 'a page' : body;
  return JSON.parse(
    JSON.stringify(body, (key, value: unknown) => {
      if (key === 'createdAt' || key === 'updatedAt')
        return /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000Z$/.test(String(value));
      if (key === 'id' || key === 'total' || key === 'password') return typeof value;
      if (key === 'message' && typeof value === 'string')
        return value.replace(/^(insert into|update) `users` .*/s, '$1');
      return value;
    }),
  );
};

const send = (url: string, { method, path, headers, body }: Exchange['request']): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const sent = httpRequest(`${url}${path}`, { method, headers }, (answered) => {
      const chunks: Buffer[] = [];
      answered.on('data', (chunk: Buffer) => chunks.push(chunk));
      answered.on('end', () => {
        const text = Buffer.concat(chunks).toString();
        resolve({ status: answered.statusCode ?? 0, headers: answered.headers, body: parsed(text) });
      });
    });
    sent.on('error', reject);
    sent.end(body === undefined ? undefined : JSON.stringify(body));
  });

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
};
