import { ruleOf, unchanged, userFieldNames, type UserField, type Who } from '../../src/domain/users/user-fields.ts';
import { code, table } from './table.ts';

/** The fields of a user: who sees and sets them, where they live, what anonymizing leaves. */
export const fieldTable = (): string =>
  table(
    ['field', 'seen by', 'set by POST', 'set by PUT', 'home', 'filter, sort', 'holds', 'left'],
    userFieldNames.map((field) => {
      const { view, create, update, home, query, shape } = ruleOf(field);
      return [
        code(field),
        views[view],
        whoOf(create),
        whoOf(update),
        homes[home],
        query ? 'yes' : '–',
        'maxLength' in shape ? `${shape.kind}, ${shape.maxLength}` : shape.kind,
        leftOf(field),
      ];
    }),
  );

const views = {
  everybody: 'everybody',
  details: 'details',
  admin: 'admin',
  nobody: 'nobody',
  'by-key': 'by key',
} as const satisfies Record<ReturnType<typeof ruleOf>['view'], string>;

const homes = {
  oauth: 'OAuth server',
  'oauth-per-site': 'OAuth server, per site',
  'oauth-per-client': 'OAuth server, per client',
  here: 'here',
} as const satisfies Record<ReturnType<typeof ruleOf>['home'], string>;

const whoOf = (who: readonly Who[]): string => (who.length === 0 ? '–' : who.join(', '));

const leftOf = (field: UserField): string => {
  const { afterAnonymizing: left } = ruleOf(field);
  if (left === unchanged) return 'as it is';
  if (typeof left === 'function') return replaced[field] ?? 'what replaces it';
  if (left instanceof Date) return left.toISOString().slice(0, 10);
  return code(typeof left === 'string' ? left : JSON.stringify(left));
};

const replaced: Partial<Record<UserField, string>> = {
  firstName: 'the replaced name',
  lastName: 'the replaced name',
  anonymizedAt: 'now',
  updatedAt: 'now',
};
