import type Joi from 'joi';
import { isVisitor, type Actor, type Scope } from '../domain/actor.ts';
import { Fault, type FaultCode } from '../domain/fault.ts';
import type { JsonObject } from '../domain/json.ts';
import type { Session } from '../domain/session.ts';
import type { SiteStore } from '../ports/site-store.ts';
import type { ClientActor } from '../use-cases/clients/commands.ts';
import type { ManagementUseCases, UseCases } from '../use-cases/index.ts';
import type { ReadSessionToken } from './auth/authenticate.ts';
import { type Browser, conditionsIn, repeatKeyOf, type EntityTags } from './requests/headers.ts';
import type { ErrorForm } from './problem-response.ts';
import type { LoginSecrets } from './login/login-state.ts';
import type { Described } from './openapi/schema.ts';
import type { InTurnWork } from './rate-limits/concurrency.ts';
import type { Guarded, InTurnOptions } from './rate-limits/limits.ts';
import { queryOf, type Query, queryValidator, unknownRefusal } from './requests/validate.ts';
import type { BodyKind, BodyLimit, BodyRules } from './requests/body.ts';

export type Method = 'get' | 'post' | 'put' | 'patch' | 'delete';
export type Parameters = Readonly<Record<string, string>>;
export type Sites = Pick<SiteStore, 'byId' | 'byDomain' | 'all'>;

/** What a row answers; `router.ts` sends it. */
export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON; absent: nothing. */
  readonly body?: unknown;
  /** JSON that is written already: by a presenter of its own, or because its tag was needed. */
  readonly json?: string;
  /** Sent as it is, under `Content-Type`. */
  readonly text?: { readonly type: string; readonly content: string };
  /** The name (an API key) whose secret was wrong, in an answer that says so: failures are counted. */
  readonly wrongSecretOf?: string;
  /** Sent piece by piece as one JSON text, no faster than it is read. */
  readonly stream?: AsyncIterable<string>;
  /** What a stream is, where not JSON. */
  readonly streamType?: string;
  /** JSON of what was read already, in pieces: what turns out to be little leaves as one text, and is not counted. */
  readonly pieces?: AsyncIterable<string>;
}

export const jsonType = 'application/json; charset=utf-8';
/** What is longer (in characters) is large: its answers are counted until they have been taken. */
export const littleAnswer = 100_000;
/** A whole body. */
export interface Written {
  readonly type: string;
  readonly content: string;
}
/** What is written already; null: nothing is, or it comes in pieces. Without Express's `json`, which asks much that is known here. */
export const writtenIn = ({ body, json, text }: Answer): Written | null => {
  if (text !== undefined) return text;
  if (json !== undefined) return { type: jsonType, content: json };
  return body === undefined ? null : { type: jsonType, content: JSON.stringify(body) };
};

/** What a row asks of a request, by the steps it names. */
export interface HandlerInput<W, Q> {
  readonly actor: Actor;
  readonly where: W;
  readonly query: Q;
  /** As sent; {} for methods without a body. */
  readonly body: JsonObject;
  readonly path: string;
  readonly rawQuery: Query;
  readonly ifMatch: EntityTags | undefined;
  readonly ifNoneMatch: EntityTags | undefined;
  /** `Idempotency-Key`, where the row is `repeatable`. */
  readonly repeatKey: string | undefined;
  /** `Cache-Control: no-cache`: the caller wants it from the source. */
  readonly wantsFresh: boolean;
  readonly browser: Browser;
  /** HEAD: nothing is told but that it would be. */
  readonly tellsNothing: boolean;
  readonly inTurn: InTurn;
  readonly beginLarge: RequestContext['beginLarge'];
}

/** Runs what may cost much, a few at a time and of each caller one. Faults: `too-many-requests`, `busy`. */
export type InTurn = <T>(work: InTurnWork<T>, options?: InTurnOptions<T>) => Promise<T>;

