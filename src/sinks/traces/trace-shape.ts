export type SpanAttributes = Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>;

/** A span that is known whole: nothing is held open, each is made when its outcome is known. Times are wall-clock ms. */
export type SpanShape = {
  readonly name: 'connect' | 'dns' | 'tcp_connect' | 'tls_handshake' | 'protocol_handshake' | 'connection' | 'incident';
  readonly kind: 'client' | 'internal';
  readonly startMs: number;
  readonly endMs: number;
  readonly attributes: SpanAttributes;
  /** Present: the status is ERROR and this describes it. Absent: the status stays unset. */
  readonly error?: string;
};

export type TraceShape = { readonly root: SpanShape; readonly children: readonly SpanShape[] };

/** The address of a span, to link to. */
export type SpanAddress = { readonly traceId: string; readonly spanId: string };
