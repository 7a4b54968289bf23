import { operations, type Operations } from './operations.gen.ts';
import { send, type Answered, type SendSettings } from './send.ts';
import type { Anonymization, AnonymizationChanges, AnonymizationSummary, UserPage, UserWalk } from './types.gen.ts';

export type OperationName = keyof Operations;
export type Answer<N extends OperationName> = Operations[N]['answer'];
/** Every problem that a call can fail with, beside `/problems/internal-error`. */
export type ProblemOf<N extends OperationName> = Operations[N]['fails'][keyof Operations[N]['fails']];

/** A token, or who is asked for one before each call; null: none, as a visitor. */
export type Token = string | null | (() => string | null | Promise<string | null>);
export interface CivitasOptions {
  /** Where the API is reached: `https://api.example.org`, with or without a path. */
  readonly url: string | URL;
  /** A session token, a fixed token, or an access token of a management client. */
  readonly token?: Token | undefined;
  /** How long one try may take; 30,000 unless said. */
  readonly timeLimitMs?: number | undefined;
  /** How often what is safe to ask twice is tried again; 2 unless said. */
  readonly retries?: number | undefined;
  readonly fetch?: typeof fetch | undefined;
}
/** For one call. */
export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
  readonly timeLimitMs?: number | undefined;
}

/** What a query takes beside what it is told as: where a text is, a number; yes and no as they are. */
type QueryValue<T> = string extends T ? T | number : 'true' extends T ? T | boolean : T;
/** What need not be said may be said to be undefined. */
type NotSaid<T, P extends keyof T> = T extends Readonly<Record<P, unknown>> ? never : undefined;
/** Nothing that is given is changed. */
type Fixed<T> = unknown extends T ? T : { readonly [P in keyof T]: Fixed<T[P]> };
type Given<K, T> = K extends 'path'
  ? { readonly [P in keyof T]: string | number }
  : K extends 'query'
    ? { readonly [P in keyof T]: Fixed<QueryValue<T[P]>> | NotSaid<T, P> }
    : K extends 'headers'
      ? { readonly [P in keyof T]: T[P] | TagThere<P> }
      : Fixed<T>;
/** `headers.get('etag')` of an answer that had none: all of it is asked for. */
type TagThere<P> = P extends 'If-None-Match' ? null | undefined : never;
type Part<D, K extends string> =
  D extends Readonly<Record<K, infer T>>
    ? Readonly<Record<K, Given<K, T>>>
    : D extends Readonly<Partial<Record<K, infer T>>>
      ? [T] extends [undefined]
        ? unknown
        : Readonly<Partial<Record<K, Given<K, T>>>>
      : unknown;
type DataOf<N extends OperationName> = Operations[N]['data'];
/** What a call is given: path, query, body and headers as openapi.json says. */
export type Input<N extends OperationName> = CallOptions &
  Part<DataOf<N>, 'path'> &
  Part<DataOf<N>, 'query'> &
  Part<DataOf<N>, 'body'> &
  Part<DataOf<N>, 'headers'>;
type InputOf<N extends OperationName, More = unknown> =
  CallOptions extends Input<N> ? [input?: Input<N> & More] : [input: Input<N> & More];
interface WithoutTag {
  readonly headers?: { readonly 'If-None-Match'?: undefined };
}

/** With what is needed, and without what must not stand beside it. */
export type OneOf<T, Needed extends keyof T, Without extends keyof T> = Omit<T, Needed | Without> & {
  readonly [P in Needed]-?: Exclude<T[P], undefined>;
} & { readonly [P in Without]?: Required<T>[P] & undefined };

/** An answer with its status and headers. */
export interface Exchange<T> {
  readonly status: number;
  readonly headers: Headers;
  readonly data: T;
}
type HeadersOf<N extends OperationName> = DataOf<N> extends { readonly headers?: infer H } ? H : never;
/** To `If-None-Match`: you have it already, and there is no data (304). */
type NotModified<N extends OperationName> = 'If-None-Match' extends keyof NonNullable<HeadersOf<N>> ? undefined : never;

/** What `view` makes of an answer. */
interface Views {
  readonly summary: AnonymizationSummary;
  readonly changes: AnonymizationChanges;
}
type WithViews = { [N in OperationName]: AnonymizationSummary extends Answer<N> ? N : never }[OperationName];
type InView<N extends OperationName, V extends keyof Views> = Input<N> & { readonly query: { readonly view: V } };
/** A `do-` that is repeated under its key answers the summary, whatever it is asked for. */
type Seen<N extends WithViews, V extends keyof Views> = Views[V] | (N extends Previews ? never : AnonymizationSummary);
type Previews = Extract<WithViews, `will${string}`>;
type InLists<N extends Previews> = Input<N> & { readonly query?: { readonly view?: never } };
type Paged<P> = Input<'listUsers'> & { readonly query: P };

