import type Joi from 'joi';
import type { Scope } from '../../domain/client.ts';
import { Fault, isFault } from '../../domain/fault.ts';
import type { JsonObject } from '../../domain/json.ts';
import type { ClientActor, ManagementStories } from '../../management/commands.ts';
import type { Answer } from '../answer.ts';
import { entityTagsOf, type EntityTags } from '../requests/conditional.ts';
import { queryOf, type Query } from '../requests/query.ts';
import { validated } from '../requests/validate.ts';
import type { Card, Route } from '../route.ts';

interface Asked<Q> {
  readonly actor: ClientActor;
  /** '' where the address names nobody. */
  readonly uid: string;
  readonly query: Q;
  readonly rawQuery: Query;
  readonly body: JsonObject;
  readonly path: string;
  readonly ifMatch: EntityTags | undefined;
}
interface Managed<Q> extends Omit<Card, 'group' | 'needsToken' | 'errors' | 'cache' | 'scope'> {
  readonly scope: Scope;
  readonly query: Joi.ObjectSchema<Q>;
  readonly tell: (stories: ManagementStories, asked: Asked<Q>) => Promise<Answer>;
}

/**
 * A row of the management API: only clients come in, failures are told in its own form, and bad parameters are 422.
 * Source: management-api.md §2.
 */
export const managed = <Q>({ tell, ...row }: Managed<Q>): Route => ({
  ...row,
  group: 'Users',
  needsToken: true,
  errors: 'management',
  cache: 'no-store',
  handle: async ({ management }, door) => {
    const actor = await door.client(row.scope);
    const ifMatch = row.conditional === true ? entityTagsOf('If-Match', door.header('if-match')) : undefined;
    const { query, rawQuery } = asParameters(() => {
      const sent = queryOf(door.address);
      return { rawQuery: sent, query: validated(row.query, sent, 'query') };
    });
    const body = row.requestBody === undefined ? {} : await door.body('json', '256 kB');
    const uid = door.parameters['uid'] ?? '';
    return tell(management, { actor, uid, query, rawQuery, body, path: door.path, ifMatch });
  },
});

const asParameters = <T>(read: () => T): T => {
  try {
    return read();
  } catch (error) {
    if (!isFault(error, 'malformed-request')) throw error;
    throw new Fault('invalid-values', error.facts, error.message, { cause: error });
  }
};
