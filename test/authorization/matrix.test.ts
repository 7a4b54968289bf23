import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Route } from '../../src/http/route.ts';
import { routes } from '../../src/http/routes.ts';
import { otherParameters, waysOf, type Way } from './support/asking.ts';
import { actorNames, castOf, userTargets, type ActorName, type Cast, type UserTarget } from './support/cast.ts';

/**
 * Who may do what: every route × every kind of target × every kind of actor, asked over HTTP and compared with matrix.txt, which
 * is read in reviews. `200+`: the answer holds the target's e-mail address, or where
 * there is no single target more than one, or a site's config. `–`: there is no such target for this actor.
 * UPDATE_MATRIX=1 writes the file anew. Source: user-api.md §1–3, docs/adr/0013.
 */
const file = join(import.meta.dirname, 'matrix.txt');
const updating = process.env['UPDATE_MATRIX'] === '1';
const reviewed = existsSync(file) ? readFileSync(file, 'utf8') : '';

/** What stands in the address of one line of the matrix. */
interface Place {
  readonly name: string;
  readonly user?: UserTarget;
  readonly values: Readonly<Record<string, string>>;
}
const placesOf = ({ path, operationId }: Route): readonly Place[] => {
  const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);
  if (names.includes('userId')) return userTargets.map((user) => ({ name: user, user, values: {} }));
  if (names.length === 0) return [{ name: '–', values: {} }];
  return names.reduce<readonly Place[]>(
    (places, name) =>
      places.flatMap((place) =>
        valuesOf(name, operationId).map(([called, value]) => ({
          name: [place.name, called].filter((part) => part !== '').join(', '),
          values: { ...place.values, [name]: value },
        })),
      ),
    [{ name: '', values: {} }],
  );
};
const valuesOf = (name: string, operationId: string): readonly (readonly [string, string])[] => {
  const values =
    name === 'siteId' ? (['1', '2', '99'] as const).map((id) => [`site ${id}`, id] as const) : otherParameters[name];
  if (values === undefined) throw new Error(`say in otherParameters what {${name}} of ${operationId} may be`);
  return values;
};

let cast: Cast;
beforeAll(async () => {
  cast = await castOf();
});
afterAll(() => cast.s.close());

const answerTo = async (route: Route, place: Place, way: Way, actor: ActorName): Promise<string> => {
  const target = place.user === undefined ? null : await cast.target(actor, place.user);
  if (place.user !== undefined && target === null) return '–';
  const values: Readonly<Record<string, string>> =
    target === null ? place.values : { siteId: String(target.siteId), userId: String(target.userId) };
  const path = route.path.replace(/\{(\w+)\}/g, (_all, name: string) => values[name] ?? '');
  const response = await fetch(cast.s.world.url + path + (way.query ?? ''), {
    method: route.method.toUpperCase(),
    redirect: 'manual',
    headers: { ...(await cast.credential(actor)), ...contentTypeOf(way) },
    ...bodyOf(way),
  });
  const text = await response.text();
  if (place.user !== undefined && way.usesUp === true && response.ok) await cast.usedUp(actor, place.user);
  if (way.endsSession === true && response.status < 400) await cast.usedUp(actor, 'own');
  const showsAlone = (text.match(/"email":"/g) ?? []).length > 1 || text.includes('"config":');
  const shows = target === null ? showsAlone : text.includes(target.email);
  return `${response.status}${shows ? '+' : ''}`;
};

const contentTypeOf = ({ body, form }: Way): Record<string, string> => {
  if (form !== undefined) return { 'content-type': 'application/x-www-form-urlencoded' };
  return body === undefined ? {} : { 'content-type': 'application/json' };
};
const bodyOf = ({ body, form }: Way): { readonly body?: string } => {
  if (form !== undefined) return { body: new URLSearchParams(form).toString() };
  return body === undefined ? {} : { body: JSON.stringify(body) };
};

const widths = { operation: 38, target: 20, answer: 6 };
const lineOf = (operation: string, target: string, answers: readonly string[]): string =>
  `${operation.padEnd(widths.operation)} ${target.padEnd(widths.target)} ${answers
    .map((answer, at) => answer.padEnd(Math.max(widths.answer, actorNames[at]?.length ?? 0)))
    .join(' ')}`.trimEnd();

/** What changes nothing may be asked by all at once. */
const isHarmless = ({ method, operationId }: Route): boolean => method === 'get' || operationId.startsWith('will');
const oneByOne = async <T, R>(list: readonly T[], work: (one: T) => Promise<R>): Promise<readonly R[]> => {
  const results: R[] = [];
  for (const one of list) results.push(await work(one));
  return results;
};

const written: string[] = [];
const linesOf = async (route: Route): Promise<readonly string[]> => {
  const lines: string[] = [];
  for (const index of waysOf(route).keys()) {
    for (const place of placesOf(route)) {
      // Anew for each request: some bodies name somebody who must not be there yet.
      const wayNow = (): Way => waysOf(route)[index] ?? { name: '' };
      const ask = (actor: ActorName): Promise<string> => answerTo(route, place, wayNow(), actor);
      const answers = isHarmless(route) ? await Promise.all(actorNames.map(ask)) : await oneByOne(actorNames, ask);
      const { name } = wayNow();
      const called = name === '' ? route.operationId : `${route.operationId} ${name}`;
      lines.push(lineOf(called, place.name, answers));
    }
  }
  return lines;
};

describe('who may do what', () => {
  // `-t` runs one of them; updating needs all.
  test.each(routes.map((route) => [route.operationId, route] as const))('%s', async (operationId, route) => {
    const lines = await linesOf(route);
    written.push(...lines, '');

    const wanted = reviewed.split('\n').filter((line) => line.split(' ')[0] === operationId);
    if (!updating) expect(lines).toEqual(wanted);
  });

  test('is said of every route, and of nothing else', () => {
    const head = lineOf('call', 'target', actorNames);
    if (updating) writeFileSync(file, `${[head, '', ...written].join('\n').trimEnd()}\n`);
    const named = new Set((updating ? written : reviewed.split('\n').slice(1)).map((line) => line.split(' ')[0]));
    named.delete('');
    expect([...named].sort()).toEqual(routes.map(({ operationId }) => operationId).sort());
  });
});
