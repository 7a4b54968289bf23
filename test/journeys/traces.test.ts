import { routes } from '../../src/http/routes.ts';
import { collectSpans, type CollectedSpan } from '../support/collected-spans.mjs';
import { markPerson, type MarkedPerson } from '../support/marked-person.ts';
import { startRecordedWorld, type RecordedWorld } from '../support/recorded-world.ts';
import { tracesOf } from '../support/residue.ts';
import { until } from '../support/until.ts';

/** "With an OpenTelemetry SDK attached every call can be followed, and no span holds anything of a person." */
const collected = collectSpans();
let world: RecordedWorld;
let person: MarkedPerson;
beforeAll(async () => {
  world = await startRecordedWorld({}, { outboxSeconds: 3600 });
  // What is marked goes through the API: by list, view and update those values come and go.
  person = await markPerson(world, [
    { id: 120, siteId: 1 },
    { id: 121, siteId: 2 },
  ]);
});
afterAll(async () => {
  await world.close();
  await collected.stop();
});

/** The spans of one call, once it has ended. */
const spansOf = async (...call: Parameters<RecordedWorld['call']>): Promise<readonly CollectedSpan[]> => {
  const [, method, path] = call;
  const traceId = String(Math.trunc(Math.random() * 1e15)).padStart(32, '1');
  const headers = { traceparent: `00-${traceId}-00000000000000ab-01`, ...call[4] };
  await world.call(call[0], method, path, call[3], headers);
  const ofCall = (): readonly CollectedSpan[] => collected.spans().filter((span) => span.traceId === traceId);
  await until(`the span of ${method} ${path}`, () => ofCall().some(({ kind }) => kind === 1));
  return ofCall();
};
const named = (spans: readonly CollectedSpan[], name: string): CollectedSpan | undefined =>
  spans.find((span) => span.name === name);
const parentOf = (spans: readonly CollectedSpan[], span: CollectedSpan | undefined): string | undefined =>
  spans.find(({ spanId }) => spanId === span?.parentSpanId)?.name;

describe('a call', () => {
  it('is a span that goes on from its caller, with its use case, its statements and its calls to the OAuth server', async () => {
    const spans = await spansOf('admin', 'PUT', '/api/site/1/user/111', { city: 'Delft' });
    const route = '/api/site/{siteId}/user/{userId}';
    const request = named(spans, `PUT ${route}`);
    expect(request).toMatchObject({
      kind: 1,
      parentSpanId: '00000000000000ab',
      attributes: { 'http.request.method': 'PUT', 'http.route': route, 'http.response.status_code': 200 },
      status: { code: 0 },
    });
    expect(parentOf(spans, named(spans, 'updateUser'))).toBe(request?.name);

    const statement = spans.find(({ attributes }) => String(attributes['db.query.text']).startsWith('UPDATE users'));
    expect(statement).toMatchObject({
      kind: 2,
      name: 'UPDATE users',
      attributes: { 'db.operation.name': 'UPDATE', 'db.collection.name': 'users' },
    });
    expect(parentOf(spans, statement)).toBe('updateUser');

    const { hostname, port } = new URL(world.oauth.url);
    expect(named(spans, 'POST /api/admin/user/{}')).toMatchObject({
      kind: 2,
      attributes: {
        'http.request.method': 'POST',
        'server.address': hostname,
        'server.port': Number(port),
        'url.template': '/api/admin/user/{}',
        'http.response.status_code': 200,
      },
    });
  });

  it('of which nothing is to be kept, as its caller says, leaves no span', async () => {
    const before = collected.spans().length;
    const { status } = await world.call('admin', 'GET', '/api/site/1/user/111', undefined, {
      traceparent: `00-${'c'.repeat(32)}-${'d'.repeat(16)}-00`,
    });
    const after = await spansOf('admin', 'GET', '/api/site/1');
    expect(status).toBe(200);
    expect(collected.spans().length).toBe(before + after.length);
  });

  it('that is refused is no error; a broken server is one, by a word and not by what it said', async () => {
    const refused = await spansOf('admin', 'GET', '/api/site/1/user/999999');
    expect(named(refused, 'getUser')).toMatchObject({
      attributes: { 'error.type': 'user-not-found' },
      status: { code: 0 },
    });
    expect(refused.find(({ kind }) => kind === 1)).toMatchObject({
      attributes: { 'http.response.status_code': 404, 'civitas.problem': 'user-not-found' },
      status: { code: 0 },
    });
    await world.oauth.proxy.behave('reset');
    const broken = await spansOf('admin', 'PUT', '/api/site/1/user/111', { city: 'Gouda' });
    await world.oauth.proxy.behave('pass');
    const asked = broken.find(({ attributes }) => attributes['url.template'] !== undefined);
    expect(asked).toMatchObject({ attributes: { 'error.type': 'unreachable' }, status: { code: 2 } });
    expect(broken.find(({ kind }) => kind === 1)?.status).toEqual({ code: 2 });
  });

  it('of an address that no route knows tells nothing of it', async () => {
    const [span] = await spansOf(null, 'GET', '/api/jan.jansen@example.org');
    expect(span?.name).toBe('GET');
    expect(span?.attributes).toEqual({
      'http.request.method': 'GET',
      'http.response.status_code': 404,
      'civitas.problem': 'not-found',
    });
  });

  it('that asks whether we live is none', async () => {
    const requests = (): number => collected.spans().filter(({ kind }) => kind === 1).length;
    const before = requests();
    for (const path of ['/health/live', '/health/ready', '/metrics']) await world.call(null, 'GET', path);
    expect(requests()).toBe(before);
  });
});

