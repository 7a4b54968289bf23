import type { Request, Response } from 'express';
import { includes, type Scope } from '../../domain/actor.ts';
import { Fault } from '../../domain/fault.ts';
import type { ClientActor } from '../../use-cases/clients/commands.ts';
import type { ManagementUseCases } from '../../use-cases/index.ts';
import type { Limits } from '../rate-limits/limits.ts';
import { credentialOf, type Credential } from '../requests/headers.ts';

export type AuthenticateClient = (request: Request, response: Response, needed: Scope) => Promise<ClientActor>;

/**
 * Which management client asks: by its token (in `Authorization`, or in `Authentication` as the manual has it), else by
 * `api_key=` in the address, which reaches as far as `public`. Nobody else may come in here. Faults: `unauthenticated`,
 * `insufficient-scope`, `too-many-requests`. Source: management-api.md §1.
 */
export const clientAuthenticator =
  (
    { clientByToken, clientByKey }: Pick<ManagementUseCases, 'clientByToken' | 'clientByKey'>,
    limits: Pick<Limits, 'caller' | 'lookUp'>,
  ): AuthenticateClient =>
  async (request, response, needed) => {
    const credential = credentialIn(request);
    if (credential.kind === 'malformed') throw notValid();
    if (credential.kind === 'token') await limits.lookUp(request, response);
    const actor = await (credential.kind === 'token' ? clientByToken(credential.token) : byKey(request, clientByKey));
    if (actor === null) throw notValid();
    // A key is public: who asks by it was counted by address, as visitors are, and uses up nothing of what the client may ask.
    if (credential.kind === 'token')
      await limits.caller(request, response, { id: `client ${actor.client.id}`, isProgram: true });
    mustReach(actor, needed);
    return actor;
  };

/** Fault `insufficient-scope`. */
export const mustReach = ({ client }: ClientActor, needed: Scope): void => {
  if (!includes(client.scopes, needed))
    throw new Fault('insufficient-scope', { scope: needed }, `This needs a token with the scope ${needed}.`);
};

const credentialIn = (request: Request): Credential => {
  const usual = credentialOf({
    authorization: request.get('authorization'),
    xAuthorization: request.get('x-authorization'),
  });
  return usual.kind === 'none'
    ? credentialOf({ authorization: undefined, xAuthorization: request.get('authentication') })
    : usual;
};

const byKey = (request: Request, clientByKey: ManagementUseCases['clientByKey']): Promise<ClientActor | null> => {
  const start = request.originalUrl.indexOf('?');
  const keys = start === -1 ? [] : new URLSearchParams(request.originalUrl.slice(start + 1)).getAll('api_key');
  const [key] = keys;
  if (key === undefined)
    throw new Fault('unauthenticated', { reason: 'no-token' }, 'A token of a management client is needed for this.');
  // Given twice, it says nothing; what is too long is no key.
  return keys.length > 1 || key.length > 64 ? Promise.resolve(null) : clientByKey(key);
};

const notValid = (): Fault<'unauthenticated'> =>
  new Fault('unauthenticated', { reason: 'invalid-token' }, 'The token or the API key is not valid, or not any more.');
