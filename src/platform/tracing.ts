import type { IncomingMessage } from 'node:http';
import {
  context,
  propagation,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
  TraceFlags,
  type Attributes,
  type Context,
  type Span,
  type TextMapGetter,
  type Tracer,
  type TracerProvider,
} from '@opentelemetry/api';
import { systemClock } from './clock.ts';
import { HttpFailure } from './http-exchange.ts';

/** Spans around what the program does. Nothing of a person is in them: no id, value, address, query or words of another's error. */
export interface Tracing {
  /** The same functions by the same names; each call of one is a span of that name. */
  readonly useCases: <T extends object>(useCases: T) => T;
  /** The span of a request; it goes on from the caller's `traceparent`, as far as the SDK's propagator reads that. */
  readonly request: (request: IncomingMessage) => RequestSpan;
  /** Only inside another span: what jobs send again and again is no trace of its own. `text` has no values. */
  readonly statement: AroundStatement;
  readonly call: AroundCall;
  /** For a line of the log: whose span is running, if one is. */
  readonly ids: () => Readonly<Record<string, string>>;
  /** What has ended leaves now; waits for that a second at most. Never rejects. */
  readonly flush: () => Promise<void>;
}
export interface RequestSpan {
  readonly inside: <T>(work: () => T) => T;
  /** `route` is the template, or null: no route knows the address. */
  readonly end: (answered: { route: string | null; status: number; problem: string | undefined }) => void;
}
export type AroundStatement = <T>(dialect: 'mysql' | 'embedded', text: string, send: () => Promise<T>) => Promise<T>;
/** Of a call to another server: its origin, and its path without query or anything that may be somebody's. */
export interface TracedCall {
  readonly method: string;
  readonly origin: string;
  readonly template: string;
}
export type AroundCall = <T extends { readonly status: number }>(
  call: TracedCall,
  send: () => Promise<T>,
) => Promise<T>;

const name = 'civitas';

/**
 * By the OpenTelemetry SDK that whoever started this program has attached (docs/operate.md); null where nobody did. That is looked
 * at once, when things are put together, so that without one nothing is done at all for a call.
 */
export const attachedTracing = (): Tracing | null => {
  const provider: Provider = trace.getTracerProvider();
  const tracer = provider.getDelegateTracer === undefined ? provider.getTracer(name) : provider.getDelegateTracer(name);
  if (tracer === undefined) return null;
  return {
    useCases: (useCases) => tracedTable(tracer, useCases),
    request: (request) => requestSpan(tracer, request),
    statement: (dialect, text, send) =>
      isTraced() ? inSpan(tracer, statementSpan(dialect, text), () => send()) : send(),
    call: (call, send) =>
      inSpan(tracer, callSpan(call), async (span) => {
        const answer = await send();
        span.setAttribute('http.response.status_code', answer.status);
        if (answer.status >= 400) fails(span, String(answer.status));
        return answer;
      }),
    ids: () => {
      const running = trace.getActiveSpan()?.spanContext();
      return running === undefined ? {} : { trace_id: running.traceId, span_id: running.spanId };
    },
    flush: async () => {
      const attached = provider.getDelegate?.() ?? provider;
      // The SDK tells of it by itself where it fails.
      await systemClock.within(Promise.resolve(attached.forceFlush?.()).catch(ignored), flushMs);
    },
  };
};

/** The API stands before the SDK, and answers itself where there is none. */
interface Provider extends TracerProvider {
  getDelegateTracer?(name: string): Tracer | undefined;
  getDelegate?(): Provider;
  forceFlush?(): Promise<void>;
}
interface Described {
  readonly name: string;
  readonly kind: SpanKind;
  readonly attributes: Attributes;
}

const inSpan = <T>(
  tracer: Tracer,
  { name: spanName, kind, attributes }: Described,
  work: (span: Span) => Promise<T>,
): Promise<T> =>
  tracer.startActiveSpan(spanName, { kind, attributes }, async (span) => {
    try {
      return await work(span);
    } catch (error) {
      failsBy(span, error);
      throw error;
    } finally {
      span.end();
    }
  });

/** Also of a trace that ended: what a request leaves behind belongs to it. */
const isTraced = (): boolean =>
  ((trace.getActiveSpan()?.spanContext().traceFlags ?? TraceFlags.NONE) & TraceFlags.SAMPLED) !== 0;

type UseCase = (...given: readonly unknown[]) => unknown;

const tracedTable = <T extends object>(tracer: Tracer, useCases: T): T =>
  Object.fromEntries(
    Object.entries(useCases).map(([useCase, work]: [string, UseCase]) => [useCase, traced(tracer, useCase, work)]),
  ) as T;

