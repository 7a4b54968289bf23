import { Ajv2020 } from 'ajv/dist/2020.js';
import { request as ask } from 'node:http';
import { startSentences, users, type SentenceWorld } from '../journeys/sentences/support/world.ts';

/**
 * Whoever checks answers by `/openapi.json` as it is served, where objects may hold more than is told: our own tests close them, and did
 * not see that a page by its number was two of three shapes of which it had to be one, nor what browsers are told.
 */
const ours = 11;
interface Described {
  readonly content?: Readonly<Record<string, { readonly schema: object }>>;
}
type Operations = Readonly<Record<string, Readonly<Record<string, { readonly responses: Record<string, Described> }>>>>;
let s: SentenceWorld;
let paths: Operations;
const ajv = new Ajv2020({ strict: false, validateFormats: false });
beforeAll(async () => {
  s = await startSentences({ [ours]: {} });
  const { body } = await s.get(null, '/openapi.json');
  paths = body.paths as Operations;
  ajv.addSchema(body as object, 'openapi');
});
afterAll(() => s.close());

const described = (path: string, status: number, method = 'get'): Described['content'] =>
  paths[path]![method]!.responses[status]?.content;
const faultsOf = (path: string, body: unknown): unknown => {
  const { schema } = described(path, 200)!['application/json']!;
  const validate = ajv.compile(JSON.parse(JSON.stringify(schema).replaceAll('"#/', '"openapi#/')) as object);
  validate(body);
  return validate.errors ?? [];
};
/** As it stands: `fetch` would put the address right. */
const rawly = (path: string, headers: Readonly<Record<string, string>> = {}) =>
  new Promise<{ readonly status: number; readonly kind: string; readonly encoding: string | undefined }>(
    (resolve, reject) => {
      const asked = ask(s.world.url, { path, headers }, (answer) => {
        const { 'content-type': kind = '', 'content-encoding': encoding } = answer.headers;
        answer.resume().on('end', () => {
          resolve({ status: answer.statusCode ?? 0, kind: kind.split(';')[0]!, encoding });
        });
      });
      asked.on('error', reject).end();
    },
  );

describe('what openapi.json tells, as it is served,', () => {
  it('is so of pages by number, by cursor and of everybody', async () => {
    const boss = (await s.person({ at: { [ours]: 'admin' } })).at[ours]!;
    await s.person({ at: { [ours]: 'member' } });
    const list = `${users(ours)}?pageSize=1`;
    const first = (await s.get(boss, `${list}&page=0`)).body;
    const answers = [
      first,
      (await s.get(boss, `${list}&page=99`)).body,
      (await s.get(boss, `${list}&cursor=${String(first.metadata.cursor)}`)).body,
      (await s.get(boss, list)).body,
    ];
    expect(answers.map((body) => faultsOf('/api/site/{siteId}/user', body))).toEqual([[], [], [], []]);
    const people = [await s.get(boss, '/api/person?q=zzz&page=0'), await s.get(boss, '/api/person?q=zzz')];
    expect(people.map(({ body }) => faultsOf('/api/person', body))).toEqual([[], []]);
  });

  it.each([
    ['/oauth/site/{siteId}/login', `/oauth/site/${ours}/login?redirectUrl=x`, 400],
    ['/oauth/site/{siteId}/digest-login', `/oauth/site/${ours}/digest-login`, 403],
    ['/receipts/{token}', '/receipts/nothing', 404],
  ])('is so of problems that browsers are told as a page: %s', async (path, address, status) => {
    const answer = await rawly(address, { accept: 'text/html' });
    expect([answer.status, answer.kind]).toEqual([status, 'text/html']);
    expect(Object.keys(described(path, status)!)).toContain('text/html');
  });

  it('is so where the address of a back office is broken', async () => {
    const { status, kind } = await rawly('/api/v1/users/%ff');
    expect([status, Object.keys(described('/api/v1/users/{uid}', 404)!)]).toEqual([404, [kind]]);
  });
});

it('openapi.json travels packed to whoever takes that, so that few of its requests are little', async () => {
  const encodings = ['gzip', 'identity'].map((accept) => rawly('/openapi.json', { 'accept-encoding': accept }));
  expect((await Promise.all(encodings)).map(({ encoding }) => encoding)).toEqual(['gzip', undefined]);
});
