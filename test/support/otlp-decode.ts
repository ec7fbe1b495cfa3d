import { readFileSync } from 'node:fs';

import protobuf from 'protobufjs';

export type ReceivedSpan = {
  readonly traceId: string;
  readonly spanId: string;
  /** Empty for a root. */
  readonly parentSpanId: string;
  readonly name: string;
  readonly kind: 'internal' | 'client' | 'other';
  /** Wall-clock milliseconds. */
  readonly startMs: number;
  readonly endMs: number;
  readonly attributes: ReceivedAttributes;
  readonly links: readonly { readonly traceId: string; readonly spanId: string }[];
  readonly status: 'unset' | 'ok' | 'error';
  readonly statusMessage: string;
  readonly resource: ReceivedAttributes;
  readonly scope: string;
  /** Of the resource and of the scope, each once. */
  readonly schemaUrls: readonly string[];
};

type Scalar = string | number | boolean;
type ReceivedAttributes = Readonly<Record<string, Scalar | readonly Scalar[]>>;
type Value = {
  readonly stringValue?: string;
  readonly boolValue?: boolean;
  readonly intValue?: string;
  readonly doubleValue?: number;
  readonly arrayValue?: { readonly values?: readonly Value[] };
};
type Pair = { readonly key: string; readonly value?: Value };
type RawSpan = {
  readonly traceId: Uint8Array;
  readonly spanId: Uint8Array;
  readonly parentSpanId?: Uint8Array;
  readonly name: string;
  readonly kind?: number;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes?: readonly Pair[];
  readonly links?: readonly { readonly traceId: Uint8Array; readonly spanId: Uint8Array }[];
  readonly status?: { readonly message?: string; readonly code?: number };
};
type RawRequest = {
  readonly resourceSpans?: readonly {
    readonly resource?: { readonly attributes?: readonly Pair[] };
    readonly schemaUrl?: string;
    readonly scopeSpans?: readonly {
      readonly scope?: { readonly name?: string };
      readonly schemaUrl?: string;
      readonly spans?: readonly RawSpan[];
    }[];
  }[];
};

const { root } = protobuf.parse(readFileSync(new URL('otlp.proto', import.meta.url), 'utf8'));
const request = root.lookupType('otlp.ExportTraceServiceRequest');
const response = root.lookupType('otlp.ExportTraceServiceResponse');

/** Decodes the body of a POST to /v1/traces; throws where it is no OTLP protobuf. */
export function decodeTraceRequest(body: Uint8Array): ReceivedSpan[] {
  const raw = request.toObject(request.decode(body), { longs: String }) as RawRequest;
  return (raw.resourceSpans ?? []).flatMap(({ resource, scopeSpans, schemaUrl: ofResource = '' }) => {
    const attributes = toRecord(resource?.attributes);
    return (scopeSpans ?? []).flatMap(({ scope, spans, schemaUrl: ofScope = '' }) => {
      const schemaUrls = [...new Set([ofResource, ofScope])];
      return (spans ?? []).map((span) => toSpan(span, { resource: attributes, scope: scope?.name ?? '', schemaUrls }));
    });
  });
}

/** The body of an answer; `rejected` spans were refused. */
export function encodeTraceResponse(rejected: number): Uint8Array {
  const partial = rejected === 0 ? {} : { partialSuccess: { rejectedSpans: rejected, errorMessage: 'too many' } };
  return response.encode(response.fromObject(partial)).finish();
}

function toSpan(span: RawSpan, origin: Pick<ReceivedSpan, 'resource' | 'scope' | 'schemaUrls'>): ReceivedSpan {
  return {
    traceId: hex(span.traceId),
    spanId: hex(span.spanId),
    parentSpanId: hex(span.parentSpanId),
    name: span.name,
    kind: span.kind === 1 ? 'internal' : span.kind === 3 ? 'client' : 'other',
    startMs: Number(BigInt(span.startTimeUnixNano) / 1000n) / 1000,
    endMs: Number(BigInt(span.endTimeUnixNano) / 1000n) / 1000,
    attributes: toRecord(span.attributes),
    links: (span.links ?? []).map((link) => ({ traceId: hex(link.traceId), spanId: hex(link.spanId) })),
    status: (['unset', 'ok', 'error'] as const)[span.status?.code ?? 0] ?? 'unset',
    statusMessage: span.status?.message ?? '',
    ...origin,
  };
}

function toRecord(pairs: readonly Pair[] | undefined): ReceivedAttributes {
  return Object.fromEntries((pairs ?? []).map(({ key, value = {} }) => [key, toValue(value)]));
}

function toValue({ arrayValue, ...scalar }: Value): Scalar | readonly Scalar[] {
  return arrayValue === undefined ? toScalar(scalar) : (arrayValue.values ?? []).map(toScalar);
}

function toScalar({ stringValue, boolValue, intValue, doubleValue }: Value): Scalar {
  return stringValue ?? boolValue ?? (intValue === undefined ? (doubleValue ?? '') : Number(intValue));
}

function hex(bytes: Uint8Array | undefined): string {
  return Buffer.from(bytes ?? []).toString('hex');
}
