export interface CollectedSpan {
  readonly name: string;
  /** 0: inside the program, 1: a request, 2: what the program asks of others. */
  readonly kind: number;
  readonly attributes: Readonly<Record<string, unknown>>;
  /** Code 2: an error. */
  readonly status: { readonly code: number; readonly message?: string };
  readonly events: readonly unknown[];
  readonly links: readonly unknown[];
  readonly traceId: string;
  readonly spanId: string;
  readonly traceState: string;
  readonly resource: Readonly<Record<string, unknown>>;
  readonly parentSpanId: string | null;
}
export interface SpanCollection {
  /** Those that have ended, in that order. */
  readonly spans: () => readonly CollectedSpan[];
  readonly forget: () => void;
  readonly stop: () => Promise<void>;
}
/** Attaches an OpenTelemetry SDK to this process; whatever program is put together afterwards is traced. */
export const collectSpans: () => SpanCollection;
