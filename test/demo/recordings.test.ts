import { readFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { join } from 'node:path';
import { startOauthServer, type ClientSpec, type OauthServer } from '../../src/demo/oauth-server/index.ts';
import { agree, cutText, expanded } from './agreement.ts';
import { afterRestart, byHand, carriesOldCode, codeOfBefore, holderOf, worldOf } from './recorded-worlds.ts';
import { unusedExchanges } from './unused-exchanges.ts';

/**
 * Every exchange recorded from a real server of which the OpenStad adapter makes use, replayed in its order against the development
 * one: status, headers, body, and what is stored afterwards. Those of no use stand in a table; one that is in neither place fails.
 */

interface Exchange {
  readonly group?: string;
  readonly name: string;
  readonly request: Request;
  readonly response: {
    status: number;
    contentType: string | null;
    wwwAuthenticate?: string;
    location?: string;
    body: unknown;
  };
  readonly stored?: Readonly<Record<string, unknown>>;
  readonly readBack?: Readonly<Record<string, unknown>>;
  readonly storedAfterAnUnrelatedUpdate?: string;
  readonly note?: string;
}
interface Request {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** What was sent, where that is no JSON, or JSON of another spelling. */
  readonly bodyText?: string;
}
interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: unknown;
}

const recording = (file: string): readonly Exchange[] =>
  (JSON.parse(readFileSync(join(process.cwd(), 'test/recordings', file), 'utf8')) as { exchanges: readonly Exchange[] })
    .exchanges;
const all = [...recording('openstad-oauth-server.json'), ...recording('openstad-oauth-server-2.json')];
const unused = unusedExchanges.flatMap(({ names }) => names);
const groups = [...new Set(all.map(({ group = '' }) => group))];

describe('The table of exchanges of no use', () => {
  it('names recorded ones, each once', () => {
    expect(unused.filter((name) => !all.some((exchange) => exchange.name === name))).toEqual([]);
    expect(new Set(unused).size).toBe(unused.length);
  });
});