/** What is answered bit by bit takes until the last bit. */
const traced =
  (tracer: Tracer, useCase: string, work: UseCase): UseCase =>
  (...given) => {
    const span = tracer.startSpan(useCase, { kind: SpanKind.INTERNAL });
    const inside = trace.setSpan(context.active(), span);
    try {
      const result = context.with(inside, () => work(...given));
      if (isStream(result)) return streamed(span, inside, result);
      if (result instanceof Promise) return ended(span, result);
      span.end();
      return result;
    } catch (error) {
      failsBy(span, error);
      span.end();
      throw error;
    }
  };

const ended = async (span: Span, work: Promise<unknown>): Promise<unknown> => {
  try {
    return await work;
  } catch (error) {
    failsBy(span, error);
    throw error;
  } finally {
    span.end();
  }
};

const isStream = (result: unknown): result is AsyncGenerator =>
  typeof result === 'object' && result !== null && Symbol.asyncIterator in result;

const streamed = async function* (span: Span, inside: Context, stream: AsyncGenerator): AsyncGenerator {
  try {
    for (;;) {
      const next = await context.with(inside, () => stream.next());
      if (next.done === true) return;
      yield next.value;
    }
  } catch (error) {
    failsBy(span, error);
    throw error;
  } finally {
    await context.with(inside, () => stream.return(undefined));
    span.end();
  }
};

/** Nothing else that a caller sends is read: `tracestate` and `baggage` may hold anything. */
const onlyParent: TextMapGetter<IncomingMessage['headers']> = {
  keys: () => ['traceparent'],
  get: (headers, header) => (header === 'traceparent' ? headers[header] : undefined),
};

/** Without `url.path`, which holds ids, and the caller's address. */
const requestSpan = (tracer: Tracer, { method = '', headers }: IncomingMessage): RequestSpan => {
  const from = propagation.extract(ROOT_CONTEXT, headers, onlyParent);
  const attributes = { 'http.request.method': method };
  const span = tracer.startSpan(method, { kind: SpanKind.SERVER, attributes }, from);
  const inside = trace.setSpan(from, span);
  return {
    inside: (work) => context.with(inside, work),
    end: ({ route, status, problem }) => {
      if (route !== null) span.updateName(`${method} ${route}`).setAttribute('http.route', route);
      span.setAttribute('http.response.status_code', status);
      if (problem !== undefined) span.setAttribute('civitas.problem', problem);
      // What the caller did wrong is no failure of ours.
      if (status >= 500) fails(span, problem ?? String(status));
      span.end();
    },
  };
};

const systems = { mysql: 'mysql', embedded: 'sqlite' } as const;
const maxText = 1000;

const statementSpan = (dialect: keyof typeof systems, text: string): Described => {
  const [operation = ''] = /\w+/.exec(text) ?? [];
  const table = /\b(?:FROM|INTO|UPDATE)\s+`?(\w+)/i.exec(text)?.[1];
  return {
    name: table === undefined ? operation : `${operation} ${table}`,
    kind: SpanKind.CLIENT,
    attributes: {
      'db.system.name': systems[dialect],
      'db.operation.name': operation,
      ...(table === undefined ? {} : { 'db.collection.name': table }),
      'db.query.text': text.length > maxText ? `${text.slice(0, maxText)}…` : text,
    },
  };
};

const callSpan = ({ method, origin, template }: TracedCall): Described => {
  const { hostname, port, protocol } = new URL(origin);
  const usualPort = protocol === 'https:' ? 443 : 80;
  return {
    name: `${method} ${template}`,
    kind: SpanKind.CLIENT,
    attributes: {
      'http.request.method': method,
      'server.address': hostname,
      'server.port': port === '' ? usualPort : Number(port),
      'url.template': template,
    },
  };
};

const fails = (span: Span, type: string): void => {
  span.setAttribute('error.type', type).setStatus({ code: SpanStatusCode.ERROR });
};

/** By a word of a closed set. What it says in words may quote values; a refusal is an answer like any other. */
const failsBy = (span: Span, error: unknown): void => {
  const type = error instanceof HttpFailure ? error.kind : typeOf(error);
  if (error instanceof Error && error.name === 'Fault') span.setAttribute('error.type', type);
  else fails(span, type);
};

const typeOf = (error: unknown): string => {
  if (!(error instanceof Error)) return '_OTHER';
  const words = ['code' in error ? error.code : undefined, error.name];
  return words.find((word): word is string => typeof word === 'string' && /^[a-z][\w-]{0,40}$/i.test(word)) ?? '_OTHER';
};

const flushMs = 1_000;
const ignored = (): void => undefined;
