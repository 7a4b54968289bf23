import type { Answer, Request } from '../support/crashing/instance.ts';
import type { RowAt } from '../support/crashing/small-world.ts';

/** What can be done to one person; `at` is the row that is named. */
export interface Deed {
  readonly request: (at: RowAt, mail: string, mark: string) => Request;
  /** Statuses beside success that tell the caller truly what the other one did. */
  readonly refusals: readonly number[];
}
export const deedNames = ['update', 'create', 'delete', 'do-anonymize', 'do-anonymizeall', 'refresh'] as const;
export type DeedName = (typeof deedNames)[number];

const pathOf = ({ siteId, id }: RowAt): string => `/api/site/${siteId}/user/${id}`;

export const operations: Readonly<Record<DeedName, Deed>> = {
  // Two updates write different fields: neither may lose the other's.
  update: {
    request: (at, _mail, mark) => ({
      method: 'PUT',
      path: pathOf(at),
      body: { [mark === 'first' ? 'city' : 'streetName']: mark, extraData: { [mark]: mark } },
    }),
    refusals: [404, 409],
  },
  create: {
    request: (_at, mail) => ({ method: 'POST', path: '/api/site/3/user', body: { email: mail } }),
    refusals: [409],
  },
  delete: { request: (at) => ({ method: 'DELETE', path: pathOf(at) }), refusals: [404] },
  'do-anonymize': { request: (at) => ({ method: 'PUT', path: `${pathOf(at)}/do-anonymize` }), refusals: [404] },
  // Reads the person anew and mirrors what the OAuth server said, perhaps a moment too late.
  refresh: {
    request: (at) => ({ method: 'GET', path: pathOf(at), headers: { 'cache-control': 'no-cache' } }),
    refusals: [404],
  },
  'do-anonymizeall': { request: (at) => ({ method: 'PUT', path: `${pathOf(at)}/do-anonymizeall` }), refusals: [404] },
};

/** `person-being-removed` is the one 503 that is no accident: it says to come back. */
export const isTrueAnswer = (name: DeedName, { status, text }: Answer): boolean =>
  status === (name === 'create' ? 201 : 200) ||
  operations[name].refusals.includes(status) ||
  (status === 503 && text.includes('/problems/person-being-removed'));