describe.each(groups)('The development OAuth server answers as the recorded one: %s', (group) => {
  const letter = group.slice(0, 1);
  const exchanges = all.filter((exchange) => (exchange.group ?? '') === group && !unused.includes(exchange.name));
  const clients: ClientSpec[] = [];
  let server: OauthServer;
  /** By the recorded id: of those who were created here. */
  const ids = new Map<number, number>();
  const codes = new Map<string, string>();
  const tokens = new Map<string, string>();
  let lastCode = '';

  const start = async (): Promise<void> => {
    const world = worldOf(letter);
    clients.push(...world.clients);
    server = await startOauthServer({ port: 0, host: '127.0.0.1', production: false, ...world, clients });
  };
  beforeAll(start);
  afterAll(() => server.close());

  test.each(exchanges.map((exchange) => [exchange.name, exchange] as const))('%s', async (name, exchange) => {
    await byHand[name]?.({
      server,
      clients,
      change: async (personId, body) => {
        const { status } = await send(server.url, ownCall('POST', `/api/admin/user/${personId}`, body));
        expect(status).toBe(200);
      },
    });
    for (const [later, earlier] of Object.entries(codeOfBefore))
      if (earlier === name) codes.set(later, server.codeFor(...holderOf(letter, later)));
    const { response } = exchange;

    const answer = await send(server.url, await asOfNow(exchange));

    rememberIds(response.body, answer);
    rememberTokens(exchange, answer);
    expect(answer.status).toBe(response.status);
    expect(answer.headers['content-type'] ?? null).toBe(response.contentType);
    expect(answer.headers['www-authenticate']).toBe(response.wwwAuthenticate);
    expect(answer.headers['location']).toBe(response.location);
    expect(agree(response.body, answer.body, { note: exchange.note, ids })).toEqual([]);
    await expectStored(exchange);
  });

  /** The recorded ids, tokens, codes and cut texts become the ones of now. */
  const asOfNow = async ({ name, request }: Exchange): Promise<Request> => {
    const id = /^\/api\/admin\/user\/(\d+)(?=[/?]|$)/.exec(request.path)?.[1];
    const personId = id === undefined ? undefined : ids.get(Number(id));
    const [holder, clientId] = holderOf(letter, name);
    const withIds =
      personId === undefined || id === undefined ? request.path : request.path.replace(`/${id}`, `/${personId}`);
    const isBearer = request.headers['Authorization']?.includes('Bearer <access token') === true;
    const token = isBearer || withIds.includes('<access token>') ? await tokenOf(name, holder, clientId) : '';
    const text = JSON.stringify(request.body ?? null);
    return {
      ...request,
      path: withIds.replace('<access token>', token),
      headers: isBearer ? { ...request.headers, Authorization: `Bearer ${token}` } : request.headers,
      ...(text.includes('"<code>"')
        ? { body: { ...(request.body as object), code: codeFor(name, holder, clientId) } }
        : {}),
    };
  };

  const tokenOf = async (name: string, personId: number, clientId: string): Promise<string> => {
    if (name === 'client credentials: userinfo') return tokens.get('client credentials') ?? '';
    if (name === 'delete: userinfo with that token') return tokens.get('delete: a code from before is exchanged') ?? '';
    const key = `${personId} ${clientId}`;
    const token = tokens.get(key) ?? (await server.tokenFor(personId, clientId));
    tokens.set(key, token);
    return token;
  };

  const codeFor = (name: string, personId: number, clientId: string): string => {
    if (afterRestart.includes(name)) return 'a.code.of-before';
    if (!carriesOldCode.includes(name)) lastCode = codes.get(name) ?? server.codeFor(personId, clientId);
    return lastCode;
  };

  const rememberIds = (recorded: unknown, { body }: Answer): void => {
    const [recordedId, actual] = [idIn(recorded), idIn(body)];
    if (recordedId !== undefined && actual !== undefined && server.stored(recordedId) === undefined)
      ids.set(recordedId, actual);
  };

  const rememberTokens = ({ name }: Exchange, { body }: Answer): void => {
    const token = (body as { access_token?: unknown } | null)?.access_token;
    if (typeof token === 'string') tokens.set(name, token);
  };

  const expectStored = async ({
    request,
    stored = {},
    readBack,
    storedAfterAnUnrelatedUpdate,
    response,
  }: Exchange): Promise<void> => {
    const inPath = Number(/\/user\/(\d+)/.exec(request.path)?.[1] ?? idIn(response.body) ?? NaN);
    const id = ids.get(inPath) ?? inPath;
    const expectColumns = (personId: number, columns: object): void => {
      expect(agree(columns, { ...server.stored(personId), id: String(personId) }, { ids })).toEqual([]);
    };
    const roles = async (): Promise<readonly { clientId: number; roleId: number }[]> => {
      const { body } = await send(server.url, ownCall('GET', `/api/admin/user/${id}`));
      return (body as { roles: readonly { clientId: number; roleId: number }[] }).roles.toSorted(
        (one, other) => one.clientId - other.clientId,
      );
    };
    const checks: Readonly<Record<string, (value: unknown) => unknown>> = {
      users: (value) => {
        if (Array.isArray(value)) for (const row of value as { id: string }[]) expectColumns(Number(row.id), row);
        else if (typeof value === 'number') expect(server.stored(id) === undefined ? 0 : 1).toBe(value);
        else expectColumns(id, value as object);
      },
      user_roles: async (value) => {
        if (Array.isArray(value)) expect(agree(value, await roles(), { ids })).toEqual([]);
      },
      rows: (value) => {
        const { email } = expanded(request.body) as { email?: string };
        expect(server.people().filter((person) => email !== undefined && person.email === email)).toHaveLength(
          Number(value),
        );
      },
      'rows in user_roles': async (value) => {
        expect(await roles()).toHaveLength(Number(value));
      },
      'bytes of extraData': (value) => {
        expect(Buffer.byteLength(server.stored(id)?.extraData ?? '')).toBe(value);
      },
      'users left of 1062, 1063': (value) => {
        expect([1062, 1063].filter((one) => server.stored(one) !== undefined).map(String)).toEqual(value);
      },
      // Tables that the development server does not have: nothing of them is ever answered.
      ...Object.fromEntries(
        ['access_tokens', 'unique_codes', 'login_tokens', 'action_log'].map((t) => [t, () => null]),
      ),
    };
    for (const [what, value] of Object.entries(stored)) {
      if (checks[what] === undefined) expectColumns(id, { [what]: value });
      else await checks[what](value);
    }
    if (readBack !== undefined) {
      const { status = 200, ...fields } = readBack;
      const answer = await send(server.url, ownCall('GET', `/api/admin/user/${id}`));
      expect(answer.status).toBe(status);
      expect(agree(fields, answer.body, { ids })).toEqual([]);
    }
    if (storedAfterAnUnrelatedUpdate === 'the same') {
      await send(server.url, ownCall('POST', `/api/admin/user/${id}`, { suffix: null }));
      expectColumns(id, stored);
    }
  };
});

const ownCall = (method: string, path: string, body?: object): Request => ({
  method,
  path,
  headers: {
    Authorization: `Basic ${Buffer.from('peer-client-1:peer-secret-1').toString('base64')}`,
    'Content-type': 'application/json',
  },
  ...(body === undefined ? {} : { body }),
});

const idIn = (body: unknown): number | undefined => {
  const { id, user_id: userId } = (body ?? {}) as { id?: unknown; user_id?: unknown };
  const said = id ?? userId;
  return typeof said === 'number' ? said : undefined;
};

const send = (url: string, request: Request): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const { method, path, headers } = request;
    const text = sentText(request);
    const length = text === undefined ? {} : { 'Content-Length': Buffer.byteLength(text) };
    const sent = httpRequest(`${url}${path}`, { method, headers: { ...headers, ...length } }, (answered) => {
      const chunks: Buffer[] = [];
      answered.on('data', (chunk: Buffer) => chunks.push(chunk));
      answered.on('end', () => {
        const body = Buffer.concat(chunks).toString();
        resolve({ status: answered.statusCode ?? 0, headers: answered.headers, body: parsed(body) });
      });
    });
    sent.on('error', reject);
    sent.end(text);
  });

/** What was cut in the recording is made long again. */
const sentText = ({ body, bodyText, headers }: Request): string | undefined => {
  if (bodyText !== undefined) return cutText(bodyText);
  if (body === undefined) return undefined;
  const whole = expanded(body);
  const isForm = headers['Content-type'] === 'application/x-www-form-urlencoded';
  return isForm ? new URLSearchParams(whole as Record<string, string>).toString() : JSON.stringify(whole);
};

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
};