/** Where a request comes in: what express knows of it, in our words. */
export interface RequestContext {
  readonly parameters: Parameters;
  /** Path and query, as sent. */
  readonly address: string;
  readonly path: string;
  readonly header: (name: string) => string | undefined;
  readonly actor: () => Promise<Actor>;
  readonly body: (rules: BodyRules) => Promise<JsonObject>;
  readonly browser: Browser;
  readonly tellsNothing: boolean;
  readonly inTurn: InTurn;
  /**
   * Counts the answer among the large ones from now on, where that is known before it is read, or must not be refused any more once
   * something was done. Faults: `too-many-requests`, `busy`.
   */
  readonly beginLarge: (size?: { readonly bytes: number }) => Promise<void>;
  /** Fault `too-many-requests` for who tried too many addresses that were somebody's. */
  readonly beginEmailGuess: (actor: Actor) => Promise<void>;
  /** Who asks, where only management clients may. Faults: `unauthenticated`, `insufficient-scope`. */
  readonly client: (needed: Scope) => Promise<ClientActor>;
}
export interface Services {
  readonly useCases: UseCases;
  readonly management: ManagementUseCases;
  readonly sites: Sites;
  /** In which dates are read that name no offset. */
  readonly timeZone: string;
  readonly login: {
    readonly publicUrl: string | null;
    readonly secrets: LoginSecrets;
    readonly readToken: ReadSessionToken;
    readonly sign: (session: Session) => Promise<string>;
  };
}

/** Everything about an endpoint that does not depend on its types. */
export interface RouteMetadata {
  readonly method: Method;
  /** As OpenAPI writes it. */
  readonly path: string;
  readonly operationId: string;
  readonly summary: string;
  readonly group: 'Sites' | 'Users' | 'Activity' | 'Anonymize' | 'Receipts' | 'Login' | 'Clients';
  /** The rule in prose. */
  readonly who: string;
  /** Whether a visitor is asked for a token before anything else is looked at. */
  readonly needsToken: boolean;
  /** For whoever leaves: the OAuth server is not asked about the actor before, so that it can be done while that is away. */
  readonly leaving?: boolean;
  /**
   * OpenStad's clients take any error of this call for "signed out": a role above member that is not confirmed counts as member
   * here instead of being refused, and the call is the last to be limited. Source: user-api.md §5.
   */
  readonly keepsSignedIn?: boolean;
  /** Where the body's documented shape is, for methods that have one; the handler parses it. */
  readonly requestBody?: Joi.ObjectSchema;
  /** JSON unless said otherwise. */
  readonly bodyIs?: BodyKind;
  /** How large a body may be, where not 256 kB. */
  readonly bodyLimit?: BodyLimit;
  /** The key of a document that is merged into what is there: what it holds already is checked by nobody. */
  readonly document?: string;
  /**
   * A parameter, or a key of a body, that is not known is refused, as is a key that is said twice: for what removes something, as a
   * misspelt choice would widen it, and for routes that OpenStad's clients do not call with parameters of other calls.
   */
  readonly refusesUnknown?: boolean;
  /** Changes nothing, whatever its method: its answer may be refused when it is there, and asked for again. */
  readonly looksOnly?: boolean;
  /** Heeds `If-Match`; elsewhere that header is refused (`conditionsIn`). */
  readonly conditional?: boolean;
  /** Heeds `Idempotency-Key`: a repeat under the same key does nothing again. */
  readonly repeatable?: boolean;
  /** Has no site in its address: pages of the caller's own site may read the answer, and no others. */
  readonly ofCallersSite?: boolean;
  /** Has no site in its address, and is for whoever knows it: pages of every site here may read the answer. */
  readonly ofEverySite?: boolean;
  /** There where the console is served only. */
  readonly ofConsole?: boolean;
  /** Limited more strictly than an ordinary call, by address, before anybody is known. */
  readonly guarded?: Guarded;
  /** The e-mail address of its body is looked up, which tells that somebody has it: whoever asks may try so many. */
  readonly guessesAddresses?: boolean;
  /** For management clients: what a token must reach, and `none` where the client shows its secret itself. Absent: for people. */
  readonly scope?: Scope | 'none';
  /** How failures are told, where it is not as a problem. */
  readonly errors?: ErrorForm;
  readonly cache: 'private, no-cache' | 'no-store';
  /** Browsers are led here: they are told a problem as a page, if they ask for one. */
  readonly forBrowsers?: boolean;
  readonly answer: Described;
  /** What it can fail with, beside what every route can. */
  readonly problems: readonly FaultCode[];
}
interface Row<W, Q> extends RouteMetadata {
  readonly query: Joi.ObjectSchema<Q>;
  readonly where: (parameters: Parameters, sites: Sites) => Promise<W>;
  /**
   * Refuses who may not, whatever query and body say: said before either is read. Absent: everybody may, or what they may depends
   * on more than their role. It is no proof: the use case asks again where the right is used. Source: user-api.md §1 "Order of refusals".
   */
  readonly may?: (actor: Actor, where: NoInfer<W>) => void;
  readonly handler: (services: Services, input: HandlerInput<W, Q>) => Promise<Answer>;
}
/** A row of the table with its own types folded away. */
export interface Route extends RouteMetadata {
  readonly query: Joi.ObjectSchema;
  readonly handle: (services: Services, context: RequestContext) => Promise<Answer>;
}