interface AnyInput extends CallOptions {
  readonly path?: Readonly<Record<string, string | number>>;
  readonly query?: object;
  readonly body?: object;
  readonly headers?: object;
}

/** Every operation of openapi.json by its name, over one address and with one token. */
export class Calls {
  readonly url: string;
  /** Goes with every call from now on. */
  token: Token;
  readonly #settings: SendSettings;
  /** Of answers that were read: their ETag. */
  readonly #tags = new WeakMap<object, string>();

  constructor({ url, token = null, timeLimitMs = 30_000, retries = 2, fetch: ask }: CivitasOptions) {
    this.url = new URL(url).href.replace(/\/$/, '');
    this.token = token;
    // A browser's own fetch is called as nobody's method.
    this.#settings = { fetch: ask ?? ((...asked) => fetch(...asked)), timeLimitMs, retries };
  }

  /** What an operation answers. Throws CivitasProblem. */
  call<N extends WithViews, V extends keyof Views>(name: N, input: InView<N, V>): Promise<Seen<N, V>>;
  call<N extends Previews>(name: N, input: InLists<N>): Promise<Anonymization>;
  call(name: 'listUsers', input: Paged<{ readonly cursor: string }>): Promise<UserWalk>;
  call(name: 'listUsers', input: Paged<{ readonly page: number; readonly cursor?: never }>): Promise<UserPage>;
  call<N extends OperationName>(name: N, ...input: InputOf<N>): Promise<Answer<N>>;
  async call(name: OperationName, input: AnyInput = {}): Promise<unknown> {
    // Who has a tag asks for the exchange, as then there may be no data.
    const headers = { ...input.headers, 'If-None-Match': undefined };
    return (await this.#exchange(name, { ...input, headers })).data;
  }

  /** The same with status and headers. Throws CivitasProblem. */
  exchange<N extends WithViews, V extends keyof Views>(name: N, input: InView<N, V>): Promise<Exchange<Seen<N, V>>>;
  exchange<N extends OperationName>(name: N, ...input: InputOf<N, WithoutTag>): Promise<Exchange<Answer<N>>>;
  exchange<N extends OperationName>(name: N, ...input: InputOf<N>): Promise<Exchange<Answer<N> | NotModified<N>>>;
  exchange(name: OperationName, input: AnyInput = {}): Promise<Exchange<unknown>> {
    return this.#exchange(name, input);
  }

  /** The header that lets a change through only where what was read is still so. */
  ifStill(seen: object | undefined): { readonly headers?: { readonly 'If-Match': string } } {
    if (seen === undefined) return {};
    const tag = this.#tags.get(seen);
    if (tag === undefined)
      throw new TypeError('`seen` must be an answer of this client with an ETag: read it by `get` first');
    return { headers: { 'If-Match': tag } };
  }

  async #exchange(
    name: OperationName,
    { path, query, body, headers, signal, timeLimitMs }: AnyInput,
  ): Promise<Answered> {
    const [method = '', pattern = '', ...marks] = operations[name].split(' ');
    const isForm = marks.includes('form');
    const sent = new Headers(said(headers));
    const token = typeof this.token === 'function' ? await this.token() : this.token;
    // A proxy may want `Authorization` for itself; management clients have no other.
    if (token !== null)
      sent.set(pattern.startsWith('/api/v1/') ? 'authorization' : 'x-authorization', `Bearer ${token}`);
    if (body !== undefined) sent.set('content-type', isForm ? 'application/x-www-form-urlencoded' : 'application/json');
    const answered = await send(
      {
        address: this.url + filled(pattern, path ?? {}) + queryText(query),
        method,
        headers: Object.fromEntries(sent),
        ...(body === undefined ? {} : { body: isForm ? queryText(body).slice(1) : JSON.stringify(body) }),
        isSafe: method === 'GET' || marks.includes('look') || (marks.includes('key') && sent.has('idempotency-key')),
        signal,
      },
      { ...this.#settings, ...(timeLimitMs === undefined ? {} : { timeLimitMs }) },
    );
    const tag = answered.headers.get('etag');
    if (tag !== null && typeof answered.data === 'object' && answered.data !== null) this.#tags.set(answered.data, tag);
    return answered;
  }
}

/** What is said, as text: a list or an object as JSON. */
const said = (values: object = {}): [string, string][] =>
  Object.entries(values).flatMap(([name, value]: [string, unknown]): [string, string][] =>
    value === undefined || value === null ? [] : [[name, parameterText(value)]],
  );

const parameterText = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

/** A value that would change the path is none. */
const filled = (pattern: string, path: Readonly<Record<string, string | number>>): string =>
  pattern.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = String(path[name] ?? '');
    if (/^\.{0,2}$/.test(value)) throw new TypeError(`path.${name} is needed`);
    return encodeURIComponent(value);
  });

const queryText = (query?: object): string => {
  const text = new URLSearchParams(said(query)).toString();
  return text === '' ? '' : `?${text}`;
};
