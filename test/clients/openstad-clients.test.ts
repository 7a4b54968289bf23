import { isJsonObject, type Json, type JsonObject } from '../../src/domain/json.ts';
import { startSentences, user, type SentenceWorld } from '../journeys/sentences/support/world.ts';
import type { Answer } from '../support/recorded-world.ts';
import { documented, holds, nameOf, pathsRead, recording, type RecordedCall } from './recorded-calls.ts';

/** Every call that OpenStad's clients were seen to make, as they make it, answered as docs/openstad-clients.md says. */
let s: SentenceWorld;
beforeAll(async () => {
  s = await startSentences({ 8: { config: { project: { projectHasEnded: true } } } });
  // Logins of the CMS name it.
  const anonymous = (await s.world.container.ports.sites.byId(1))?.rawConfig['oauth'] as JsonObject;
  await s.put('admin', '/api/site/1', { config: { oauth: { anonymous: anonymous['default'] ?? null } } });
});
afterAll(() => s.close());

const session = async (siteId: number, role: 'member' | 'moderator' | 'editor' | 'admin'): Promise<string> => {
  const somebody = await s.person({ at: { [siteId]: role } });
  return `Bearer ${await s.world.token(somebody.at[siteId]!)}`;
};

/** Whose session a recorded `<jwt>` was. */
const sessionFor = async (
  { client, when, request }: RecordedCall,
  ids: ReadonlyMap<string, number>,
): Promise<string> => {
  if (when.includes('does not verify')) return `${await session(1, 'member')}x`;
  if (client === 'openstad-management-panel') return session(1, 'admin');
  if (client === 'openstad-react-admin') return session(1, 'moderator');
  if (request.path === '/api/site/1') return session(1, 'editor');
  const own = when.includes('somebody else') ? undefined : [...ids.values()][0];
  return own === undefined ? session(1, 'member') : `Bearer ${await s.world.token(own)}`;
};

/** People in place of those whom the recording names: one may be anonymized or deleted by the call. */
const somebodyFor = async (path: string): Promise<ReadonlyMap<string, number>> => {
  const id = /\/user\/(50051|50071|9030\d)\b/.exec(path)?.[1];
  if (id === undefined) return new Map();
  const somebody = await s.person({ at: { 1: 'member', 2: 'member' } });
  await s.idea({ siteId: 1, userId: somebody.at[1]! });
  return new Map([[id, somebody.at[1]!]]);
};

const send = async (call: RecordedCall): Promise<Answer> => {
  const { method, path, headers, body, bodyText } = call.request;
  const ids = await somebodyFor(path);
  const address = [...ids].reduce((text, [old, id]) => text.replace(`/user/${old}`, `/user/${id}`), path);
  const credential = headers['X-Authorization'];
  const sent = Object.entries(headers)
    .map(([name, value]) => [name.toLowerCase(), value] as const)
    .filter(([name]) => !/^(?:content-length|x-authorization)$/.test(name));
  const authorization =
    credential === undefined
      ? {}
      : { 'x-authorization': credential.startsWith('Bearer') ? await sessionFor(call, ids) : 'fixed-admin' };
  return s.world.call(
    null,
    method,
    // The recorded site of the second one had ended by then.
    call.when.includes('project has ended') ? address.replace('/7/', '/8/') : address,
    bodyText ?? (body == null ? undefined : await completed(body, address)),
    { ...Object.fromEntries(sent), ...authorization },
  );
};

/** The recording leaves a site's config out: it is sent as it was read with the site key. */
const completed = async (body: Json, address: string): Promise<Json> => {
  if (!isJsonObject(body) || !/^\/api\/site\/\d+$/.test(address)) return body;
  return { ...body, config: (await s.get('admin', address)).body.config as Json };
};

const rows = recording.calls.map((call, index) => ({ call, number: index + 1, name: `${call.client}: ${call.when}` }));

test('the page names every recorded call once, and no other', () => {
  expect(documented.map(({ number, client, call }) => [number, client, call])).toEqual(
    rows.map(({ call, number }) => [number, call.client, nameOf(call)]),
  );
  expect(documented.filter(({ why }) => why === '')).toEqual([]);
});

