import { roleAt, type Actor, atLeast } from '../../domain/actor.ts';
import type { Site } from '../../domain/sites/site.ts';
import { ruleOf, userFieldNames, type UserField } from '../../domain/users/user-fields.ts';
import { malformed } from './malformed.ts';

/**
 * The field that a filter or sort names. What is unknown and what is not the actor's to ask by are refused in the same words:
 * nothing can be probed. Fault `malformed-request`. Source: user-api.md §2.
 */
export const queryableField = (name: string, actor: Actor, site: Site, parameter: 'filter' | 'sort'): UserField => {
  const field = userFieldNames.find((known) => known === name);
  if (field === undefined || !mayQuery(field, actor, site)) {
    throw malformed(parameter, `names ${JSON.stringify(name.slice(0, 64))}, which is no field you may ${parameter} by`);
  }
  return field;
};

const mayQuery = (field: UserField, actor: Actor, site: Site): boolean => {
  const { query, view } = ruleOf(field);
  if (!query || (field === 'nickName' && !site.config.users.allowUseOfNicknames)) return false;
  const role = roleAt(actor, site.id);
  switch (view) {
    case 'everybody':
      return true;
    case 'details':
      return atLeast(role, 'moderator');
    case 'admin':
      return role === 'admin';
    case 'by-key':
    case 'nobody':
      return false;
  }
};
