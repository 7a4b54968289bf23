import type { Actor } from '../../domain/actor.ts';
import type { Site } from '../../domain/site.ts';
import type { Sort } from '../../ports/user-store.ts';
import type { UserField } from '../../domain/user-fields.ts';
import { malformed } from './malformed.ts';
import { queryableField } from './queryable.ts';

/** `["lastName","DESC"]` or `lastName_desc`; by id where nothing is said. Fault `malformed-request`. Source: user-api.md §3. */
export const sortOf = (text: string | undefined, actor: Actor, site: Site): Sort => {
  if (text === undefined) return { field: 'id', direction: 'ASC' };
  const [name, direction] = text.trimStart().startsWith('[')
    ? pairOf(text)
    : [text.replace(/_[^_]*$/, ''), text.replace(/^.*_/, '')];
  const field = queryableField(otherNames.get(name) ?? name, actor, site, 'sort');
  switch (direction.toUpperCase()) {
    case 'ASC':
      return { field, direction: 'ASC' };
    case 'DESC':
      return { field, direction: 'DESC' };
    default:
      throw malformed('sort', 'needs a direction, asc or desc');
  }
};

/** As OpenStad's clients sort every kind of list. Source: user-api.md §5. */
const otherNames: ReadonlyMap<string, UserField> = new Map([['createdate', 'createdAt']]);

const pairOf = (text: string): readonly [string, string] => {
  const pair = listOf(text);
  const [name, direction] = pair;
  if (pair.length !== 2 || typeof name !== 'string' || typeof direction !== 'string') {
    throw malformed('sort', 'must be a field and a direction');
  }
  return [name, direction];
};

const listOf = (text: string): readonly unknown[] => {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? value : [];
  } catch {
    throw malformed('sort', 'is not JSON');
  }
};