describe.each(rows)('$number $name', ({ call, number }) => {
  const { here, why } = documented[number - 1]!;

  test(`${nameOf(call)} is answered ${here}, as the page says`, async () => {
    const answer = await send(call);

    expect([answer.status, answer.text]).toEqual([here, expect.anything()]);
    if (here >= 400) expect(answer.body).toMatchObject({ status: here, message: answer.body.detail });
    else if (here === 302) expect(answer.headers.get('location')).toMatch(s.world.oauth.url);
    else {
      expect(answer.headers.get('content-type')).toBe('application/json; charset=utf-8');
      // What is not there, the page names.
      const missing = pathsRead(call).filter((path) => !holds(answer.body as Json, path));
      expect(missing.filter((path) => !why.includes(`\`${path}\``))).toEqual([]);
    }
  });
});

describe('what is read of the answers', () => {
  const callOf = (number: number): RecordedCall => rows[number - 1]!.call;

  test('a form that is saved is saved', async () => {
    const { body } = await send(callOf(16));

    expect(body).toMatchObject({ firstName: 'Nieuw', postcode: '1012 AB', zipCode: '1012 AB', nickName: null });
    expect(body.extraData).toMatchObject({ images: [], budgetDocuments: '[]' });
  });

  test('a person whose data are removed at two sites is gone at both', async () => {
    const { body } = await send(callOf(20));

    expect((body.users as readonly { siteId: number }[]).map(({ siteId }) => siteId)).toEqual([1, 2]);
  });

  test.each([44, 51])(
    'call %d sends a whole config back, masks included, and changes nothing in it',
    async (number) => {
      const call = callOf(number);
      const id = Number(/\d+$/.exec(call.request.path)?.[0]);
      const kept = async () => (await s.world.container.ports.sites.readNow([id]))[0]?.rawConfig;
      const before = await kept();

      await send(call);

      expect(await kept()).toEqual(before);
      expect(JSON.stringify(before)).toContain(`peer-secret-${id}`);
    },
  );

  test('a list of people has pages from 0, their total, and whom it was asked for', async () => {
    const answers = [await send(callOf(24)), await send(callOf(38)), await send(callOf(22))];

    const [all, byId, visitor] = answers.map(({ body }) => body as { metadata: JsonObject; records: { id: number }[] });
    expect(all?.metadata).toMatchObject({ page: 0, pageSize: 10, totalCount: expect.any(Number) });
    expect(byId?.records.map(({ id }) => id)).toEqual([101, 102]);
    expect(visitor?.records.length).toBeGreaterThan(0);
  });
});

test('a preflight from a page of the site allows what the components send', async () => {
  const { path, headers } = recording.preflight.request;
  const origin = headers['Origin']!.replace(/ .*$/, '');

  const answer = await s.world.call(null, 'OPTIONS', path, undefined, { ...headers, Origin: origin });

  expect([answer.status, answer.headers.get('access-control-allow-origin')]).toEqual([204, origin]);
  expect(answer.headers.get('access-control-allow-methods')).toContain('GET');
  const allowed = answer.headers.get('access-control-allow-headers')!.toLowerCase().split(/,\s*/);
  expect(allowed).toEqual(expect.arrayContaining(headers['Access-Control-Request-Headers']!.split(',')));
});

test('/me without a token is nobody, as OpenStad answers', async () => {
  const { request, answerOfOpenstadApi } = recording.meWithoutToken;
  const answer = await s.get(null, request.path);

  expect([answer.status, answer.body]).toEqual([200, answerOfOpenstadApi.body]);
});

describe('a whole record that is sent back as it was read', () => {
  test.each(['owner', 'moderator', 'editor', 'admin', 'site key'] as const)(
    'by the %s changes nothing, or what they changed',
    async (who) => {
      const target = await s.person({ at: { 1: 'member' }, extraData: { bio: 'Bio', shared: 's', secretnote: 'n' } });
      const at = user(1, target.at[1]!);
      const token =
        who === 'owner'
          ? `Bearer ${await s.world.token(target.at[1]!)}`
          : who === 'site key'
            ? 'fixed-admin'
            : await session(1, who);
      const as = { 'x-authorization': token, 'content-type': 'application/json' };
      const record = (await s.get(null, at, as)).body as JsonObject;

      const { result, writes } = await s.writesDuring(() => s.put(null, at, record, as));
      expect([result.status, writes, result.body]).toEqual([200, 0, record]);
      const changed = await s.put(null, at, { ...record, city: 'Breda' }, as);
      expect([changed.status, changed.body.city, changed.body.fullName]).toEqual([200, 'Breda', record['fullName']]);
    },
  );
});
