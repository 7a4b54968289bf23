import { propertiesOf } from '../../src/http/openapi/schema.ts';
import type { Route } from '../../src/http/route.ts';
import { routes } from '../../src/http/routes.ts';
import { code, codes, generated, table } from './table.ts';

/** Every endpoint of the table of routes. */
export const routesPage = (): string => {
  const groups = [...new Set(routes.map(({ group }) => group))];
  return generated(
    'Routes',
    'the table of routes (`src/http/routes.ts`)',
    'Beside the problems named here every route can answer what goes for all of them ([user-api.md](../user-api.md) §5). Shapes of bodies and answers are in `/openapi.json`. Not in this table: `/health/live`, `/health/ready`, `/metrics`, `/problems/<name>`, `/openapi.json`, `/docs` and `/client.js` ([running.md](../running.md)).',
    ...groups.flatMap((group) => [`## ${group}`, groupTable(routes.filter((route) => route.group === group))]),
  );
};

const groupTable = (rows: readonly Route[]): string =>
  table(
    ['call', 'does', 'who', 'needs', 'query', 'answers', 'fails with'],
    rows.map((route) => [
      code(`${route.method.toUpperCase()} ${route.path}`),
      route.summary,
      route.who,
      needs(route),
      codes(propertiesOf(route.query).map(({ name }) => name)),
      [route.answer.status, ...(route.answer.notModified === true ? [304] : [])].join(', '),
      route.problems.length === 0
        ? '–'
        : [...new Set(route.problems)].map((name) => `[${name}](problems.md#${name})`).join(', '),
    ]),
  );

const needs = ({ scope, needsToken }: Route): string => {
  if (scope === 'none') return 'key and secret';
  if (scope !== undefined) return `scope ${code(scope)}`;
  return needsToken ? 'a token' : '–';
};
