import { context, propagation, trace } from '@opentelemetry/api';
import { InMemorySpanExporter, NodeTracerProvider, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-node';

/** Attaches an SDK to this process, as an operator would, before the program is put together. */
export const collectSpans = () => {
  const exporter = new InMemorySpanExporter();
  const provider = new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
  provider.register();
  return {
    spans: () => exporter.getFinishedSpans().map(spanOf),
    forget: () => exporter.reset(),
    stop: async () => {
      await provider.shutdown();
      for (const part of [trace, context, propagation]) part.disable();
    },
  };
};

/** All of it that leaves the process. */
const spanOf = (span) => {
  const { traceId, spanId, traceState } = span.spanContext();
  const { name, kind, attributes, status, events, links, resource, parentSpanContext } = span;
  return {
    ...{ name, kind, attributes, status, events, links, traceId, spanId },
    traceState: traceState?.serialize() ?? '',
    resource: resource.attributes,
    parentSpanId: parentSpanContext?.spanId ?? null,
  };
};
