import type Joi from 'joi';
import type { JsonObject } from '../../domain/json.ts';
import { malformed } from './malformed.ts';
import type { Query } from './query.ts';
import { keysOf } from './validate.ts';

interface Takes {
  readonly query: Joi.ObjectSchema;
  readonly requestBody?: Joi.ObjectSchema | undefined;
}
interface UnknownRefusal {
  readonly inQuery: (query: Query) => void;
  readonly inBody: (body: JsonObject) => void;
}

/** Refuses what a call does not take. Fault `malformed-request` naming it. Source: user-api.md §5. */
export const unknownRefusal = ({ query, requestBody }: Takes): UnknownRefusal => {
  const [parameters, keys] = [keysOf(query), keysOf(requestBody)];
  return {
    inQuery: (given) => {
      const unknown = Object.keys(given).find((name) => !parameters.has(name));
      if (unknown === undefined) return;
      const detail = keys.has(unknown) ? 'belongs in the body of this call' : notTaken;
      throw malformed(unknown.slice(0, 64), detail);
    },
    inBody: (given) => {
      const unknown = Object.keys(given).find((name) => !keys.has(name));
      if (unknown !== undefined) throw malformed(unknown.slice(0, 64), notTaken);
    },
  };
};

const notTaken = 'is nothing that this call takes';