/** The steps of every request: authenticate → load site → role → validate → use case → present. Faults: as the row says, and those of the steps. */
export const route = <W, Q>({ where, may, handler, ...row }: Row<W, Q>): Route => {
  const validQuery = queryValidator(row.query);
  const refuseUnknown = row.refusesUnknown === true ? unknownRefusal(row) : null;
  return {
    ...row,
    handle: async (services, context) => {
      const actor = await context.actor();
      if (row.needsToken && isVisitor(actor)) {
        throw new Fault('unauthenticated', { reason: 'no-token' }, 'A token is needed for this.');
      }
      const there = await where(context.parameters, services.sites);
      may?.(actor, there);
      const rawQuery = queryOf(context.address);
      refuseUnknown?.inQuery(rawQuery);
      const query = validQuery(rawQuery);
      const body = await bodyOf(row, context);
      refuseUnknown?.inBody(body);
      if (row.guessesAddresses === true && typeof body['email'] === 'string') await context.beginEmailGuess(actor);
      return handler(services, {
        actor,
        where: there,
        query,
        body,
        path: context.path,
        rawQuery,
        browser: context.browser,
        tellsNothing: context.tellsNothing,
        inTurn: context.inTurn,
        beginLarge: context.beginLarge,
        ...conditionsOf(row, context),
      });
    },
  };
};

/** For methods without a body, `{}`: nobody looks whether there is one, but where it might say what to remove. */
const bodyOf = async (
  { method, requestBody, bodyIs, bodyLimit, document, refusesUnknown }: RouteMetadata,
  context: RequestContext,
) => {
  const kind = bodyIs ?? (requestBody === undefined ? 'none' : 'json');
  if (kind === 'none' && (method === 'get' || refusesUnknown !== true)) return {};
  return context.body({
    kind,
    keysOnce: refusesUnknown === true,
    ...(bodyLimit === undefined ? {} : { limit: bodyLimit }),
    ...(document === undefined ? {} : { document }),
  });
};

const conditionsOf = (
  { conditional, repeatable, method }: RouteMetadata,
  { header }: RequestContext,
): Pick<HandlerInput<never, never>, 'ifMatch' | 'ifNoneMatch' | 'repeatKey' | 'wantsFresh'> => {
  return {
    ...conditionsIn({ method, conditional: conditional === true }, header),
    repeatKey: repeatable === true ? repeatKeyOf(header('idempotency-key')) : undefined,
    wantsFresh: /(?:^|,)\s*no-cache\s*(?:,|$)/i.test(header('cache-control') ?? ''),
  };
};
