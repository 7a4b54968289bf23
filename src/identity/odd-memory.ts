import NodeCache from 'node-cache';
import { isInRecord } from '../domain/fault.ts';
import type { OauthClient } from '../domain/oauth-client.ts';

/** Long enough that asking again and again costs no reading of megabytes each time; short enough for who has put it right. */
const keptSeconds = 5;
const maxKept = 10_000;

/** Reads a person, unless it was found a moment ago that their record cannot be read: then it is that Fault again. */
export type UnlessOdd = <T>(client: OauthClient, externalId: string, read: () => Promise<T>) => Promise<T>;

export const oddMemory = (): UnlessOdd => {
  const odd = new NodeCache({ stdTTL: keptSeconds, useClones: false, checkperiod: 60, maxKeys: maxKept });
  return async (client, externalId, read) => {
    const name = `${client.issuer} ${externalId}`;
    const known = odd.get<Error>(name);
    if (known !== undefined) throw known;
    try {
      return await read();
    } catch (error) {
      if (isInRecord(error) && odd.keys().length < maxKept) odd.set(name, error);
      throw error;
    }
  };
};
