import type Joi from 'joi';
import type { Scope } from '../../domain/actor.ts';
import { Fault, isFault } from '../../domain/fault.ts';
import type { JsonObject } from '../../domain/json.ts';
import type { ClientActor } from '../../use-cases/clients/commands.ts';
import type { ManagementUseCases } from '../../use-cases/index.ts';
import type { Answer, InTurn, RouteMetadata, Route } from '../route.ts';
import { conditionsIn, type EntityTags } from '../requests/headers.ts';
import { malformed, queryOf, type Query, queryValidator, unknownRefusal } from '../requests/validate.ts';

interface HandlerInput<Q> {
  readonly actor: ClientActor;
  /** '' where the address names nobody. */
  readonly uid: string;
  readonly query: Q;
  readonly rawQuery: Query;
  readonly body: JsonObject;
  readonly path: string;
  readonly ifMatch: EntityTags | undefined;
  readonly tellsNothing: boolean;
  readonly inTurn: InTurn;
}
interface Managed<Q> extends Omit<RouteMetadata, 'group' | 'needsToken' | 'errors' | 'cache' | 'scope'> {
  readonly scope: Scope;
  readonly query: Joi.ObjectSchema<Q>;
  readonly handler: (useCases: ManagementUseCases, input: HandlerInput<Q>) => Promise<Answer>;
}

/**
 * A row of the management API: only clients come in, failures are told in its own form, and bad parameters, unknown ones too, are 422.
 * Source: management-api.md §2.
 */
export const managed = <Q>({ handler, ...row }: Managed<Q>): Route => {
  const validQuery = queryValidator(row.query);
  const refuseUnknown = unknownRefusal(row);
  // Who changes somebody sends back what they got; what else takes a body removes.
  const removes = row.method !== 'patch';
  return {
    ...row,
    group: 'Users',
    needsToken: true,
    errors: 'management',
    cache: 'no-store',
    handle: async ({ management }, context) => {
      const actor = await context.client(row.scope);
      const { query, rawQuery } = asParameters(() => {
        const sent = queryOf(context.address);
        refuseUnknown.inQuery(sent);
        return { rawQuery: sent, query: validQuery(sent) };
      });
      const body =
        row.method === 'get' ? {} : await context.body({ kind: removes ? 'none' : 'json', keysOnce: removes });
      asParameters(() => {
        // Who changes somebody may send back what they got; only a choice would be overheard.
        if (removes) refuseUnknown.inBody(body);
        else refuseChoiceIn(body);
      });
      const { ifMatch } = conditionsIn(row, context.header);
      const uid = context.parameters['uid'] ?? '';
      const { path, tellsNothing, inTurn } = context;
      return handler(management, { actor, uid, query, rawQuery, body, path, ifMatch, tellsNothing, inTurn });
    },
  };
};

/** `onlySiteIds` as for users: overlooked, all of the client's sites would be reached. Fault `malformed-request`. */
const refuseChoiceIn = (given: JsonObject): void => {
  const choice = Object.keys(given).find((key) => /^only/i.test(key));
  if (choice !== undefined) throw malformed(choice.slice(0, 64), "is not known: all of the client's sites are reached");
};

/** Bad parameters are 422 here. */
export const asParameters = <T>(read: () => T): T => {
  try {
    return read();
  } catch (error) {
    if (!isFault(error, 'malformed-request')) throw error;
    throw new Fault('invalid-values', error.facts, error.message, { cause: error });
  }
};