/** What the program itself says, and nobody else. */
const words = new Map<string, RegExp>([
  ['http.request.method', /^(?:GET|POST|PUT|PATCH|DELETE|OPTIONS|HEAD)$/],
  ['http.response.status_code', /^\d{3}$/],
  ['civitas.problem', /^[a-z-]+$/],
  ['error.type', /^(?:[a-z-]+|[A-Z_]+|\w+Error|5\d\d|4\d\d)$/],
  ['db.system.name', /^(?:mysql|sqlite)$/],
  ['db.operation.name', /^[A-Z]+$/],
  ['db.collection.name', /^\w+$/],
  // Its values stand beside it, among them the ids of those whom these tests are about.
  ['db.query.text', /^(?!.*(?:@|\b(?:111|120|121)\b)).+$/s],
  ['server.address', /^127\.0\.0\.1$/],
  ['server.port', /^\d+$/],
  ['url.template', /^(?:\/(?:[a-z][a-z2-]*|\{\}))+$/],
]);

describe('no span', () => {
  it('holds anything that an API caller or the OAuth server said of somebody', async () => {
    const [{ id, siteId }] = person.rows as [(typeof person.rows)[0]];
    const path = `/api/site/${siteId}/user`;
    const mine = `${path}/${id}`;
    const marked = person.marks;
    const [email = '', firstName = '', lastName = ''] = marked;
    const q = encodeURIComponent;
    const idempotent = { 'Idempotency-Key': email, baggage: `who=${q(email)}`, tracestate: `mail=${q(firstName)}` };
    for (const who of ['admin', 'moderator', id, null]) {
      await world.call(who, 'GET', `${path}?page=0&filter=${q(JSON.stringify({ firstName, email }))}`);
      await world.call(who, 'GET', `${path}?page=0&q=${q(lastName)}`, undefined, idempotent);
      await world.call(who, 'GET', path);
      await world.call(who, 'GET', mine, undefined, {
        'X-Request-Id': marked.find((mark) => /^\w+$/.test(mark)) ?? '',
      });
      await world.call(who, 'GET', `${mine}/activity?includeOtherSites=1`);
      await world.call(who, 'GET', `/api/person?email=${q(email)}`);
      await world.call(who, 'PUT', mine, { firstName: `${firstName}x`, city: marked[6] });
      await world.call(who, 'POST', path, { email: `x${email}`, firstName, lastName, city: marked[6] }, idempotent);
      // Somebody else's already: a database and a server that refuse quote it.
      await world.call(who, 'POST', path, { email });
      await world.call(who, 'PUT', `${path}/111`, { email });
      await world.call(who, 'GET', `${path}/${q(email)}`);
    }
    await world.oauth.proxy.behave('json-500');
    await world.call('admin', 'PUT', mine, { firstName: `${firstName}y` });
    await world.oauth.proxy.behave('pass');
    const will = await world.call('admin', 'GET', `${mine}/will-anonymizeall`);
    const did = await world.call('admin', 'PUT', `${mine}/do-anonymizeall`, { reason: 'Zaak-1' });
    expect([will.status, did.status]).toEqual([200, 200]);

    const spans = collected.spans();
    const names = spans.map(({ name }) => name);
    for (const name of ['listPage', 'streamUsers', 'getUser', 'updateUser', 'createUser', 'anonymizeUser'])
      expect(names).toContain(name);
    const text = JSON.stringify(spans);
    expect(tracesOf([...marked, 'fixed-admin', 'peer-secret', world.env['AUTH_JWT_SECRET'] ?? ''], text)).toEqual([]);
    expect(text).not.toMatch(/eyJ|Kaboom|Bearer|Basic/);
  });

  it('has a name, an attribute or a value but those of a closed list, an event, or words beside an error', async () => {
    await spansOf('admin', 'GET', '/api/site/1');
    const spans = collected.spans();
    expect(spans.length).toBeGreaterThan(100);
    const useCases = [world.container.useCases, world.container.management].flatMap((table) => Object.keys(table));
    const templates = routes.map(({ method, path }) => `${method.toUpperCase()} ${path}`);
    const known = new Set([...useCases, ...templates]);
    const isKnown = ({ name, attributes, kind }: CollectedSpan): boolean =>
      known.has(name) ||
      (kind === 1 && attributes['http.route'] === undefined && /^[A-Z]+$/.test(name)) ||
      (kind === 2 && /^[A-Z]+(?: \w+)?$|^[A-Z]+ \/[a-z/{}.-]+$/.test(name));
    expect(spans.filter((span) => !isKnown(span)).map(({ name }) => name)).toEqual([]);
    const odd = spans.flatMap(({ attributes }) =>
      Object.entries(attributes).filter(
        ([key, value]) =>
          !(key === 'http.route'
            ? routes.some(({ path }) => path === value)
            : (words.get(key)?.test(String(value)) ?? false)),
      ),
    );
    expect(odd).toEqual([]);
    expect(spans.filter((span) => span.events.length + span.links.length > 0 || span.traceState !== '')).toEqual([]);
    expect(spans.filter(({ status }) => status.message !== undefined)).toEqual([]);
  });
});

describe('every use case', () => {
  const tables = (): readonly (readonly [string, (...given: readonly unknown[]) => unknown])[] =>
    [world.container.useCases, world.container.management].flatMap((table) => Object.entries(table));

  const refuse = (): never => {
    throw new Error('looked at');
  };
  /** Whatever is handed over is refused to be looked at, so that nothing comes of it. */
  const nothing: unknown = new Proxy({}, { get: refuse, getPrototypeOf: refuse, has: refuse, ownKeys: refuse });
  const tried = async (useCase: (...given: readonly unknown[]) => unknown): Promise<void> => {
    try {
      const answer = await useCase(nothing, nothing, nothing);
      if (typeof answer === 'object' && answer !== null && Symbol.asyncIterator in answer)
        await (answer as AsyncGenerator).next();
    } catch {
      // As expected.
    }
  };

  it('is a span of its name', async () => {
    expect(tables().length).toBeGreaterThan(50);
    const missing: string[] = [];
    for (const [name, useCase] of tables()) {
      collected.forget();
      await tried(useCase);
      if (named(collected.spans(), name) === undefined) missing.push(name);
    }
    expect(missing).toEqual([]);
  });
});
